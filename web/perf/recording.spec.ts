/** A whole recording in Files, by a number of threads: from the file to the report. */

import { cpus } from "node:os";
import { type Page, test } from "@playwright/test";
import { firstPage, hand, open, setting } from "./browser";

/** What the page's switches are set to. */
const SWITCHES = {
  "voice and quality": { speakers: false, gender: false, mood: false },
  "with who speaks when": { speakers: true, gender: false, mood: false },
  "with gender and mood": { speakers: false, gender: true, mood: true },
} as const;

test("recording", async () => {
  const threads = Number(setting("THREADS"));
  const found: Record<string, number[]> = {};
  for (const [name, switches] of Object.entries(SWITCHES)) {
    const context = await open({});
    await context.route("**/assets/worker-*.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: withCores(threads) + (await response.text()) });
    });
    const page = await firstPage(context);
    await page.addInitScript((kept) => localStorage.setItem("voxlite.settings", JSON.stringify(kept)), switches);
    await page.goto("./#/files");
    await analyse(page, setting("SHORT")); // loads the models
    const tookS: number[] = [];
    for (let round = 0; round < Number(setting("ROUNDS")); round++) tookS.push(await analyse(page, setting("RECORDING")));
    found[name] = tookS;
    await context.close();
  }
  hand({ threads, cores: cpus().length, took_s: found });
});

/** The engine takes as many threads as the browser names cores, at most four. */
function withCores(threads: number): string {
  return `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${threads}, configurable: true });\n`;
}

/** Analyse a file; return the seconds until its report stands there. */
async function analyse(page: Page, path: string): Promise<number> {
  const reports = page.getByTestId("verdict");
  const before = await reports.count();
  const began = performance.now();
  await page.locator('input[type="file"]').setInputFiles(path);
  await reports.nth(before).waitFor({ timeout: 600_000 });
  return (performance.now() - began) / 1000;
}
