/** A picture shows a tone where it belongs, and nothing where there is none. */

import { expect, test } from "vitest";
import { pictureOf } from "../../src/engine/picture";

const RATE_HZ = 16_000;

function tone(hz: number, level: number, seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * RATE_HZ }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / RATE_HZ));
}

function loudestHz({ spectrogram, bands, highHz, columns }: ReturnType<typeof pictureOf>): number {
  const column = Array.from(spectrogram.subarray(Math.floor(columns / 2) * bands, (Math.floor(columns / 2) + 1) * bands));
  const band = column.indexOf(Math.max(...column));
  return 700 * Math.expm1((((band + 0.5) / bands) * 1127 * Math.log1p(highHz / 700)) / 1127);
}

test.each([250, 1_000, 4_000])("a tone of %i Hz is the brightest in its band", (hz) => {
  const picture = pictureOf({ channels: [tone(hz, 0.5, 2)], rateHz: RATE_HZ });
  expect(picture.highHz).toBe(8_000);
  expect(Math.abs(loudestHz(picture) / hz - 1)).toBeLessThan(0.1);
  expect(Math.max(...picture.highest)).toBeCloseTo(0.5, 2);
  expect(Math.min(...picture.lowest)).toBeCloseTo(-0.5, 2);
});

test("digital silence is dark and flat", () => {
  const picture = pictureOf({ channels: [new Float32Array(RATE_HZ)], rateHz: RATE_HZ });
  expect(Math.max(...picture.spectrogram)).toBe(0);
  expect(Math.max(...picture.highest)).toBe(0);
});

test("sound that is shorter than a frame, and two channels that cancel each other, have a picture", () => {
  const short = pictureOf({ channels: [tone(440, 1, 2).subarray(0, 5)], rateHz: RATE_HZ });
  expect(short.columns).toBe(5);
  const left = tone(440, 0.5, 1);
  const both = pictureOf({ channels: [left, left.map((sample) => -sample)], rateHz: RATE_HZ });
  expect(Math.max(...both.spectrogram)).toBe(0);
});

test("a rate below the picture's top moves the top", () => {
  expect(pictureOf({ channels: [tone(440, 0.5, 1)], rateHz: 8_000 }).highHz).toBe(4_000);
});
