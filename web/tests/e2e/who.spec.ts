/** Who speaks when, under Files: the turns of the Python client, with names where people are enrolled. */

import { readFileSync } from "node:fs";
import type { Page, TestInfo } from "@playwright/test";
import { expect, test, withPage } from "./browser";
import { EXPORT_PASSPHRASE, voxlite, voxliteJson } from "./client";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";
import { unlock } from "./people";
import { SAMPLES } from "./places";

interface Turn {
  readonly start_s: number;
  readonly end_s: number;
  readonly speaker: string;
  readonly score: number;
}

interface Report {
  readonly speakers: readonly Turn[];
  readonly models: readonly { readonly task: string }[];
}

/** The speaker model multiplies in eight bits: embeddings are a little apart, and what is reckoned from them. */
const MOST_SCORE_APART = 0.02;
const MOST_CHANGE_APART_S = 0.1;
const TASKS = ["--tasks", "voice,quality,speaker", "--format", "json"];

for (const scheme of ["light", "dark"] as const) {
  test(`speakers of a call are those of the Python client (${scheme})`, async () => {
    const path = `${SAMPLES}call.flac`;
    const number = scheme === "dark" ? ["--speakers", "2"] : [];
    const expected = voxliteJson<Report>("analyze", path, ...TASKS, ...number);
    await withPage({ microphone: null, colorScheme: scheme }, async ({ page }) => {
      await page.goto("./#/files");
      await page.getByRole("switch", { name: "Say who speaks when" }).check();
      if (number.length) await page.getByLabel("Number of speakers").selectOption("2");
      await expectAccessible(page);
      await keepScreenshot(page, `files-who-choice-${scheme}`);
      const found = await analysed(page, path);
      sameTurns(found.speakers, expected.speakers);
      expect(found.models).toEqual(expected.models);
      await expect(page.getByTestId("speakers").getByRole("listitem")).toHaveCount(new Set(expected.speakers.map(({ speaker }) => speaker)).size);
      await expect(page.getByTestId("speakers")).toContainText("speaker 2");
      await expect(page.getByRole("img", { name: /then speaker 1, then speaker 2/ })).toBeVisible();
      await expectAccessible(page);
      await expectNoSideScrolling(page);
      await page.evaluate(() => document.querySelector(".report")?.scrollIntoView());
      await keepScreenshot(page, `files-who-${scheme}`);
      await page.evaluate(() => document.querySelector("[data-testid=speakers]")?.scrollIntoView());
      await keepScreenshot(page, `files-turns-${scheme}`);
    });
  });
}

test("enrolled people get their names, strangers do not", async ({}, info) => {
  test.setTimeout(300_000);
  const store = enrolled(info);
  const path = `${SAMPLES}call.flac`;
  const expected = voxliteJson<Report>("analyze", path, ...TASKS, "--store", store.path);
  expect(new Set(expected.speakers.map(({ speaker }) => speaker))).toEqual(new Set(["Ada", "speaker 1", "speaker 2"]));
  await withPage({ microphone: null }, async ({ page }) => {
    await page.goto("./#/files");
    await page.getByRole("switch", { name: "Say who speaks when" }).check();
    await expect(page.getByText("Unlock Speakers to see the names")).toBeVisible();
    await unlock(page, true);
    await page.getByText("Export and import").click();
    await page.getByLabel("Passphrase of the export").fill(EXPORT_PASSPHRASE);
    await page.locator('details input[type="file"]').setInputFiles(store.exported);
    await expect(page.locator(".people")).toContainText("Ada");
    await page.getByRole("link", { name: "Files" }).click();
    await expect(page.getByRole("switch", { name: "Say who speaks when" })).toBeChecked(); // it lasts
    await expect(page.getByText("Enrolled people get their names.")).toBeVisible();
    const found = await analysed(page, path);
    sameTurns(found.speakers, expected.speakers);
    await page.evaluate(() => document.querySelector(".report")?.scrollIntoView());
    await keepScreenshot(page, "files-who-names");
  });
});

test("without the switch nobody is told apart", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    await page.goto("./#/files");
    await expect(page.getByLabel("Number of speakers")).toHaveCount(0);
    expect(await analysed(page, `${SAMPLES}voice-en-wideband.flac`)).not.toHaveProperty("speakers");
    await expect(page.getByTestId("speakers")).toHaveCount(0);
  });
});

/** Pick a recording and return the JSON of its report. */
async function analysed(page: Page, path: string): Promise<Report> {
  await page.locator('input[type="file"]').setInputFiles(path);
  await expect(page.getByTestId("verdict")).toHaveText("voice", { timeout: 150_000 });
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download JSON" }).click();
  return JSON.parse(readFileSync(await (await waiting).path(), "utf8")) as Report;
}

function sameTurns(found: readonly Turn[], expected: readonly Turn[]): void {
  expect(expected.length).toBeGreaterThan(2);
  expect(found.map(({ speaker }) => speaker)).toEqual(expected.map(({ speaker }) => speaker));
  const apart = (of: (turn: Turn) => number): number =>
    Math.max(...found.map((turn, k) => Math.abs(of(turn) - of(expected[k]))));
  const most = { startS: apart((turn) => turn.start_s), endS: apart((turn) => turn.end_s), score: apart((turn) => turn.score) };
  console.log(JSON.stringify(most));
  expect(Math.max(most.startS, most.endS)).toBeLessThan(MOST_CHANGE_APART_S);
  expect(most.score).toBeLessThan(MOST_SCORE_APART);
}

function enrolled(info: TestInfo): { path: string; exported: string } {
  const [path, exported] = [info.outputPath("people.vault"), info.outputPath("people.json")];
  const sounds = [1, 2, 3].map((take) => `${SAMPLES}speaker-armelle-${take}.flac`); // who is in the call, by telephone
  voxlite("enroll", "Ada", ...sounds, "--consent", "now", "--purpose", "tests", "--store", path);
  voxlite("export-voices", exported, "--store", path);
  return { path, exported };
}
