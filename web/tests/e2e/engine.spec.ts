/** The engine in a real browser gives what the Python client gives. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, withPage } from "./browser";
import { SOUNDS } from "./places";

const ASSETS = fileURLToPath(new URL("../../../src/voxlite/browser/static/assets/", import.meta.url));

test("scores of the voice model agree with the Python client's within 1e-4", async () => {
  const expected = JSON.parse(readFileSync(`${SOUNDS}scored.json`, "utf8")) as number[];
  const wav = readFileSync(`${SOUNDS}scored.wav`).toString("base64");
  const worker = readdirSync(ASSETS).find((name) => /^worker-.*\.js$/.test(name));
  await withPage({ microphone: null }, async ({ page }) => {
    const found = await page.evaluate(
      async ([file, sound]) => {
        const bytes = Uint8Array.from(atob(sound), (character) => character.charCodeAt(0));
        const decoded = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(bytes.buffer);
        const engine = new Worker(`assets/${file}`, { name: new URL("models/", document.baseURI).href });
        const answer = new Promise<{ values: number[]; took: number }>((resolve, reject) => {
          const began = performance.now();
          engine.onmessage = ({ data }) => {
            if (data.kind === "failed") reject(new Error(data.message));
            if (data.kind === "done") resolve({ values: Array.from(data.output.values), took: performance.now() - began });
          };
          engine.onerror = (event) => reject(new Error(event.message));
        });
        const recording = { channels: [decoded.getChannelData(0)], rateHz: decoded.sampleRate };
        engine.postMessage({ kind: "scores", id: 1, input: { recording } });
        return { ...(await answer), isolated: crossOriginIsolated };
      },
      [String(worker), wav],
    );
    expect(found.isolated).toBe(true);
    console.log(`scores after ${found.took.toFixed(0)} ms`);
    expect(found.values).toHaveLength(expected.length);
    const farthest = Math.max(...found.values.map((value, k) => Math.abs(value - expected[k])));
    expect(farthest).toBeLessThan(1e-4);
    expect(Math.max(...expected)).toBeGreaterThan(0.9);
  });
});
