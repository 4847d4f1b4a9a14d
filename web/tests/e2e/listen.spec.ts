/** Listening with a WAV file as the microphone, and what is shown where there is none. */

import { expect, test, withPage } from "./browser";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";

const PHONE = { width: 360, height: 740 };
/** A verdict comes at most 200 ms after the evidence; the label on screen is the newest step, 40 ms long. */
const MOST_DELAY_S = 0.24;

test("a voice is heard, and the silence and noise around it", async () => {
  await withPage({ microphone: "listen", viewport: PHONE }, async ({ page }) => {
    await page.getByRole("button", { name: "Start listening" }).click();
    const now = page.getByTestId("now");
    await expect(now).toHaveText("Voice");
    await keepScreenshot(page, "listen");
    const rows = page.locator("table tbody tr");
    for (const label of ["Voice", "Silence", "Noise"]) {
      await expect(rows.filter({ hasText: label }).first()).toBeVisible();
    }
    await expectAccessible(page);
    await expectNoSideScrolling(page);
    await keepScreenshot(page, "listen-segments");
    const delays: number[] = [];
    for (let k = 0; k < 21; k++) {
      delays.push(Number.parseFloat(await page.getByTestId("delay").innerText()));
      await page.waitForTimeout(100);
    }
    const median = delays.sort((one, other) => one - other)[10];
    console.log(`labels are ${median.toFixed(2)} s behind the sound (median)`);
    expect(median).toBeLessThanOrEqual(MOST_DELAY_S);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.getByRole("button", { name: "Start listening" })).toBeVisible();
  });
});

test("in the dark", async () => {
  await withPage({ microphone: "listen", viewport: PHONE, colorScheme: "dark" }, async ({ page }) => {
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByTestId("now")).toHaveText("Voice");
    await page.waitForTimeout(3_000);
    await expectAccessible(page);
    await keepScreenshot(page, "listen-dark");
  });
});

test("without a microphone the cure is told", async () => {
  await withPage({ microphone: null, viewport: PHONE }, async ({ page, context }) => {
    await context.grantPermissions(["microphone"]);
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByRole("alert")).toContainText("No microphone found");
    await expectAccessible(page);
    await keepScreenshot(page, "no-microphone");
  });
});

test("a denied permission is told, with the cure", async () => {
  await withPage({ microphone: "listen", isAllowed: false, viewport: PHONE }, async ({ page }) => {
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByRole("alert")).toContainText("may not be used");
    await expectAccessible(page);
    await keepScreenshot(page, "permission-denied");
  });
});

test("a browser that gives pages no microphone is told so", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    await page.evaluate(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByRole("alert")).toContainText("This browser gives the page no microphone");
  });
});
