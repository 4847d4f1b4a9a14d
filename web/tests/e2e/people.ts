/** What tests do under Speakers. */

import { expect, type Page } from "@playwright/test";

/** Of the browser's store. */
export const PASSPHRASE = "correct horse battery";

/** Set the store up by a passphrase, or unlock it. */
export async function unlock(page: Page, isNew: boolean): Promise<void> {
  await page.goto("./#/speakers");
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: isNew ? "Use a passphrase" : "Unlock" }).click();
  await expect(page.getByRole("heading", { name: "Enrolled" })).toBeVisible();
}

/** Open the form for somebody new, filled in but for the recordings. */
export async function beginEnrolling(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Enroll somebody" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByLabel(/has read this and agrees/).check();
}

/** Record from the microphone until there is so much speech. */
export async function record(page: Page, stop: string, leastS: number): Promise<void> {
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await expect.poll(async () => Number.parseFloat(await page.getByTestId("speech").innerText())).toBeGreaterThan(leastS);
  await page.getByRole("button", { name: stop }).click();
}

/** Enroll what was recorded or picked. */
export async function finishEnrolling(page: Page, name: string): Promise<void> {
  const finish = page.getByRole("button", { name: "Enroll", exact: true });
  await expect(finish).toBeEnabled();
  await finish.click();
  await expect(page.getByRole("status").filter({ hasText: `${name} is enrolled.` })).toBeVisible();
}

/** Pick a recording to be compared with somebody, or with everybody, and wait for the answer. */
export async function compare(page: Page, claimed: string, path: string, answer: string): Promise<void> {
  await page.getByLabel("Compare with").selectOption({ label: claimed });
  await page.locator('input[type="file"][aria-label="Use a file"]').setInputFiles(path);
  await expect(page.getByTestId("answer")).toHaveText(answer);
}
