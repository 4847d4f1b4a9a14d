/** A report as `voxlite analyze` shows it: what it is, the picture, the verdict, the speakers, the segments, the quality. */

import type { JSX } from "preact";
import { labelShares } from "../../core/quality/report";
import type { Report } from "../../core/report/report";
import { reportJson } from "../../core/report/report";
import { type Decision, durationS, LABELS, type Trait } from "../../core/values";
import type { Analysed } from "../../engine/protocol";
import { text } from "../../text/en";
import { clock, grouped, percent, seconds } from "../format";
import { Legend } from "../listen/listen";
import { download, Reasons } from "../parts";
import { PictureView } from "./picture-view";
import { QualityView } from "./quality-view";
import { SpeakersView } from "./speakers-view";

const MOST_ROWS = 40;
const words = text.files;

/** The report. */
export function ReportView({ analysed }: { analysed: Analysed }): JSX.Element {
  const { report, picture } = analysed;
  const name = report.source ?? "";
  return (
    <>
      <h2 class="file-name">{name}</h2>
      <p class="facts">
        {clock(report.durationS)}, {grouped(report.rateHz)} Hz, {words.channels(report.channels)}
      </p>
      {report.voice ? <Verdict decision={report.voice} /> : null}
      <PictureView picture={picture} segments={report.segments} turns={report.speakers ?? []} durationS={report.durationS} />
      <Legend />
      <Shares report={report} />
      <SpeakersView report={report} />
      <VoiceSegments report={report} />
      {report.traits.length ? (
        <>
          <h3>{words.traits}</h3>
          {report.traits.map((trait) => (
            <TraitLine key={trait.task} trait={trait} />
          ))}
        </>
      ) : null}
      {report.quality ? <QualityView quality={report.quality} /> : null}
      <div class="actions">
        <button type="button" onClick={() => download(`${name}.voxlite.json`, reportJson(report), "application/json")}>
          {words.json}
        </button>
      </div>
    </>
  );
}

function Verdict({ decision }: { decision: Decision }): JSX.Element {
  const heard = decision.evidenceS < 60 ? `${decision.evidenceS.toFixed(1)} s` : clock(decision.evidenceS, 0);
  return (
    <div class="verdict" role="status">
      <p>
        <span class="verdict-name">{words.verdict}: </span>
        <strong class={decision.label === "voice" ? "found" : ""} data-testid="verdict">
          {decision.label}
        </strong>
      </p>
      <p class="facts">
        {words.probability} {decision.score.toFixed(2)}, {words.threshold} {decision.threshold.toFixed(2)}, {heard}{" "}
        {words.fromSound}
      </p>
      <Reasons reasons={decision.reasons} />
    </div>
  );
}

function Shares({ report }: { report: Report }): JSX.Element | null {
  if (!report.segments.length) return null;
  const shares = labelShares(report.segments);
  return <p class="facts">{LABELS.map((label) => `${text.labels[label].toLowerCase()} ${percent(shares[label])}`).join(", ")}</p>;
}

function VoiceSegments({ report }: { report: Report }): JSX.Element {
  const voiced = report.segments.filter((segment) => segment.label === "voice");
  if (!voiced.length) return <p>{words.noSegments}</p>;
  const totalS = voiced.reduce((sum, segment) => sum + durationS(segment), 0);
  return (
    <>
      <h3>
        {words.segments}: {voiced.length}, {seconds(totalS)}
      </h3>
      <div class="scrolls" tabIndex={0} role="region" aria-label={words.segments}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{words.start}</th>
              <th scope="col">{words.end}</th>
              <th scope="col">{words.length}</th>
              <th scope="col">{words.score}</th>
              {report.traits.map(({ task }) => (
                <th key={task} scope="col">
                  {task}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {voiced.slice(0, MOST_ROWS).map((segment, k) => (
              <tr key={segment.startS}>
                <th scope="row">{k + 1}</th>
                <td>{clock(segment.startS)}</td>
                <td>{clock(segment.endS)}</td>
                <td>{durationS(segment).toFixed(2)} s</td>
                <td>{segment.score.toFixed(2)}</td>
                {report.traits.map((trait) => (
                  <td key={trait.task}>{traitAt(trait, segment.startS)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {voiced.length > MOST_ROWS ? (
        <p class="facts">
          {voiced.length - MOST_ROWS} {words.more}
        </p>
      ) : null}
    </>
  );
}

function traitAt(trait: Trait, startS: number): string {
  return trait.segments.find((part) => part.startS <= startS + 1e-6 && startS < part.endS)?.label ?? "";
}

function TraitLine({ trait }: { trait: Trait }): JSX.Element {
  const ranked = Object.entries(trait.scores).sort(([, one], [, other]) => other - one);
  const facts = [...ranked, ...Object.entries(trait.figures)].map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return (
    <div class="verdict" data-testid={`trait-${trait.task}`}>
      <p>
        {trait.task[0].toUpperCase() + trait.task.slice(1)}: <strong>{trait.decision.label}</strong>
      </p>
      <p class="facts">
        {facts.join(", ")}, {trait.decision.evidenceS.toFixed(1)} s {words.fromSpeech}
      </p>
      <Reasons reasons={trait.decision.reasons} />
    </div>
  );
}
