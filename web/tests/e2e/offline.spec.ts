/** After the first load the page works with the network off, and what it keeps belongs to one version. */

import { expect, test, withPage } from "./browser";
import { SAMPLES } from "./places";

test("a reload and a first analysis work without a network", async () => {
  await withPage({ microphone: "listen", serviceWorkers: "allow" }, async ({ page, context }) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await expect.poll(() => page.evaluate(async () => (await caches.keys()).length)).toBe(1);
    await context.setOffline(true);
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByTestId("now")).toHaveText("Voice");
    await page.getByRole("link", { name: "Files" }).click();
    await page.locator('input[type="file"]').setInputFiles(`${SAMPLES}voice-en-wideband.flac`);
    await expect(page.getByTestId("verdict")).toHaveText("voice");
    await page.getByRole("link", { name: "About" }).click();
    await expect(page.getByRole("table")).toContainText("speaker");
  });
});

test("the manifest makes the page installable", async () => {
  await withPage({ microphone: null }, async ({ page }) => {
    const found = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
      const manifest = (await (await fetch(link?.href ?? "")).json()) as {
        name: string;
        start_url: string;
        display: string;
        icons: { src: string; sizes: string; purpose: string }[];
      };
      const icons = await Promise.all(
        manifest.icons.map(async ({ src, sizes, purpose }) => ({ ok: (await fetch(src)).ok, sizes, purpose })),
      );
      return { ...manifest, icons };
    });
    expect(found.display).toBe("standalone");
    expect(found.icons.every(({ ok }) => ok)).toBe(true);
    expect(found.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(["192x192", "512x512"]));
    expect(found.icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
  });
});
