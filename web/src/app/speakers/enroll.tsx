/** Enrolling somebody: who, what for, their consent, recordings with enough speech. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { decodeFile } from "../../audio/decoding";
import type { Recording } from "../../core/audio/audio";
import { GOOD_SPEECH_S, LEAST_SPEECH_S, type Take } from "../../core/speakers/enrolling";
import { text } from "../../text/en";
import { Notice, type Problem, problemOf, Progress } from "../parts";
import { useServices } from "../services";
import { FilePick } from "./file-pick";
import { useRecording } from "./recording";
import { SpeechMeter } from "./speech-meter";

const words = text.speakers.enroll;

/** The form; what is recorded is forgotten when it closes. */
export function Enroll({ onClose, onDone }: { onClose: () => void; onDone: (lines: readonly string[]) => void }): JSX.Element {
  const { engine, store, prints, refresh, settings } = useServices();
  const [name, setName] = useState("");
  const [purpose, setPurpose] = useState(words.purposeDefault);
  const [consentAt, setConsentAt] = useState<Date | null>(null);
  const [notesGender, setNotesGender] = useState(false);
  const [takes, setTakes] = useState<readonly Take[]>([]);
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { state, start, stop } = useRecording();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const speechS = takes.reduce((sum, take) => sum + take.speech.speechS, 0);

  const noteGender = (isOn: boolean): void => {
    setNotesGender(isOn);
    if (isOn) setConsentAt(null); // what is agreed to has grown
  };
  const hear = async (of: string, recording: Recording): Promise<void> => {
    const speech = await engine.call("speech", { recording, withGender: notesGender });
    setTakes((before) => [...before, { name: of, speech }]);
  };
  const work = async (job: () => Promise<void>): Promise<void> => {
    setIsWorking(true);
    setProblem(null);
    try {
      await job();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setIsWorking(false);
  };
  const finishTake = (): Promise<void> =>
    work(async () => {
      const recording = await stop();
      if (recording) await hear(words.take(takes.length + 1), recording);
    });
  const finish = (): Promise<void> =>
    work(async () => {
      if (!store || !consentAt) return;
      const known = name.trim().normalize("NFC");
      const earlier = prints.filter((print) => print.person === known);
      const terms = { consentAt, purpose, enrolledAt: new Date(), source: "browser" };
      const kept = notesGender ? takes : takes.map(withoutGender); // it may have been unticked since
      const made = await engine.call("enroll", { name, takes: kept, earlier, terms });
      await store.enroll(made.prints);
      await refresh();
      onDone([words.done(made.person), ...made.warnings]);
    });

  const isReady = consentAt !== null && name.trim() !== "" && purpose.trim() !== "";
  const isOn = state.phase === "on";
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        void finish();
      }}
    >
      <h2 ref={title} tabIndex={-1}>
        {words.title}
      </h2>
      <label class="field">
        <span>{words.name}</span>
        <input type="text" required maxLength={200} autocomplete="off" value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <label class="field">
        <span>{words.purpose}</span>
        <input type="text" required maxLength={1000} value={purpose} aria-describedby="purpose-hint" onInput={({ currentTarget }) => setPurpose(currentTarget.value)} />
      </label>
      <p id="purpose-hint" class="hint">
        {words.purposeHint}
      </p>
      {settings.gender ? <GenderChoice isOn={notesGender} onChange={noteGender} /> : null}
      <h3>{words.consentTitle}</h3>
      <p>
        {words.consent} {notesGender ? words.consentGender : null}
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={consentAt !== null}
          onChange={({ currentTarget }) => setConsentAt(currentTarget.checked ? new Date() : null)}
        />
        <span>{words.agree}</span>
      </label>
      {isReady ? (
        <>
          <blockquote class="script">{words.script}</blockquote>
          <SpeechMeter state={state} soFarS={speechS} />
          {speechS >= GOOD_SPEECH_S ? <p class="hint">{words.enough}</p> : null}
        </>
      ) : null}
      {state.problem ? <Notice problem={state.problem} onRetry={() => void start()} /> : null}
      {problem ? <Notice problem={problem} /> : null}
      {isWorking ? <Progress label={words.working} share={null} /> : null}
      <Takes takes={takes} showsGender={notesGender} onRemove={(gone) => setTakes(takes.filter((take) => take !== gone))} />
      <div class="actions">
        {isOn ? (
          <button type="button" class="primary stop" onClick={() => void finishTake()}>
            {words.stop}
          </button>
        ) : (
          <button type="button" class={takes.length ? "" : "primary"} disabled={!isReady || isWorking || state.phase === "opening"} onClick={() => void start()}>
            {takes.length ? words.recordMore : words.record}
          </button>
        )}
        <FilePick
          label={words.addFile}
          isOff={!isReady || isWorking || isOn}
          onFile={(file) => void work(async () => hear(file.name, await decodeFile(file)))}
        />
        <button type="submit" class={takes.length ? "primary" : ""} disabled={!isReady || isWorking || isOn || speechS < LEAST_SPEECH_S}>
          {words.finish}
        </button>
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
      </div>
      {speechS < LEAST_SPEECH_S ? <p class="hint">{words.least(LEAST_SPEECH_S)}</p> : null}
    </form>
  );
}

function GenderChoice({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }): JSX.Element {
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={isOn} aria-describedby="gender-hint" onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
        <span>{words.noteGender}</span>
      </label>
      <p id="gender-hint" class="hint">
        {words.noteGenderHint}
      </p>
    </>
  );
}

function withoutGender(take: Take): Take {
  return { ...take, speech: { ...take.speech, gender: null } };
}

function Takes(props: { takes: readonly Take[]; showsGender: boolean; onRemove: (take: Take) => void }): JSX.Element | null {
  const { takes, showsGender, onRemove } = props;
  if (!takes.length) return null;
  return (
    <>
      <h3>{words.takes}</h3>
      <ul class="takes">
        {takes.map((take) => (
          <li key={take.name}>
            <span>
              {take.name}: {text.speakers.ofSpeech(take.speech.speechS.toFixed(1))}
              {showsGender && take.speech.gender ? <span class="facts">{text.speakers.sounds(take.speech.gender)}</span> : null}
              {take.speech.remarks.map((remark) => (
                <span key={remark} class="facts">
                  {remark}
                </span>
              ))}
            </span>
            <button type="button" aria-label={`${words.remove} ${take.name}`} onClick={() => onRemove(take)}>
              {words.remove}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
