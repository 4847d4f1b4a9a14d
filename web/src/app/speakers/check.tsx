/** Comparing a voice with one person, or with everybody. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { decodeFile } from "../../audio/decoding";
import type { Recording } from "../../core/audio/audio";
import { ACCEPTED, NOT_ENOUGH, REJECTED, UNKNOWN } from "../../core/speakers/deciding";
import type { Decision } from "../../core/values";
import { text } from "../../text/en";
import { Notice, type Problem, problemOf, Progress, Reasons } from "../parts";
import { useServices } from "../services";
import { FilePick } from "./file-pick";
import { peopleOf } from "./person-list";
import { useRecording } from "./recording";
import { SpeechMeter } from "./speech-meter";

const words = text.speakers.check;
const AIM_S = 3;
const EVERYBODY = "";

interface Answer {
  /** Who was claimed; null if everybody was asked about. */
  readonly claimed: string | null;
  readonly decision: Decision;
}

/** The panel. */
export function Check(): JSX.Element {
  const { engine, prints, settings } = useServices();
  const [claimed, setClaimed] = useState(EVERYBODY);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { state, start, stop } = useRecording();
  const names = [...peopleOf(prints).keys()];
  const person = names.includes(claimed) ? claimed : EVERYBODY;
  // A voice's gender is only told where it can be compared with one that was noted.
  const withGender = settings.gender && prints.some(({ gender }) => gender !== null);

  const compare = async (sound: () => Promise<Recording | null>): Promise<void> => {
    setIsWorking(true);
    setProblem(null);
    setAnswer(null);
    try {
      const recording = await sound();
      if (recording) {
        const speech = await engine.call("speech", { recording, withGender });
        const decision = person
          ? await engine.call("verify", { person, prints: prints.filter((print) => print.person === person), speech })
          : await engine.call("identify", { prints, speech });
        setAnswer({ claimed: person || null, decision });
      }
    } catch (error) {
      setProblem(problemOf(error));
    }
    setIsWorking(false);
  };

  const isOn = state.phase === "on";
  return (
    <div class="panel">
      <h2>{words.title}</h2>
      <p>{words.lead}</p>
      <label class="field">
        <span>{words.claim}</span>
        <select value={person} onChange={({ currentTarget }) => setClaimed(currentTarget.value)}>
          <option value={EVERYBODY}>{words.everybody}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {isOn ? <SpeechMeter state={state} aimS={AIM_S} /> : null}
      {state.problem ? <Notice problem={state.problem} onRetry={() => void start()} /> : null}
      {problem ? <Notice problem={problem} /> : null}
      {isWorking ? <Progress label={text.speakers.enroll.working} share={null} /> : null}
      <div class="actions">
        {isOn ? (
          <button type="button" class="primary stop" onClick={() => void compare(stop)}>
            {words.stop}
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={isWorking || state.phase === "opening"}
            onClick={() => {
              setAnswer(null);
              void start();
            }}
          >
            {words.record}
          </button>
        )}
        <FilePick label={words.file} isOff={isOn || isWorking} onFile={(file) => void compare(() => decodeFile(file))} />
      </div>
      {answer ? <AnswerView answer={answer} /> : null}
      <p class="hint">{words.caveat}</p>
    </div>
  );
}

function AnswerView({ answer: { claimed, decision } }: { answer: Answer }): JSX.Element {
  const isFound = decision.label === ACCEPTED || (claimed === null && decision.label !== UNKNOWN && decision.label !== NOT_ENOUGH);
  return (
    <div class={isFound ? "verdict answer yes" : "verdict answer"} role="status">
      <p>
        <strong data-testid="answer">{headline(claimed, decision.label)}</strong>
      </p>
      {decision.label === NOT_ENOUGH ? null : (
        <p class="facts">
          {words.score} {decision.score.toFixed(3)}, {words.needed} {decision.threshold.toFixed(3)}
        </p>
      )}
      <Reasons reasons={decision.reasons} />
    </div>
  );
}

function headline(claimed: string | null, label: string): string {
  if (label === NOT_ENOUGH) return words.notEnough;
  if (claimed !== null) return label === REJECTED ? words.rejected(claimed) : words.accepted(claimed);
  return label === UNKNOWN ? words.unknown : words.identified(label);
}
