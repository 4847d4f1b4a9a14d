/** What a visit loads, and how long it takes until the page can be used and until the models can answer. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, test } from "@playwright/test";
import { firstPage, hand, open, setting } from "./browser";

/** Loading the runner and a model, or all models, as the page's own engine does. */
type Prepared = { readonly voice_ms: number; readonly all_ms: number };

/** One visit, in a browser that was not running before. */
interface Visit extends Prepared {
  /** From the navigation to the first button. */
  readonly shown_ms: number;
  /** Bytes of the bodies that the server sent, by path. */
  readonly sent: Readonly<Record<string, number>>;
}

test("load", async () => {
  const rounds: Record<string, Visit>[] = [];
  for (let round = 0; round < Number(setting("ROUNDS")); round++) {
    const profile = mkdtempSync(join(tmpdir(), "voxlite-perf-"));
    const offline = { online: false, workers: true };
    rounds.push({
      page_alone: await visit("", { online: true, workers: false }),
      first: await visit(profile, { online: true, workers: true }),
      again: await visit(profile, { online: true, workers: true }),
      offline: await visit(profile, offline),
    });
    rmSync(profile, { recursive: true, force: true });
  }
  hand({ rounds });
});

async function visit(profile: string, { online, workers }: { online: boolean; workers: boolean }): Promise<Visit> {
  const context = await open({ profile, serviceWorkers: workers ? "allow" : "block" });
  try {
    const page = await firstPage(context);
    await page.addInitScript(noteFirstButton);
    await context.request.get("perf/sent");
    await context.setOffline(!online);
    await page.goto("./");
    await page.getByRole("button", { name: "Start listening" }).waitFor();
    const shownMs = await page.evaluate(() => (globalThis as unknown as { shownMs: number }).shownMs);
    const prepared = await page.evaluate(prepare);
    if (workers) await settled(page);
    await context.setOffline(false);
    const sent = (await (await context.request.get("perf/sent")).json()) as Record<string, number>;
    return { shown_ms: shownMs, ...prepared, sent };
  } finally {
    await context.close();
  }
}

/** Runs in the page before its own code. */
function noteFirstButton(): void {
  const watch = new MutationObserver(() => {
    if (!document.querySelector("main button")) return;
    watch.disconnect();
    Object.assign(globalThis, { shownMs: performance.now() });
  });
  watch.observe(document, { childList: true, subtree: true });
}

/** Runs in the page: starts an engine's worker of its own and asks it for its models. */
async function prepare(): Promise<Prepared> {
  const own = performance.getEntriesByType("resource").find(({ name }) => /\/assets\/worker-[^/]*\.js$/.test(name));
  if (!own) throw new Error("the page has started no worker");
  const engine = new Worker(own.name, { name: new URL("models/", document.baseURI).href });
  const ask = (tasks: string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      engine.onmessage = ({ data }) => {
        if (data.kind === "failed") reject(new Error(data.message));
        if (data.kind === "done") resolve(performance.now() - began);
      };
      engine.postMessage({ kind: "prepare", id: 1, input: { tasks } });
    });
  const voiceMs = await ask(["voice"]);
  const allMs = voiceMs + (await ask(["speaker", "gender", "mood"]));
  engine.terminate();
  return { voice_ms: voiceMs, all_ms: allMs };
}

/** Wait until the service worker holds everything. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
}
