/** Voiceprints go from the Python client to the browser and back, with the gender that was noted, and both decide alike. */

import { readFileSync } from "node:fs";
import type { Page, TestInfo } from "@playwright/test";
import { expect, test, withPage } from "./browser";
import { EXPORT_PASSPHRASE, voxlite, voxliteJson } from "./client";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";
import { beginEnrolling, compare, finishEnrolling, unlock } from "./people";
import { SAMPLES } from "./places";

interface Answer {
  readonly label: string;
  readonly score: number;
  readonly reasons: readonly string[];
}

interface Voices {
  readonly voices: readonly { readonly person: string; readonly n_references: number; readonly genders: readonly string[] }[];
}

const sample = (name: string): string => `${SAMPLES}speaker-${name}.flac`;

test("an export opens on the other side, both ways, and a noted gender is doubted in the same words", async ({}, info) => {
  test.setTimeout(400_000);
  const at = places(info);
  const consent = ["--consent", "now", "--purpose", "tests", "--note-gender", "--store", at.first];
  voxlite("enroll", "Ada", sample("man-1"), sample("man-2"), ...consent);
  voxlite("export-voices", at.toBrowser, "--store", at.first);

  await withPage({ microphone: null }, async ({ page }) => {
    await unlock(page, true);
    await take(page, at.toBrowser, "2 voiceprints imported.");
    await expect(page.locator(".people")).toContainText("sounds male");
    await compare(page, "Ada", sample("man-3"), "This is Ada");
    await compare(page, "Ada", sample("woman-3"), "This is not Ada");
    await expect(page.locator(".answer")).not.toContainText("doubt"); // not asked for yet

    await beginEnrolling(page, "Bea");
    await expect(page.getByLabel("Note what gender the voice sounds like")).toHaveCount(0);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.goto("./#/about");
    await page.getByRole("switch", { name: /gender/ }).check();
    await page.goto("./#/speakers");

    await beginEnrolling(page, "Bea");
    await expect(page.getByLabel("Note what gender the voice sounds like")).not.toBeChecked();
    await noteGender(page);
    await pick(page, ["woman-1", "woman-2"]);
    await expect(page.locator(".takes").getByText("sounds female")).toHaveCount(1); // of the first it is left open
    await page.getByLabel("Note what gender the voice sounds like").scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await expectNoSideScrolling(page);
    await keepScreenshot(page, "enroll-gender");
    await finishEnrolling(page, "Bea");
    await beginEnrolling(page, "Cleo");
    await noteGender(page);
    await pick(page, ["july-1", "july-2"]);
    await page.getByLabel("Note what gender the voice sounds like").uncheck();
    await finishEnrolling(page, "Cleo");

    await compare(page, "Ada", sample("woman-3"), "This is not Ada");
    const doubt = page.locator(".answer li").filter({ hasText: "doubt:" });
    const said = voxliteJson<Answer>("verify", "Ada", sample("woman-3"), "--tasks", "gender", "--store", at.first, "--json");
    await expect(doubt).toHaveText(said.reasons.find((reason) => reason.startsWith("doubt:")) ?? "no doubt");
    await expect(doubt).toHaveText("doubt: the voice sounds female, Ada's enrolled voice male");
    await doubt.scrollIntoViewIfNeeded();
    await keepScreenshot(page, "speakers-doubted");
    await compare(page, "everybody", sample("woman-3"), "This is Bea");
    await expect(doubt).toHaveCount(0);

    await page.getByText("Export and import").click();
    await page.getByLabel("Passphrase of the export").fill(EXPORT_PASSPHRASE);
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export all" }).click();
    await (await waiting).saveAs(at.fromBrowser);
    expect(readFileSync(at.fromBrowser, "utf8")).not.toContain('"person"'); // all of it is sealed
  });

  voxlite("import-voices", at.fromBrowser, "--store", at.second);
  const { voices } = voxliteJson<Voices>("voices", "--store", at.second, "--json");
  expect(voices.map(({ person, n_references: n, genders }) => [person, n, genders])).toEqual([
    ["Ada", 2, ["male"]],
    ["Bea", 2, ["female"]],
    ["Cleo", 2, []],
  ]);
  const bea = ["Bea", sample("woman-3"), "--tasks", "gender", "--store", at.second, "--json"];
  expect(voxliteJson<Answer>("verify", ...bea).label).toBe("accepted");
  const there = voxliteJson<Answer>("verify", "Ada", sample("man-3"), "--store", at.second, "--json");
  const here = voxliteJson<Answer>("verify", "Ada", sample("man-3"), "--store", at.first, "--json");
  expect(there).toEqual(here); // what came back is what went out
});

function places(info: TestInfo): { first: string; second: string; toBrowser: string; fromBrowser: string } {
  return {
    first: info.outputPath("first.vault"),
    second: info.outputPath("second.vault"),
    toBrowser: info.outputPath("to-browser.json"),
    fromBrowser: info.outputPath("from-browser.json"),
  };
}

/** Tick the box; what was agreed to before was less. */
async function noteGender(page: Page): Promise<void> {
  await page.getByLabel("Note what gender the voice sounds like").check();
  await expect(page.getByText("is noted beside these numbers")).toBeVisible();
  const agreed = page.getByLabel(/has read this and agrees/);
  await expect(agreed).not.toBeChecked();
  await agreed.check();
}

async function take(page: Page, path: string, message: string): Promise<void> {
  await page.getByText("Export and import").click();
  await page.getByLabel("Passphrase of the export").fill(EXPORT_PASSPHRASE);
  await page.locator('details input[type="file"]').setInputFiles(path);
  await expect(page.getByText(message)).toBeVisible();
}

async function pick(page: Page, names: readonly string[]): Promise<void> {
  for (const [k, name] of names.entries()) {
    await page.locator('input[type="file"][aria-label="Add a file"]').setInputFiles(sample(name));
    await expect(page.locator(".takes li")).toHaveCount(k + 1);
  }
}
