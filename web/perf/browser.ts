/** Where measurements find the client, the browser and their sounds; how they open a page and hand on what they found. */

import { writeFileSync } from "node:fs";
import { type BrowserContext, chromium, type Locator, type Page } from "@playwright/test";

/** Return a setting that `python -m benchmarks.browser` hands over. */
export function setting(name: string): string {
  const value = process.env[`VOXLITE_PERF_${name}`];
  if (value === undefined) throw new Error(`VOXLITE_PERF_${name} is not set: run python -m benchmarks.browser`);
  return value;
}

export const ADDRESS = setting("ADDRESS");
const CHROMIUM = setting("CHROMIUM");

/** As the tests' browser; nothing of it is switched off that would make it slower or larger. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** How a measurement wants its browser. */
export interface Wanted {
  /** A WAV file that plays again and again as the microphone. */
  readonly microphone?: string;
  /** Folder of the profile, which lasts; an own one of one run if not given. */
  readonly profile?: string;
  readonly serviceWorkers?: "allow" | "block";
}

/** Open a browser of its own; close the context to end it. */
export async function open({ microphone, profile = "", serviceWorkers = "block" }: Wanted): Promise<BrowserContext> {
  const device = microphone
    ? ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${microphone}`]
    : [];
  return chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [...ARGS, ...device],
    baseURL: ADDRESS,
    viewport: { width: 390, height: 844 },
    serviceWorkers,
  });
}

/** Return the page that a new context has. */
export async function firstPage(context: BrowserContext): Promise<Page> {
  return context.pages()[0] ?? (await context.newPage());
}

/** Start to listen; return once there is a label. */
export async function listen(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start listening" }).click();
  await nowLabel(page).filter({ hasText: /Voice|Silence|Noise/ }).waitFor({ timeout: 120_000 });
}

/** The place of the live label. */
export function nowLabel(page: Page): Locator {
  return page.getByTestId("now");
}

/** Return how far the newest label lies behind the sound, seconds, as the page shows it. */
export async function shownDelayS(page: Page): Promise<number> {
  return Number.parseFloat(await page.getByTestId("delay").innerText());
}

/** Write what was measured where the Python side reads it. */
export function hand(found: unknown): void {
  writeFileSync(setting("OUT"), JSON.stringify(found));
}
