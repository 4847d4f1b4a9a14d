/** How much this page keeps, and how all of it is erased. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { deleteVoiceStore } from "../../store/opening";
import { text } from "../../text/en";
import { megabytes } from "../format";
import { Message, Notice, type Problem, problemOf } from "../parts";
import { useServices } from "../services";
import { ALL_OFF, saveStoreKind } from "../settings";

const words = text.about;

/** The panel. */
export function StoragePanel(): JSX.Element {
  const { changeStore, changeSettings } = useServices();
  const [bytes, setBytes] = useState<number | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const [isErased, setIsErased] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => void usedBytes().then(setBytes), [isErased]);

  const erase = async (): Promise<void> => {
    try {
      changeStore(null);
      changeSettings(ALL_OFF);
      await eraseAll();
      setIsErased(true);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setIsAsking(false);
  };

  return (
    <div class="panel">
      <h2>{words.storage}</h2>
      <p>{bytes === null ? words.storageUnknown : words.storageUsed(megabytes(bytes))}</p>
      <p class="hint">{words.eraseLead}</p>
      {problem ? <Notice problem={problem} /> : null}
      {isErased ? <Message>{words.erased}</Message> : null}
      {isAsking ? (
        <div class="confirm" role="alert">
          <p>{words.eraseSure}</p>
          <div class="actions">
            <button type="button" class="danger" onClick={() => void erase()}>
              {words.eraseDo}
            </button>
            <button type="button" onClick={() => setIsAsking(false)}>
              {text.cancel}
            </button>
          </div>
        </div>
      ) : (
        <button
          type="button"
          class="danger"
          onClick={() => {
            setIsErased(false);
            setIsAsking(true);
          }}
        >
          {words.erase}
        </button>
      )}
    </div>
  );
}

/** Remove the voiceprints with their keys, the settings, the cached files and what serves them. */
async function eraseAll(): Promise<void> {
  await deleteVoiceStore();
  saveStoreKind(null);
  localStorage.clear();
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}

async function usedBytes(): Promise<number | null> {
  const storage = navigator.storage as StorageManager | undefined;
  return (await storage?.estimate?.())?.usage ?? null;
}
