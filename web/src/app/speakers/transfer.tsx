/** Export and import of all voiceprints, in the container that every client of voxlite reads. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { text } from "../../text/en";
import { download, Notice, type Problem, problemOf, Progress } from "../parts";
import { useServices } from "../services";
import { FilePick } from "./file-pick";

const words = text.speakers.transfer;

/** The panel. */
export function Transfer({ onDone }: { onDone: (message: string) => void }): JSX.Element {
  const { store, prints, refresh } = useServices();
  const [passphrase, setPassphrase] = useState("");
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const work = async (job: () => Promise<string>): Promise<void> => {
    setIsWorking(true);
    setProblem(null);
    try {
      onDone(await job());
      setPassphrase("");
    } catch (error) {
      setProblem(problemOf(error));
    }
    setIsWorking(false);
  };
  const take = (file: File): Promise<void> =>
    work(async () => {
      if (!store) return "";
      const { nAdded } = await store.importVoices(new Uint8Array(await file.arrayBuffer()), passphrase, file.name);
      await refresh();
      return words.imported(nAdded);
    });
  const give = (): Promise<void> =>
    work(async () => {
      if (!store) return "";
      download("voices.voxlite", await store.exportVoices(passphrase), "application/json");
      return words.exported;
    });

  return (
    <details class="panel">
      <summary>{words.title}</summary>
      <p>{words.lead}</p>
      {problem ? <Notice problem={problem} /> : null}
      {isWorking ? <Progress label={words.title} share={null} /> : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void give();
        }}
      >
        <label class="field">
          <span>{words.passphrase}</span>
          <input type="password" autocomplete="off" required value={passphrase} onInput={({ currentTarget }) => setPassphrase(currentTarget.value)} />
        </label>
        <div class="actions">
          <button type="submit" disabled={isWorking || !prints.length || !passphrase}>
            {words.export}
          </button>
          <FilePick label={words.import} isOff={isWorking || !passphrase} accept="*" onFile={(file) => void take(file)} />
        </div>
        {prints.length ? null : <p class="hint">{words.nothing}</p>}
      </form>
    </details>
  );
}
