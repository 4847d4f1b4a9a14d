/** What this is, what it may do, what it runs on, and how to be rid of it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { EngineFacts } from "../../engine/protocol";
import { text } from "../../text/en";
import { megabytes } from "../format";
import { Notice, type Problem, problemOf, Progress, ScreenTitle } from "../parts";
import { useServices } from "../services";
import { StoragePanel } from "./storage-panel";

const words = text.about;

/** The screen. */
export function About(): JSX.Element {
  return (
    <section aria-labelledby="screen-title">
      <ScreenTitle title={words.title} lead={words.lead} />
      <div class="panel">
        <h2>{words.privacy}</h2>
        <ul>
          {words.privacyItems.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      </div>
      <TraitSettings />
      <ModelsPanel />
      <StoragePanel />
      <p class="hint">{words.source}</p>
    </section>
  );
}

function TraitSettings(): JSX.Element {
  const { settings, changeSettings } = useServices();
  const switches = [
    { task: "gender", label: words.gender, caveats: words.genderCaveats },
    { task: "mood", label: words.mood, caveats: words.moodCaveats },
  ] as const;
  return (
    <div class="panel">
      <h2>{words.settings}</h2>
      <p>{words.settingsLead}</p>
      {switches.map(({ task, label, caveats }) => (
        <div key={task} class="setting">
          <label class="check">
            <input
              type="checkbox"
              role="switch"
              checked={settings[task]}
              aria-describedby={`${task}-caveats`}
              onChange={({ currentTarget }) => changeSettings({ ...settings, [task]: currentTarget.checked })}
            />
            <span>{label}</span>
          </label>
          <div id={`${task}-caveats`} class="caveats">
            {caveats.map((caveat) => (
              <p key={caveat}>{caveat}</p>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

function ModelsPanel(): JSX.Element {
  const { engine } = useServices();
  const [facts, setFacts] = useState<EngineFacts | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    engine.call("prepare", { tasks: [] }).then(setFacts, (error: unknown) => setProblem(problemOf(error)));
  }, [engine]);
  return (
    <div class="panel">
      <h2>{words.models}</h2>
      {problem ? <Notice problem={problem} /> : null}
      {facts ? <ModelTable facts={facts} /> : problem ? null : <Progress label={text.loading} share={null} />}
    </div>
  );
}

function ModelTable({ facts }: { facts: EngineFacts }): JSX.Element {
  return (
    <>
      <p class="facts">
        {words.version} {facts.version}. {words.engine}: {words.variants[facts.variant]}, {words.threads(facts.threads)}.
      </p>
      <div class="scrolls" tabIndex={0} role="region" aria-label={words.models}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.task}</th>
              <th scope="col">{words.model}</th>
              <th scope="col">{words.licence}</th>
              <th scope="col">{words.card}</th>
            </tr>
          </thead>
          <tbody>
            {facts.models.filter(({ isUsed }) => isUsed).map((entry) => (
              <tr key={entry.file.path}>
                <th scope="row">{entry.task}</th>
                <td>
                  {entry.name} {entry.version}, {megabytes(entry.file.bytes)}
                </td>
                <td>{entry.licence}</td>
                <td>{entry.card ? <a href={`models/${entry.card.path}`} aria-label={`${words.card}: ${entry.task}`}>{words.card}</a> : null}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
