/** How much speech a recording holds by now, and whether its level is right. */

import type { JSX } from "preact";
import { GOOD_SPEECH_S } from "../../core/speakers/enrolling";
import { text } from "../../text/en";
import { Meter } from "../parts";
import type { RecordingState } from "./recording";

const words = text.speakers.enroll;
const QUIET_DB = -50;
const LOUD_DB = -6;

/** A bar that fills up to `aimS`, and a hint on the level below it. */
export function SpeechMeter({ state, soFarS = 0, aimS = GOOD_SPEECH_S }: { state: RecordingState; soFarS?: number; aimS?: number }): JSX.Element {
  const speechS = soFarS + state.speechS;
  const inWords = words.meterText(speechS.toFixed(1), aimS);
  return (
    <div class="speech-meter">
      <div class="level-row">
        <span class="level-name">{words.meter}</span>
        <Meter label={words.meter} share={speechS / aimS} words={inWords} isGood={speechS >= aimS} />
        <span class="level-value" data-testid="speech">
          {speechS.toFixed(1)} s
        </span>
      </div>
      <p class="hint">
        {inWords}. {state.phase === "on" ? levelHint(state.levelDb) : ""}
      </p>
    </div>
  );
}

function levelHint(levelDb: number): string {
  if (levelDb > LOUD_DB) return words.tooLoud;
  return levelDb < QUIET_DB ? words.tooQuiet : words.good;
}
