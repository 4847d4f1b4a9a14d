/** Everybody enrolled, with what is known of them; renamed and forgotten here. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Voiceprint } from "../../core/speakers/voiceprint";
import { text } from "../../text/en";
import { Notice, type Problem, problemOf } from "../parts";
import { useServices } from "../services";

const words = text.speakers;

/** The list. */
export function PersonList({ onDone }: { onDone: (message: string) => void }): JSX.Element {
  const { prints } = useServices();
  const people = peopleOf(prints);
  return (
    <div class="panel">
      <h2>{words.people}</h2>
      {people.size ? (
        <ul class="people">
          {[...people].map(([name, own]) => (
            <Person key={name} name={name} prints={own} onDone={onDone} />
          ))}
        </ul>
      ) : (
        <p>{words.none}</p>
      )}
    </div>
  );
}

/** Return prints by person, in order of name. */
export function peopleOf(prints: readonly Voiceprint[]): Map<string, Voiceprint[]> {
  const people = new Map<string, Voiceprint[]>();
  const sorted = [...prints].sort((one, other) => one.person.localeCompare(other.person));
  for (const print of sorted) people.set(print.person, [...(people.get(print.person) ?? []), print]);
  return people;
}

type Doing = "rename" | "forget" | null;

function Person(props: { name: string; prints: readonly Voiceprint[]; onDone: (message: string) => void }): JSX.Element {
  const { store, refresh } = useServices();
  const [doing, setDoing] = useState<Doing>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { name, prints } = props;
  const speechS = prints.reduce((sum, print) => sum + print.speechS, 0);
  const genders = [...new Set(prints.flatMap(({ gender }) => (gender === null ? [] : [gender])))];

  const change = async (work: () => Promise<unknown>, message: string): Promise<void> => {
    try {
      await work();
      await refresh();
      setDoing(null);
      props.onDone(message);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };

  return (
    <li>
      <div class="person">
        <div>
          <strong>{name}</strong>
          <p class="facts">
            {words.recordings(prints.length)}, {words.ofSpeech(speechS.toFixed(1))}, {words.agreed(prints[0].consentAt.slice(0, 10))}
          </p>
          <p class="facts">{prints[0].purpose}</p>
          {genders.length ? <p class="facts">{genders.map(words.sounds).join(", ")}</p> : null}
        </div>
        <div class="person-actions">
          <button type="button" aria-label={`${words.rename} ${name}`} onClick={() => setDoing("rename")}>
            {words.rename}
          </button>
          <button type="button" class="danger" aria-label={`${words.forget} ${name}`} onClick={() => setDoing("forget")}>
            {words.forget}
          </button>
        </div>
      </div>
      {problem ? <Notice problem={problem} /> : null}
      {doing === "rename" ? (
        <Rename name={name} onCancel={() => setDoing(null)} onName={(to) => void change(async () => store?.rename(name, to), words.renamed(to))} />
      ) : null}
      {doing === "forget" ? (
        <div class="confirm" role="alert">
          <p>{words.forgetSure(name)}</p>
          <div class="actions">
            <button type="button" class="danger" onClick={() => void change(async () => store?.forget(name), words.forgotten(name))}>
              {words.forget}
            </button>
            <button type="button" onClick={() => setDoing(null)}>
              {text.cancel}
            </button>
          </div>
        </div>
      ) : null}
    </li>
  );
}

function Rename(props: { name: string; onName: (name: string) => void; onCancel: () => void }): JSX.Element {
  const [name, setName] = useState(props.name);
  return (
    <form
      class="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        props.onName(name.trim());
      }}
    >
      <label class="field">
        <span>{words.renameTo(props.name)}</span>
        <input type="text" required maxLength={200} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <div class="actions">
        <button type="submit" class="primary">
          {words.save}
        </button>
        <button type="button" onClick={props.onCancel}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
