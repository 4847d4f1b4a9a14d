/** A new version: taken whole or not at all, and shown when the user asks for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test, withPage } from "./browser";
import { PORT, PYTHON, SAMPLES } from "./places";

const BUILT = fileURLToPath(new URL("../../../src/voxlite/browser/static/", import.meta.url));
const OWN_PORT = PORT + 1;
const ADDRESS = `http://127.0.0.1:${OWN_PORT}/`;
const SERVE =
  "import sys; from pathlib import Path; from voxlite.browser.server import open_server; " +
  "open_server(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()";

test("a new version waits, is taken whole by the button, and one that cannot be fetched changes nothing", async () => {
  test.setTimeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "voxlite-"));
  cpSync(BUILT, folder, { recursive: true });
  const server = spawn(PYTHON, ["-c", SERVE, String(OWN_PORT), folder], { stdio: "inherit" });
  try {
    await listening(server);
    await withPage({ microphone: null, serviceWorkers: "allow", address: ADDRESS }, async ({ page, problems }) => {
      const update = page.getByRole("button", { name: "Use it now" });
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
      const [first] = await caches(page);
      expect(await shownVersion(page)).toBe("");

      publish(folder, "two");
      await lookForUpdate(page);
      await expect(update).toBeVisible();
      expect((await caches(page)).length).toBe(2);
      await page.reload(); // the server has the new files alone; the page still is the old one, and works
      expect(await shownVersion(page)).toBe("");
      await expect(update).toBeVisible();
      await analyse(page);

      await update.click();
      await expect.poll(() => shownVersion(page).catch(() => "")).toBe("two");
      await expect(update).toHaveCount(0);
      const second = await caches(page);
      expect(second.length).toBe(1);
      expect(second).not.toContain(first);
      await analyse(page);

      publish(folder, "three");
      rmSync(join(folder, "icon-512.png")); // one of its files cannot be fetched
      await lookForUpdate(page);
      await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.installing ?? null)).toBeNull();
      expect(await caches(page)).toEqual(second);
      await page.reload();
      expect(await shownVersion(page)).toBe("two");
      await expect(update).toHaveCount(0);
      await analyse(page);
      problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes("404")));
    });
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
});

/** Put another version in the place of the one that is served: other names for the page's script and worker. */
function publish(folder: string, version: string): void {
  const renamed = readdirSync(join(folder, "assets")).filter((name) => /^(index|worker)-.*\.js$/.test(name));
  const others = renamed.map((name) => [name, name.replace(/-.*\.js$/, `-${version.padEnd(8, "x")}.js`)] as const);
  for (const [name, other] of others) renameSync(join(folder, "assets", name), join(folder, "assets", other));
  for (const name of ["index.html", "sw.js", ...others.map(([, other]) => `assets/${other}`)]) {
    let content = readFileSync(join(folder, name), "utf8");
    for (const [from, to] of others) content = content.replaceAll(from, to);
    if (name === "index.html") content = content.replace(/<html[^>]*>/, `<html lang="en" data-version="${version}">`);
    if (name === "sw.js") content = content.replace(/voxlite-[0-9a-z]{3,16}`/, `voxlite-${version}\``);
    writeFileSync(join(folder, name), content);
  }
}

/** As a browser does now and then by itself. */
async function lookForUpdate(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update().catch(() => undefined);
  });
}

function shownVersion(page: Page): Promise<string> {
  return page.evaluate(() => document.documentElement.dataset["version"] ?? "");
}

function caches(page: Page): Promise<string[]> {
  return page.evaluate(() => globalThis.caches.keys());
}

async function analyse(page: Page): Promise<void> {
  await page.goto("./#/files");
  await page.locator('input[type="file"]').setInputFiles(`${SAMPLES}voice-en-wideband.flac`);
  await expect(page.getByTestId("verdict")).toHaveText("voice");
}

/** Wait until a server answers. */
async function listening(server: ChildProcess): Promise<void> {
  await expect
    .poll(async () => {
      if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
      return fetch(ADDRESS).then(({ ok }) => ok, () => false);
    })
    .toBe(true);
}
