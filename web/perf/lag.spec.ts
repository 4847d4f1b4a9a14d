/** How far the newest label lies behind the sound while listening. */

import { test } from "@playwright/test";
import { firstPage, hand, listen, open, setting, shownDelayS } from "./browser";

const EVERY_MS = 100;
const SETTLE_MS = 5_000;

test("lag", async () => {
  const context = await open({ microphone: setting("MICROPHONE") });
  const page = await firstPage(context);
  await page.goto("./");
  await listen(page);
  await page.waitForTimeout(SETTLE_MS);
  const delays: number[] = [];
  for (let k = 0; k < Number(setting("ROUNDS")); k++) {
    delays.push(await shownDelayS(page));
    await page.waitForTimeout(EVERY_MS);
  }
  hand({ every_ms: EVERY_MS, delays_s: delays });
  await context.close();
});
