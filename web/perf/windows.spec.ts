/** Each shipped model on the windows that the Python side wrote: what it gives, and how long one takes. */

import { test } from "@playwright/test";
import { firstPage, hand, open, setting } from "./browser";
import type { Asked, Found } from "./windows-worker";

test("windows", async () => {
  const asked: Asked = { threads: Number(setting("THREADS")), rounds: Number(setting("ROUNDS")) };
  const context = await open({});
  const page = await firstPage(context);
  await page.goto("./");
  hand(await page.evaluate(askWorker, asked));
  await context.close();
});

/** Runs in the page. */
function askWorker(asked: Asked): Promise<Found> {
  const worker = new Worker("perf/windows-worker.js");
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Found | { failed: string }>) => {
      if ("failed" in data) reject(new Error(data.failed));
      else resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(asked);
  });
}
