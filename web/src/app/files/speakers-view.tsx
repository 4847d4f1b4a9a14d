/** Who speaks when: each speaker with a colour and a time, then the turns. */

import type { JSX } from "preact";
import { type Report, speakerTimesS } from "../../core/report/report";
import { text } from "../../text/en";
import { speakerColour } from "../colours";
import { clock, seconds } from "../format";

const MOST_ROWS = 40;
const words = text.files;

/** The speakers of a report; nothing where they were not asked for. */
export function SpeakersView({ report }: { report: Report }): JSX.Element | null {
  const turns = report.speakers;
  if (!turns) return null;
  if (!turns.length) return <p>{words.nobody}</p>;
  const times = speakerTimesS(turns);
  const names = [...times.keys()];
  return (
    <>
      <h3>
        {words.speakers}: {times.size}, {words.turns(turns.length)}
      </h3>
      <ul class="legend" data-testid="speakers">
        {[...times].map(([name, spokenS]) => (
          <li key={name}>
            <Swatch place={names.indexOf(name)} />
            {name}, {seconds(spokenS)}
          </li>
        ))}
      </ul>
      <div class="scrolls" tabIndex={0} role="region" aria-label={words.speakers}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col" class="name">
                {words.speaker}
              </th>
              {[words.start, words.end, words.score].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {turns.slice(0, MOST_ROWS).map((turn, k) => (
              <tr key={turn.startS}>
                <th scope="row">{k + 1}</th>
                <td class="name">
                  <Swatch place={names.indexOf(turn.speaker)} />
                  {turn.speaker}
                </td>
                <td>{clock(turn.startS)}</td>
                <td>{clock(turn.endS)}</td>
                <td>{turn.score.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {turns.length > MOST_ROWS ? (
        <p class="facts">
          {turns.length - MOST_ROWS} {words.more}
        </p>
      ) : null}
    </>
  );
}

function Swatch({ place }: { place: number }): JSX.Element {
  return <span class="swatch" style={{ background: speakerColour(place) }} />;
}
