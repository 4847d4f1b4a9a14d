/** People whose voices are recognised: unlocked first, then listed, enrolled, compared and moved. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { text } from "../../text/en";
import { Message, ScreenTitle } from "../parts";
import { useServices } from "../services";
import { Check } from "./check";
import { Enroll } from "./enroll";
import { PersonList } from "./person-list";
import { Transfer } from "./transfer";
import { Unlock } from "./unlock";

const words = text.speakers;

/** The screen. */
export function Speakers(): JSX.Element {
  const { store, changeStore, prints } = useServices();
  const [isEnrolling, setIsEnrolling] = useState(false);
  const [message, setMessage] = useState<readonly string[]>([]);
  return (
    <section aria-labelledby="screen-title">
      <ScreenTitle title={words.title} lead={words.lead} />
      {store ? (
        <>
          {message.length ? (
            <Message key={message.join()}>
              {message.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </Message>
          ) : null}
          <PersonList onDone={(line) => setMessage([line])} />
          {isEnrolling ? (
            <Enroll
              onClose={() => setIsEnrolling(false)}
              onDone={(lines) => {
                setMessage(lines);
                setIsEnrolling(false);
              }}
            />
          ) : (
            <div class="actions">
              <button
                type="button"
                class="primary"
                onClick={() => {
                  setMessage([]);
                  setIsEnrolling(true);
                }}
              >
                {words.enroll.open}
              </button>
              <button type="button" onClick={() => changeStore(null)}>
                {words.unlock.lock}
              </button>
            </div>
          )}
          {prints.length && !isEnrolling ? <Check /> : null}
          {isEnrolling ? null : <Transfer onDone={(line) => setMessage([line])} />}
        </>
      ) : (
        <Unlock />
      )}
    </section>
  );
}
