/** Files: the report, its JSON, and a file that is no sound. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test, withPage } from "./browser";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";
import { PYTHON, SAMPLES, SOUNDS } from "./places";

interface Segment {
  readonly start_s: number;
  readonly end_s: number;
  readonly label: string;
}

test("a recording gives the report of the Python client", async () => {
  const path = `${SAMPLES}call.flac`;
  const said = execFileSync(PYTHON, ["-m", "voxlite", "analyze", path, "--format", "json"], { encoding: "utf8" });
  const expected = JSON.parse(said) as { voice: { label: string; score: number }; segments: Segment[] };
  await withPage({ microphone: null, viewport: { width: 360, height: 740 } }, async ({ page }) => {
    await page.goto("./#/files");
    await page.locator('input[type="file"]').setInputFiles(path);
    await expect(page.getByTestId("verdict")).toHaveText(expected.voice.label, { timeout: 150_000 });
    await expectAccessible(page);
    await expectNoSideScrolling(page);
    await page.getByTestId("verdict").scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector(".report")?.scrollIntoView());
    await keepScreenshot(page, "files");
    await page.evaluate(() => document.querySelector(".figures")?.scrollIntoView());
    await keepScreenshot(page, "files-quality");
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download JSON" }).click();
    const found = JSON.parse(readFileSync(await (await waiting).path(), "utf8")) as typeof expected;
    expect(Math.abs(found.voice.score - expected.voice.score)).toBeLessThan(1e-3);
    const outline = (segments: readonly Segment[]): unknown => segments.map(({ start_s, end_s, label }) => [start_s, end_s, label]);
    expect(outline(found.segments)).toEqual(outline(expected.segments));
  });
});

test("a file that is no sound is told so, with the cure", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    await page.goto("./#/files");
    await page.locator('input[type="file"]').setInputFiles(`${SOUNDS}broken.wav`);
    await expect(page.getByRole("alert")).toContainText("cannot be decoded");
    await expectAccessible(page);
    await keepScreenshot(page, "not-decodable");
  });
});
