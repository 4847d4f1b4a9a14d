/** Listening tells the segments of the offline way, whatever the chunks, and ends with the model's failure. */

import { expect, test } from "vitest";
import { readMetadata, stepsIn, type WaveformModel } from "../../src/core/model";
import type { Segment } from "../../src/core/values";
import { voiceDetector } from "../../src/core/voice/detector";
import { findVoice } from "../../src/core/voice/stream";
import { Listening } from "../../src/engine/listening";
import type { Heard } from "../../src/engine/protocol";
import { INDEX } from "./recording-vectors";

const RATE_HZ = 16_000;
const INPUT_SAMPLES = 16_000;

/** A model that takes whatever is loud for a voice. */
function loudness(): WaveformModel {
  const metadata = readMetadata(INDEX.models["voice"], "voice");
  const { step, before } = metadata.geometry;
  return {
    metadata,
    inputSamples: INPUT_SAMPLES,
    run: async (window) => {
      await Promise.resolve();
      return Float32Array.from({ length: stepsIn(metadata.geometry, INPUT_SAMPLES) }, (_, k) => {
        const own = window.subarray(before + k * step, before + (k + 1) * step);
        return own.some((sample) => Math.abs(sample) > 0.25) ? 8 : -8;
      });
    },
  };
}

/** A second of digital silence, of a loud tone and of a faint one, twice. */
function sound(): Float32Array {
  const levels = [0, 0.5, 0.1, 0, 0.5, 0.1];
  return Float32Array.from(
    { length: levels.length * RATE_HZ },
    (_, i) => levels[Math.floor(i / RATE_HZ)] * Math.sin((2 * Math.PI * 440 * i) / RATE_HZ),
  );
}

async function heardIn(samples: Float32Array, chunkSamples: number): Promise<{ told: Heard[]; durationS: number }> {
  const told: Heard[] = [];
  const listening = new Listening(voiceDetector(loudness()), RATE_HZ, null, (heard) => told.push(heard));
  for (let at = 0; at < samples.length; at += chunkSamples) {
    listening.push(samples.slice(at, at + chunkSamples));
    if (at % (7 * chunkSamples) === 0) await Promise.resolve(); // some chunks arrive while the model works
  }
  return { told, durationS: await listening.flush() };
}

test.each([320, 1_000, 7_919, 96_000])("chunks of %i samples give the offline segments", async (chunkSamples) => {
  const samples = sound();
  const { told, durationS } = await heardIn(samples, chunkSamples);
  const expected = await findVoice(voiceDetector(loudness()), { samples, rateHz: RATE_HZ });
  expect(durationS).toBe(6);
  expect(told.flatMap(({ segments }): readonly Segment[] => segments)).toEqual(expected.segments);
  expect(expected.segments.filter(({ label }) => label === "voice")).toHaveLength(2);
  const steps = told.flatMap((heard) => heard.steps);
  expect(steps).toHaveLength(expected.steps.logits.length);
  expect(new Set(steps)).toEqual(new Set(["voice", "silence", "noise"]));
  expect(told.at(-1)?.labelledS).toBeCloseTo(6, 1);
});

test("a failure of the model ends the listening with its words", async () => {
  const broken: WaveformModel = { ...loudness(), run: () => Promise.reject(new Error("out of memory")) };
  const listening = new Listening(voiceDetector(broken), RATE_HZ, null, () => undefined);
  listening.push(sound());
  await expect(listening.flush()).rejects.toThrow("out of memory");
});

test("nothing heard is no recording, and no error", async () => {
  expect(await heardIn(new Float32Array(), 320)).toMatchObject({ durationS: 0 });
});
