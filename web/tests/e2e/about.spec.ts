/** About: what it runs on; gender and mood are off until they are switched on, with their caveats. */

import { expect, test, withPage } from "./browser";
import { expectAccessible, expectNoSideScrolling, keepScreenshot } from "./looking";
import { SAMPLES } from "./places";

test("gender and mood come only where they were switched on", async () => {
  await withPage({ microphone: null, viewport: { width: 360, height: 740 } }, async ({ page }) => {
    await page.goto("./#/files");
    const pick = page.locator('input[type="file"]');
    await pick.setInputFiles(`${SAMPLES}voice-en-wideband.flac`);
    await expect(page.getByTestId("verdict")).toHaveText("voice");
    await expect(page.getByTestId("trait-gender")).toHaveCount(0);

    await page.getByRole("link", { name: "About" }).click();
    await expect(page.getByText("What somebody feels cannot be heard.")).toBeVisible();
    await page.getByRole("switch", { name: /gender/ }).check();
    await page.getByRole("switch", { name: /mood/ }).check();
    await expect(page.getByRole("table")).toContainText("compact");
    await expectAccessible(page);
    await expectNoSideScrolling(page);
    await page.evaluate(() => scrollTo(0, 0));
    await keepScreenshot(page, "about");
    await page.getByRole("heading", { name: "Gender and mood" }).scrollIntoViewIfNeeded();
    await keepScreenshot(page, "about-settings");

    await page.getByRole("link", { name: "Files" }).click();
    await pick.setInputFiles(`${SAMPLES}voice-en-wideband.flac`);
    await expect(page.getByTestId("trait-gender")).toContainText(/Gender: (female|male|unsure)/);
    await expect(page.getByTestId("trait-mood")).toContainText("arousal");
    await expectNoSideScrolling(page);
  });
});

test("every screen is reached by keyboard, and tells its name", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
    for (const name of ["Files", "Speakers", "About", "Listen"]) {
      const link = page.getByRole("navigation").getByRole("link", { name });
      await link.focus();
      await page.keyboard.press("Enter");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
      await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
      await expect(link).toHaveAttribute("aria-current", "page");
      await expect(page).toHaveTitle(new RegExp(name));
    }
  });
});
