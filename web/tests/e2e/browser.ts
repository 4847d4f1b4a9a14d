/** Chromium with a WAV file for a microphone, and a watch on every request. */

import { type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import { ADDRESS, CHROMIUM, SOUNDS } from "./places";

const PLAIN_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** How a test wants its browser. */
export interface Wanted {
  /** Name of a file of `SOUNDS` without ".wav"; no microphone at all if null. */
  readonly microphone: string | null;
  /** Whether the page may use it; by default yes. */
  readonly isAllowed?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly serviceWorkers?: "allow" | "block";
  /** Folder of a profile that lasts; what the page keeps is gone with the browser if left out. */
  readonly profile?: string;
  /** Where the page lies, if not at `voxlite web`. */
  readonly address?: string;
}

/** An open page, and all that it asked for. */
export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses of all requests so far, of the page and its workers. */
  readonly requests: string[];
  /** Errors of the page and of its console, violations of the policy among them. */
  readonly problems: string[];
}

/** Run a test in a browser of its own; whatever it does, no request may leave the origin and nothing may go wrong. */
export async function withPage(wanted: Wanted, body: (opened: Opened) => Promise<void>): Promise<void> {
  const sound = wanted.microphone === null ? [] : microphoneArgs(wanted);
  const { profile, address = ADDRESS } = wanted;
  const program = { executablePath: CHROMIUM, args: [...PLAIN_ARGS, ...sound] };
  const options = {
    baseURL: address,
    viewport: wanted.viewport ?? { width: 390, height: 844 },
    colorScheme: wanted.colorScheme ?? "light",
    serviceWorkers: wanted.serviceWorkers ?? "block",
    acceptDownloads: true,
  } as const;
  const browser = profile === undefined ? await chromium.launch(program) : null;
  const context = browser
    ? await browser.newContext(options)
    : await chromium.launchPersistentContext(profile ?? "", { ...program, ...options });
  try {
    const requests: string[] = [];
    const problems: string[] = [];
    context.on("request", (request) => requests.push(request.url()));
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    await page.goto("./");
    await body({ context, page, requests, problems });
    expect(requests.filter((one) => !/^(blob:|data:)/.test(one) && !one.startsWith(address))).toEqual([]);
    expect(problems).toEqual([]);
  } finally {
    await (browser ?? context).close();
  }
}

function microphoneArgs({ microphone, isAllowed = true }: Wanted): string[] {
  const device = ["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${SOUNDS}${microphone}.wav`];
  return isAllowed ? [...device, "--use-fake-ui-for-media-stream"] : [...device, "--use-fake-ui-for-media-stream=deny"];
}

export { expect, test };
