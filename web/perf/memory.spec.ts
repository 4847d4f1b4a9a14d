/** Memory over minutes of listening, and how far the labels lie behind the sound meanwhile. */

import { readFileSync } from "node:fs";
import { type CDPSession, type Page, test } from "@playwright/test";
import { firstPage, hand, listen, open, setting, shownDelayS } from "./browser";

const EVERY_S = 10;
/** What the browser itself says takes a garbage collection, for which it may wait long. */
const TOLD_EVERY_S = 60;
const SETTLE_MS = 5_000;
const MB = 1e6;

interface Told {
  readonly bytes: number;
  readonly breakdown: readonly { readonly bytes: number; readonly types: readonly string[]; readonly attribution: readonly { readonly scope: string }[] }[];
}

test("memory", async () => {
  const minutes = Number(setting("MINUTES"));
  const context = await open({ microphone: setting("MICROPHONE") });
  const page = await firstPage(context);
  await page.goto("./");
  const here = await context.newCDPSession(page);
  await here.send("Performance.enable");
  const pid = await rendererOf(context.browser()?.newBrowserCDPSession(), here);
  await listen(page);
  const began = Date.now();
  const samples: unknown[] = [];
  const told: unknown[] = [];
  const waiting: Promise<void>[] = [];
  for (let k = 0; k * EVERY_S <= minutes * 60; k++) {
    await page.waitForTimeout(Math.max(0, began + k * EVERY_S * 1000 - Date.now()));
    const atS = (Date.now() - began) / 1000;
    if ((k * EVERY_S) % TOLD_EVERY_S === 0) {
      waiting.push(tellMemory(page).then((row) => void told.push({ at_s: (Date.now() - began) / 1000, ...row }), () => undefined));
    }
    samples.push({ at_s: atS, ...(await memoryOf(here, pid)), delay_s: await shownDelayS(page) });
  }
  const segments = await page.locator("table tbody tr").count();
  await Promise.race([Promise.all(waiting), page.waitForTimeout(60_000)]);
  await collectGarbage(here);
  hand({ minutes, every_s: EVERY_S, samples, told, collected: await memoryOf(here, pid), segments_shown: segments });
  await context.close();
});

/** Return the process that holds the page and its workers. */
async function rendererOf(browser: Promise<CDPSession> | undefined, page: CDPSession): Promise<number> {
  if (!browser) throw new Error("no session with the browser");
  const session = await browser;
  const known = async (): Promise<Map<number, number>> => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await known();
  // A spare renderer may wait beside the page's: the page's is the one that works when the page does.
  await page.send("Runtime.evaluate", { expression: "{ const end = performance.now() + 700; while (performance.now() < end); }" });
  const worked = [...(await known())].map(([id, time]) => [id, time - (before.get(id) ?? time)] as const);
  return worked.sort(([, one], [, other]) => other - one)[0][0];
}

/** Return the page's objects, its nodes, and the resident memory of its process, in all and without mapped files (Linux). */
async function memoryOf(session: CDPSession, pid: number): Promise<Record<string, number>> {
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mb = (name: string): number => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / MB;
  return { heap_mb: metric("JSHeapUsedSize") / MB, nodes: metric("Nodes"), rss_mb: mb("VmRSS"), anonymous_mb: mb("RssAnon") };
}

/** Have the process give back what nobody needs any more. */
async function collectGarbage(session: CDPSession): Promise<void> {
  for (let k = 0; k < 3; k++) await session.send("HeapProfiler.collectGarbage");
  await session.send("Memory.simulatePressureNotification", { level: "critical" });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

/** Return what the browser tells of the page and its workers, WebAssembly's memory among it. */
async function tellMemory(page: Page): Promise<{ total_mb: number; workers_mb: number }> {
  const found = await page.evaluate(async () => {
    const measured = performance as Performance & { measureUserAgentSpecificMemory?: () => Promise<Told> };
    return measured.measureUserAgentSpecificMemory?.();
  });
  if (!found) throw new Error("the browser tells nothing of its memory");
  const workers = found.breakdown.filter(({ attribution }) => attribution.some(({ scope }) => scope.includes("Worker")));
  return { total_mb: found.bytes / MB, workers_mb: workers.reduce((sum, { bytes }) => sum + bytes, 0) / MB };
}
