/** Opens the store of voiceprints: by a passphrase, or by this browser's own key. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Secret } from "../../store/keys";
import { openVoiceStore } from "../../store/opening";
import { text } from "../../text/en";
import { Notice, type Problem, problemOf, Progress } from "../parts";
import { useServices } from "../services";
import { loadStoreKind, saveStoreKind, type StoreKind } from "../settings";

const words = text.speakers.unlock;

/** A form to unlock, or to choose how to. */
export function Unlock(): JSX.Element {
  const { changeStore } = useServices();
  const [kind] = useState<StoreKind>(loadStoreKind);
  const [passphrase, setPassphrase] = useState("");
  const [isOpening, setIsOpening] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const open = async (secret: Secret): Promise<void> => {
    setIsOpening(true);
    setProblem(null);
    try {
      const store = await openVoiceStore(secret, { create: true });
      saveStoreKind("device" in secret ? "device" : "passphrase");
      void navigator.storage?.persist?.(); // asks the browser to keep what nobody could make again
      changeStore(store);
    } catch (error) {
      setProblem(problemOf(error));
      setIsOpening(false);
    }
  };

  return (
    <div class="panel">
      <h2>{kind ? words.title : words.create}</h2>
      <p>{kind ? words.lead : words.createLead}</p>
      {problem ? <Notice problem={problem} /> : null}
      {isOpening ? <Progress label={words.open} share={null} /> : null}
      {kind !== "device" ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void open({ passphrase });
          }}
        >
          <label class="field">
            <span>{words.passphrase}</span>
            <input
              type="password"
              autocomplete={kind ? "current-password" : "new-password"}
              required
              value={passphrase}
              {...(kind ? {} : { "aria-describedby": "passphrase-hint" })}
              onInput={({ currentTarget }) => setPassphrase(currentTarget.value)}
            />
          </label>
          {kind ? null : (
            <p id="passphrase-hint" class="hint">
              {words.passphraseHint}
            </p>
          )}
          <button type="submit" class="primary" disabled={isOpening}>
            {kind ? words.open : words.use}
          </button>
        </form>
      ) : null}
      {kind !== "passphrase" ? (
        <div class="choice">
          <button type="button" class={kind ? "primary" : ""} disabled={isOpening} onClick={() => void open({ device: true })}>
            {kind ? words.openDevice : words.device}
          </button>
          <p class="hint">{words.deviceHint}</p>
        </div>
      ) : null}
    </div>
  );
}
