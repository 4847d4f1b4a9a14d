/** Recordings from files: dropped or picked, analysed one after the other, each with its report. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { decodeFile } from "../../audio/decoding";
import { isCancelled } from "../../engine/client";
import type { Analysed } from "../../engine/protocol";
import { text } from "../../text/en";
import { Notice, type Problem, problemOf, Progress, ScreenTitle } from "../parts";
import { useServices } from "../services";
import { DropZone } from "./drop-zone";
import { ReportView } from "./report-view";
import { SpeakerChoice } from "./speaker-choice";

interface Done {
  readonly id: number;
  readonly name: string;
  readonly result: Analysed | Problem;
}

interface Work {
  readonly name: string;
  readonly label: string;
  readonly share: number | null;
}

/** The screen. */
export function Files(): JSX.Element {
  const { engine, settings, prints } = useServices();
  const [done, setDone] = useState<readonly Done[]>([]);
  const [work, setWork] = useState<Work | null>(null);
  const [nSpeakers, setNSpeakers] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  const lastId = useRef(0);
  useEffect(() => () => abort.current?.abort(), []);

  const analyse = async (name: string, file: File, signal: AbortSignal): Promise<Analysed | Problem> => {
    setWork({ name, label: text.files.decoding, share: null });
    let recording;
    try {
      recording = await decodeFile(file);
    } catch (error) {
      return { ...text.cures.undecodable, detail: error instanceof Error ? error.message : String(error) };
    }
    const traits = (["gender", "mood"] as const).filter((task) => settings[task]);
    const speakers = settings.speakers ? { prints, nSpeakers } : null;
    return engine.call("analyse", { recording, source: name, speakers, traits }, {
      signal,
      onProgress: ({ stage, share }) => {
        const label = stage === "models" ? text.loading : text.files.analysing;
        setWork({ name, label, share: stage === "models" ? null : share });
      },
    });
  };

  const take = async (files: readonly File[]): Promise<void> => {
    const own = new AbortController();
    abort.current?.abort();
    abort.current = own;
    for (const file of files) {
      try {
        const result = await analyse(file.name, file, own.signal);
        const entry = { id: ++lastId.current, name: file.name, result };
        if (!own.signal.aborted) setDone((before) => [entry, ...before]);
      } catch (error) {
        if (isCancelled(error)) break;
        const entry = { id: ++lastId.current, name: file.name, result: problemOf(error) };
        setDone((before) => [entry, ...before]);
      }
      if (own.signal.aborted) break;
    }
    if (abort.current === own) setWork(null);
  };

  return (
    <section aria-labelledby="screen-title">
      <ScreenTitle title={text.files.title} lead={text.files.lead} />
      <SpeakerChoice nSpeakers={nSpeakers} onChange={setNSpeakers} />
      <DropZone onFiles={(files) => void take(files)} />
      {work ? (
        <div class="panel">
          <Progress label={`${work.label}: ${work.name}`} share={work.share} />
          <button
            type="button"
            onClick={() => {
              abort.current?.abort();
              setWork(null);
            }}
          >
            {text.cancel}
          </button>
        </div>
      ) : null}
      {done.map(({ id, name, result }) => (
        <article key={id} class="panel report" aria-label={name}>
          {"report" in result ? (
            <ReportView analysed={result} />
          ) : (
            <>
              <h2>{name}</h2>
              <Notice problem={result} />
            </>
          )}
        </article>
      ))}
    </section>
  );
}
