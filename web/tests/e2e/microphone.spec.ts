/** Who is it, by the microphone: the person is known again, and somebody recorded under the same conditions is not. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, withPage } from "./browser";
import { beginEnrolling, finishEnrolling, record, unlock } from "./people";

const PAIRS = [
  { who: "man", impostor: "woman", how: "words from one set of recordings at 16 kHz" },
  { who: "july", impostor: "armelle", how: "women by telephone" },
] as const;

for (const { who, impostor, how } of PAIRS) {
  test(`${who} is verified and identified, ${impostor} is rejected (${how})`, async () => {
    test.setTimeout(400_000);
    const profile = mkdtempSync(join(tmpdir(), "voxlite-"));
    try {
      await withPage({ microphone: who, profile }, async ({ page }) => {
        await unlock(page, true);
        await beginEnrolling(page, "Ada");
        await record(page, "Stop recording", 6);
        await finishEnrolling(page, "Ada");
      });
      const asked = async (microphone: string, answers: Readonly<Record<string, string>>): Promise<void> => {
        await withPage({ microphone, profile }, async ({ page }) => {
          await unlock(page, false);
          for (const [claimed, answer] of Object.entries(answers)) {
            await page.getByLabel("Compare with").selectOption({ label: claimed });
            await record(page, "Stop and compare", 3);
            await expect(page.getByTestId("answer")).toHaveText(answer);
          }
        });
      };
      await asked(`${who}-again`, { Ada: "This is Ada", everybody: "This is Ada" });
      await asked(impostor, { Ada: "This is not Ada", everybody: "Nobody enrolled" });
    } finally {
      rmSync(profile, { recursive: true });
    }
  });
}
