/** The live microphone: level, spectrogram, timeline, the label of the moment, and each segment once it is final. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { labelShares } from "../../core/quality/report";
import { type Label, LABELS, type Segment } from "../../core/values";
import { text } from "../../text/en";
import { clock, percent } from "../format";
import { Meter, Notice, Progress, ScreenTitle } from "../parts";
import { useServices } from "../services";
import { type ListeningState, useListening } from "./use-listening";

const FLOOR_DB = -70;
const MOST_ROWS = 12;
const ANNOUNCE_AFTER_MS = 1_000;

/** The screen. */
export function Listen(): JSX.Element {
  const spectrogram = useRef<HTMLCanvasElement>(null);
  const timeline = useRef<HTMLCanvasElement>(null);
  const { state, start, stop } = useListening({ spectrogram, timeline });
  const { store, prints } = useServices();
  const isOn = state.phase === "on";
  const words = text.listen;
  return (
    <section aria-labelledby="screen-title">
      <ScreenTitle title={words.title} lead={words.lead} />
      {state.problem ? <Notice problem={state.problem} onRetry={() => void start()} /> : null}
      <div class={`now ${isOn && state.now ? state.now : "none"}`}>
        <p class="now-label" data-testid="now">
          {isOn ? (state.now ? text.labels[state.now] : words.waiting) : words.idle}
        </p>
        <p class="now-facts">{isOn && state.now ? `${words.probability} ${state.score.toFixed(2)}` : "\u00a0"}</p>
        {prints.length ? <Speaker state={state} /> : null}
      </div>
      <Announcer label={isOn ? state.now : null} />
      <div class="scope">
        <canvas ref={spectrogram} class="spectrogram" role="img" aria-label={words.spectrogram} />
        <canvas ref={timeline} class="timeline" role="img" aria-label={words.timeline} />
      </div>
      <Legend />
      <div class="level-row">
        <span class="level-name">{words.level}</span>
        <Meter label={words.level} share={1 - state.levelDb / FLOOR_DB} words={`${state.levelDb.toFixed(0)} dBFS`} />
        <span class="level-value">{isOn ? `${state.levelDb.toFixed(0)} dBFS` : ""}</span>
      </div>
      <div class="actions">
        {state.phase === "opening" ? <Progress label={words.opening} share={null} /> : null}
        {isOn ? (
          <button type="button" class="primary stop" onClick={() => void stop()}>
            {words.stop}
          </button>
        ) : (
          <button type="button" class="primary" disabled={state.phase === "opening"} onClick={() => void start()}>
            {words.start}
          </button>
        )}
        {isOn ? (
          <span class="clock">
            {clock(state.heardS, 0)}
            <span class="facts" data-testid="delay">
              {state.delayS.toFixed(2)} s {words.delay}
            </span>
          </span>
        ) : null}
      </div>
      {store ? null : <p class="hint">{words.whoHint}</p>}
      <Segments segments={state.segments} />
    </section>
  );
}

function Speaker({ state }: { state: ListeningState }): JSX.Element {
  const { speaker } = state;
  const isKnown = speaker && speaker.label !== "unknown" && speaker.label !== "not enough speech";
  return (
    <p class="now-speaker" data-testid="speaker">
      {text.listen.speaker}: {speaker ? (isKnown ? `${speaker.label} (${speaker.score.toFixed(2)})` : text.listen.speakerUnknown) : "–"}
    </p>
  );
}

/** Reads the label out once it has lasted, so that a screen reader is not flooded. */
function Announcer({ label }: { label: Label | null }): JSX.Element {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(label ? text.labels[label] : ""), ANNOUNCE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [label]);
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );
}

/** What the colours mean. */
export function Legend(): JSX.Element {
  return (
    <ul class="legend">
      {LABELS.map((label) => (
        <li key={label}>
          <span class={`swatch ${label}`} />
          {text.labels[label]}
        </li>
      ))}
    </ul>
  );
}

function Segments({ segments }: { segments: readonly Segment[] }): JSX.Element {
  const words = text.listen;
  const shares = labelShares(segments);
  const shown = segments.slice(-MOST_ROWS).reverse();
  return (
    <div class="panel">
      <h2>{words.segments}</h2>
      {segments.length ? (
        <>
          <p class="facts">
            {words.shares}: {LABELS.map((label) => `${text.labels[label].toLowerCase()} ${percent(shares[label])}`).join(", ")}
          </p>
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.from}</th>
                <th scope="col">{words.to}</th>
                <th scope="col">{words.score}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((segment) => (
                <tr key={segment.startS}>
                  <th scope="row">
                    <span class={`swatch ${segment.label}`} />
                    {text.labels[segment.label]}
                  </th>
                  <td>{clock(segment.startS)}</td>
                  <td>{clock(segment.endS)}</td>
                  <td>{segment.score.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : (
        <p>{words.none}</p>
      )}
    </div>
  );
}
