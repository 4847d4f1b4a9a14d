/** Tells that a new version waits, and lets it take over. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { text } from "../text/en";

/** The bar; nothing while there is no new version. */
export function UpdateBar(): JSX.Element | null {
  const [waiting, setWaiting] = useState<ServiceWorker | null>(null);
  useEffect(() => watchForUpdates(setWaiting), []);
  if (!waiting) return null;
  return (
    <div class="notice update" role="status">
      <span>{text.update.ready}</span>
      <button type="button" onClick={() => takeOver(waiting)}>
        {text.update.use}
      </button>
    </div>
  );
}

/** Register the service worker where there can be one, and tell of each version that waits. */
function watchForUpdates(onWaiting: (worker: ServiceWorker) => void): () => void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!container || import.meta.env.DEV) return () => undefined;
  let gone = false;
  void container
    .register("./sw.js")
    .then((registration) => {
      const look = (): void => {
        const { waiting } = registration;
        if (waiting && container.controller && !gone) onWaiting(waiting);
      };
      look();
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", look);
      });
    })
    .catch(() => undefined); // a private window may forbid it: the page works, but not without a network
  return () => (gone = true);
}

function takeOver(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("take over");
}
