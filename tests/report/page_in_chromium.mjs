/**
 * A page in Chromium, from disk, as a reader opens it: node page_in_chromium.mjs PAGE CHROMIUM [PICTURES]
 *
 * Prints JSON: for each window what axe finds, whether the page is wider than the window, requests that leave it, errors
 * of the console; what a click, keys, zoom and an address with a time do. With PICTURES it only keeps pictures there, for
 * people to look at: phone.png, desktop.png, dark.png, and page.pdf as it is printed.
 */

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("@playwright/test");
const { AxeBuilder } = require("@axe-core/playwright");

const [page_path, executablePath, pictures] = process.argv.slice(2);
const address = pathToFileURL(page_path).href;
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required"];
const WINDOWS = [
  { name: "phone-light", width: 360, height: 780, colorScheme: "light" },
  { name: "phone-dark", width: 360, height: 780, colorScheme: "dark" },
  { name: "desktop-light", width: 1280, height: 900, colorScheme: "light" },
  { name: "desktop-dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "wide", width: 3840, height: 2160, colorScheme: "light" },
];

/** Open the page in a window of its own, with a watch on requests and errors. */
async function open(browser, { width, height, colorScheme, javaScriptEnabled = true }, hash = "") {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled,
    bypassCSP: false,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const seen = { requests: [], problems: [] };
  page.on("request", (request) => seen.requests.push(request.url().slice(0, 200)));
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") seen.problems.push(message.text());
  });
  page.on("dialog", (dialog) => {
    seen.problems.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(address + hash);
  return { context, page, seen };
}

/** Wait until the recording can be played, or not. */
const ready = (page) =>
  page.waitForFunction(() => {
    const audio = document.querySelector("audio");
    return !audio || audio.readyState >= 1 || audio.error;
  });

const at = (page) => page.evaluate(() => Number(document.getElementById("scrub").getAttribute("aria-valuenow")));

async function look(browser, window) {
  const { context, page, seen } = await open(browser, window);
  await ready(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const result = {
    ...window,
    ...seen,
    serious: violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]),
    overflow_px: await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    title: await page.title(),
    heading: await page.textContent("h1"),
    players: await page.locator("audio").count(),
    sortable: await page.locator("table.sortable").count(),
  };
  await context.close();
  return result;
}

async function use(browser) {
  const { context, page, seen } = await open(browser, WINDOWS[2]);
  await ready(page);
  const strip = await page.locator("#scrub").boundingBox();
  await page.mouse.click(strip.x + strip.width / 4, strip.y + 30);
  const clicked_s = await at(page);
  await page.waitForFunction(() => !document.querySelector("audio").seeking);
  const audio_s = await page.evaluate(() => document.querySelector("audio").currentTime);
  const playhead = await page.evaluate(() => document.getElementById("playhead").style.left);
  await page.locator("#scrub").focus();
  await page.keyboard.press("Home");
  const home_s = await at(page);
  await page.keyboard.press("Shift+ArrowRight");
  const shifted_s = await at(page);
  await page.keyboard.press("PageUp");
  const paged_s = await at(page);
  await page.locator("#after").click();
  const next_s = await at(page);
  const now = await page.textContent("#now");
  await page.locator("#narrower").click();
  const zoomed = await page.evaluate(() => document.getElementById("strip").clientWidth / document.getElementById("scroller").clientWidth);
  await page.locator("#scrub").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press(" ");
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 0.2);
  const played_s = await page.evaluate(() => document.querySelector("audio").currentTime);
  await page.keyboard.press(" ");
  const paused = await page.evaluate(() => document.querySelector("audio").paused);
  const duration_s = await page.evaluate(() => document.querySelector("audio").duration);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
  const saved = await new Response(await download.createReadStream()).text().catch(() => "");
  await context.close();
  return {
    ...seen, clicked_s, audio_s, playhead, home_s, shifted_s, paged_s, next_s, now, zoomed, played_s, paused, duration_s,
    saved_name: download.suggestedFilename(), saved_schema: saved ? JSON.parse(saved).schema : null,
  };
}

/** Sort a table by its first column, downwards. */
async function sorted(browser) {
  const { context, page } = await open(browser, WINDOWS[0]);
  const head = page.locator("table.sortable thead th").first();
  await head.locator("button").click();
  await head.locator("button").click();
  const result = {
    first: (await page.textContent("table.sortable tbody tr:first-child th")).trim(),
    state: await head.getAttribute("aria-sort"),
  };
  await context.close();
  return result;
}

async function linked(browser) {
  const { context, page } = await open(browser, WINDOWS[2], "#t=1.5");
  await ready(page);
  const linked_s = await at(page);
  await context.close();
  return linked_s;
}

/** What is left without JavaScript: nothing that does nothing. */
async function plain(browser) {
  const { context, page, seen } = await open(browser, { ...WINDOWS[0], javaScriptEnabled: false });
  const visible = async (selector) => (await page.locator(selector).count()) > 0 && page.locator(selector).first().isVisible();
  const result = {
    ...seen,
    player: await visible("audio"),
    drawing: await visible("svg.drawing"),
    tools: await visible("#tools"),
    scrub: await visible("#scrub"),
    save: await visible("#save"),
  };
  await context.close();
  return result;
}

/** Keep pictures of the page at 58 s. */
async function keepPictures(browser) {
  const shots = [
    { name: "phone", width: 390, height: 844, colorScheme: "light", from: "#h-timeline" },
    { name: "desktop", width: 1280, height: 1150, colorScheme: "light" },
    { name: "dark", width: 1280, height: 1150, colorScheme: "dark" },
  ];
  for (const { name, from, ...window } of shots) {
    const { context, page } = await open(browser, window, "#t=58");
    await ready(page);
    if (from) await page.evaluate((place) => document.querySelector(place).scrollIntoView(), from);
    await page.screenshot({ path: `${pictures}/${name}.png` });
    const margin = { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" };
    if (name === "desktop") await page.pdf({ path: `${pictures}/page.pdf`, format: "A4", margin });
    await context.close();
  }
}

async function check(browser) {
  const looks = [];
  for (const window of WINDOWS) looks.push(await look(browser, window));
  const [has_player, has_sorting] = [looks[0].players > 0, looks[0].sortable > 0];
  return {
    looks,
    plain: await plain(browser),
    linked_s: has_player ? await linked(browser) : null,
    use: has_player ? await use(browser) : null,
    sorted: has_sorting ? await sorted(browser) : null,
  };
}

const browser = await chromium.launch({ executablePath, args: ARGS });
try {
  if (pictures) await keepPictures(browser);
  else process.stdout.write(`${JSON.stringify(await check(browser))}\n`);
} finally {
  await browser.close();
}
