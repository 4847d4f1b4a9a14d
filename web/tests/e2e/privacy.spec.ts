/** Nothing leaves the page's origin: the tests' watch sees all that the page asks for, and the policy forbids the rest. */

import { expect, test, withPage } from "./browser";

const ELSEWHERE = "http://127.0.0.2:9/";

test("the watch sees what workers ask for, models and runner among it", async () => {
  await withPage({ microphone: "listen" }, async ({ page, requests }) => {
    await page.getByRole("button", { name: "Start listening" }).click();
    await expect(page.getByTestId("now")).toHaveText("Voice");
    for (const part of ["models/index.json", ".tflite", ".wasm"]) {
      expect(requests.some((address) => address.includes(part)), part).toBe(true);
    }
  });
});

test("the policy refuses every way to another origin", async () => {
  await withPage({ microphone: null }, async ({ page, problems, requests }) => {
    const refused = await page.evaluate(async (address) => {
      const seen: string[] = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => seen.push(effectiveDirective));
      await fetch(address, { mode: "no-cors" }).catch(() => undefined);
      navigator.sendBeacon(address, "x");
      const image = new Image();
      image.src = address;
      const script = document.createElement("script");
      script.src = address;
      document.head.append(script);
      const inline = document.createElement("script");
      inline.textContent = "window.wasRun = true";
      document.head.append(inline);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { seen, wasRun: "wasRun" in window };
    }, ELSEWHERE);
    expect(refused.wasRun).toBe(false);
    expect(refused.seen.sort()).toEqual(["connect-src", "connect-src", "img-src", "script-src-elem", "script-src-elem"]);
    expect(problems.length).toBeGreaterThan(0);
    problems.length = 0; // the refusals, which were asked for
    requests.splice(0, requests.length, ...requests.filter((address) => address !== ELSEWHERE));
  });
});
