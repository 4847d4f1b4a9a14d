/** Whether speakers are told apart, and how many there are if that is known. */

import type { JSX } from "preact";
import { MOST_SPEAKERS } from "../../core/turns/diarization";
import { text } from "../../text/en";
import { useServices } from "../services";

const words = text.files.who;

/** A switch that lasts, and a number that does not. */
export function SpeakerChoice(props: { nSpeakers: number | null; onChange: (nSpeakers: number | null) => void }): JSX.Element {
  const { settings, changeSettings, prints } = useServices();
  return (
    <div class="panel">
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={settings.speakers}
          aria-describedby="who-hint"
          onChange={({ currentTarget }) => changeSettings({ ...settings, speakers: currentTarget.checked })}
        />
        <span>{words.title}</span>
      </label>
      <p id="who-hint" class="hint">
        {words.hint} {prints.length ? words.known : words.unlock}
      </p>
      {settings.speakers ? (
        <label class="field">
          <span>{words.number}</span>
          <select
            value={props.nSpeakers ?? ""}
            onChange={({ currentTarget }) => props.onChange(Number(currentTarget.value) || null)}
          >
            <option value="">{words.findOut}</option>
            {Array.from({ length: MOST_SPEAKERS }, (_, k) => (
              <option key={k} value={k + 1}>
                {k + 1}
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </div>
  );
}
