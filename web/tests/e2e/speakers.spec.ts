/** A person's way through Speakers: enrolled, recognised, told from others, moved, renamed, forgotten. */

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test, withPage } from "./browser";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";
import { compare, PASSPHRASE } from "./people";
import { SAMPLES } from "./places";

test("enroll, verify, reject an impostor, identify, rename, export, forget, import", async () => {
  test.setTimeout(300_000);
  await withPage({ microphone: "man", viewport: { width: 360, height: 740 } }, async ({ page }) => {
    await page.goto("./#/speakers");
    await expectAccessible(page);
    await keepScreenshot(page, "speakers-set-up");
    await page.getByLabel("Passphrase").fill("short");
    await page.getByRole("button", { name: "Use a passphrase" }).click();
    await expect(page.getByRole("alert")).toContainText("at least 8 characters");
    await page.getByLabel("Passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Use a passphrase" }).click();
    await expect(page.getByText("Nobody is enrolled.")).toBeVisible();

    await enroll(page, "Ada");
    await expect(page.getByRole("status").filter({ hasText: "Ada is enrolled." })).toBeVisible();
    await expectAccessible(page);
    await expectNoSideScrolling(page);
    await keepScreenshot(page, "speakers");

    await compare(page, "Ada", `${SAMPLES}speaker-man-3.flac`, "This is Ada");
    await page.getByTestId("answer").scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await keepScreenshot(page, "speakers-verified");
    await compare(page, "Ada", `${SAMPLES}speaker-july-1.flac`, "This is not Ada");
    await keepScreenshot(page, "speakers-rejected");
    await compare(page, "everybody", `${SAMPLES}speaker-man-3.flac`, "This is Ada");
    await compare(page, "everybody", `${SAMPLES}speaker-july-1.flac`, "Nobody enrolled");

    await page.getByRole("button", { name: "Rename Ada" }).click();
    await page.getByLabel("New name for Ada").fill("Grace");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".people")).toContainText("Grace");

    await page.getByText("Export and import").click();
    await page.getByLabel("Passphrase of the export").fill("an export's own words");
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export all" }).click();
    const exported = await (await waiting).path();

    await page.reload();
    await page.getByLabel("Passphrase").fill("something else");
    await page.getByRole("button", { name: "Unlock" }).click();
    await expect(page.getByRole("alert")).toContainText("passphrase is wrong");
    await page.getByLabel("Passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("button", { name: "Forget Grace" }).click();
    await page.getByRole("alert").getByRole("button", { name: "Forget" }).click();
    await expect(page.getByText("Nobody is enrolled.")).toBeVisible();

    await page.getByText("Export and import").click();
    await page.getByLabel("Passphrase of the export").fill("an export's own words");
    await page.locator('details input[type="file"]').setInputFiles({
      name: "voices.voxlite",
      mimeType: "application/json",
      buffer: readFileSync(exported),
    });
    await expect(page.getByText("1 voiceprint imported.")).toBeVisible();
    await expect(page.locator(".people")).toContainText("Grace");

    await page.getByRole("link", { name: "Listen", exact: true }).click();
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByTestId("speaker")).toContainText("Grace");
    await keepScreenshot(page, "listen-speaker");
  });
});

test("this device's key needs no passphrase, and everything can be erased", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    await page.goto("./#/speakers");
    await page.getByRole("button", { name: "Use this device's key" }).click();
    await expect(page.getByText("Nobody is enrolled.")).toBeVisible();
    await page.reload();
    await page.getByRole("button", { name: "Unlock with this device's key" }).click();
    await expect(page.getByText("Nobody is enrolled.")).toBeVisible();
    await page.getByRole("link", { name: "About" }).click();
    await page.getByRole("button", { name: "Erase all" }).click();
    await page.getByRole("button", { name: "Yes, erase everything" }).click();
    await expect(page.getByText("Everything is erased.")).toBeVisible();
    expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    await page.goto("./#/speakers");
    await expect(page.getByRole("heading", { name: "Set up" })).toBeVisible();
  });
});

async function enroll(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Enroll somebody" }).click();
  const record = page.getByRole("button", { name: "Record", exact: true });
  await page.getByLabel("Name").fill(name);
  await expect(record).toBeDisabled();
  await page.getByLabel(/has read this and agrees/).check();
  await record.click();
  await expect.poll(async () => Number.parseFloat(await page.getByTestId("speech").innerText())).toBeGreaterThan(6);
  await page.getByTestId("speech").scrollIntoViewIfNeeded();
  await keepScreenshot(page, "enroll");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Stop recording" }).click();
  const finish = page.getByRole("button", { name: "Enroll", exact: true });
  await expect(finish).toBeEnabled();
  await finish.click();
}
