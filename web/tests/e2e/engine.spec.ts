/** The engine in a real browser gives what the Python client gives, model by model. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, withPage } from "./browser";
import { SOUNDS } from "./places";

const ASSETS = fileURLToPath(new URL("../../../src/voxlite/browser/static/assets/", import.meta.url));

/**
 * How far the clients may be apart. The voice model is float: what is left is rounding. The others multiply in eight bits,
 * where the processor's kernels decide how a tie is rounded: on one machine, TensorFlow Lite's own two sets of kernels are
 * as far apart as this.
 */
const TOLERANCES = { voice: 1e-4, speaker: 5e-3, gender: 5e-3, mood: 5e-3 };

type Named = Readonly<Record<string, number>>;

/** What a client computes of a recording. */
interface Scored {
  readonly voice: readonly number[];
  readonly speaker: readonly number[];
  readonly gender: Named;
  readonly mood: Named;
}

/** Runs in the page: asks the engine's worker itself, whose answers are plain data. */
async function scoredInPage([worker, wav, rateHz]: [string, string, number]): Promise<Scored & { readonly tookMs: Named }> {
  const bytes = Uint8Array.from(atob(wav), (character) => character.charCodeAt(0));
  const decoded = await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(bytes.buffer);
  const recording = { channels: [decoded.getChannelData(0)], rateHz: decoded.sampleRate };
  const engine = new Worker(`assets/${worker}`, { name: new URL("models/", document.baseURI).href });
  const tookMs: Record<string, number> = {};
  const call = <T>(kind: string, input: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const began = performance.now();
      engine.onmessage = ({ data }) => {
        if (data.kind === "failed") reject(new Error(data.message));
        if (data.kind === "done") {
          tookMs[kind] = performance.now() - began;
          resolve(data.output);
        }
      };
      engine.postMessage({ kind, id: 1, input });
    });
  const traits = ["gender", "mood"];
  await call("prepare", { tasks: ["voice", "speaker", ...traits] });
  const { values } = await call<{ values: Float32Array }>("scores", { recording });
  const { embedding } = await call<{ embedding: Float32Array }>("speech", { recording, withGender: false });
  const { report } = await call<{ report: { traits: { scores: Named; figures: Named }[] } }>("analyse", {
    recording,
    source: "",
    speakers: null,
    traits,
  });
  engine.terminate();
  const [gender, mood] = report.traits.map(({ scores, figures }) => ({ ...scores, ...figures }));
  return { voice: Array.from(values), speaker: Array.from(embedding), gender, mood, tookMs };
}

for (const sample of ["speaker-man-1", "speaker-july-1", "voice-en-wideband"]) {
  test(`${sample}: every model agrees with the Python client`, async () => {
    const expected = JSON.parse(readFileSync(`${SOUNDS}${sample}.json`, "utf8")) as Scored & { rate_hz: number };
    const wav = readFileSync(`${SOUNDS}${sample}.wav`).toString("base64");
    const worker = readdirSync(ASSETS).find((name) => /^worker-.*\.js$/.test(name));
    await withPage({ microphone: null }, async ({ page }) => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      const found = await page.evaluate(scoredInPage, [String(worker), wav, expected.rate_hz] as [string, string, number]);
      const apart = {
        voice: farthest(found.voice, expected.voice),
        speaker: farthest(found.speaker, expected.speaker),
        gender: farthestNamed(found.gender, expected.gender),
        mood: farthestNamed(found.mood, expected.mood),
      };
      console.log(sample, JSON.stringify(apart), JSON.stringify(found.tookMs));
      expect(Math.max(...expected.voice)).toBeGreaterThan(0.9);
      for (const task of ["voice", "speaker", "gender", "mood"] as const) expect(apart[task]).toBeLessThan(TOLERANCES[task]);
    });
  });
}

function farthest(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(...found.map((value, k) => Math.abs(value - expected[k])));
}

function farthestNamed(found: Named, expected: Named): number {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  return farthest(Object.keys(expected).map((name) => found[name]), Object.values(expected));
}
