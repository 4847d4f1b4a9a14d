/** Who is it, by the microphone: the person is known again, and somebody recorded under the same conditions is not. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, withPage } from "./browser";
import { beginEnrolling, finishEnrolling, record, unlock } from "./people";

test("the person is verified and identified, another voice of the same set of recordings is rejected", async () => {
  test.setTimeout(400_000);
  const profile = mkdtempSync(join(tmpdir(), "voxlite-"));
  try {
    await withPage({ microphone: "man", profile }, async ({ page }) => {
      await unlock(page, true);
      await beginEnrolling(page, "Ada");
      await record(page, "Stop recording", 6);
      await finishEnrolling(page, "Ada");
    });
    await expectAnswers("man-again", profile, { Ada: "This is Ada", everybody: "This is Ada" });
    await expectAnswers("woman", profile, { Ada: "This is not Ada", everybody: "Nobody enrolled" });
  } finally {
    rmSync(profile, { recursive: true });
  }
});

async function expectAnswers(microphone: string, profile: string, answers: Readonly<Record<string, string>>): Promise<void> {
  await withPage({ microphone, profile }, async ({ page }) => {
    await unlock(page, false);
    for (const [claimed, answer] of Object.entries(answers)) {
      await page.getByLabel("Compare with").selectOption({ label: claimed });
      await record(page, "Stop and compare", 3);
      await expect(page.getByTestId("answer")).toHaveText(answer);
    }
  });
}
