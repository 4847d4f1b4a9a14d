/** Rates are read from the heads of real files, and from nothing else. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ownRateHz } from "../../src/audio/own-rate";

const SAMPLES = new URL("../../../samples/", import.meta.url);

test.each([
  ["original-44100-stereo.wav", 44_100],
  ["original-44100-stereo.ogg", 44_100],
  ["original-8000-mulaw.wav", 8_000],
  ["original-8000-unsigned-8bit.wav", 8_000],
  ["voice-en-wideband.flac", 48_000],
  ["music.flac", 32_000],
  ["call.flac", 16_000],
])("%s: %i Hz", (name, rateHz) => {
  expect(ownRateHz(readFileSync(new URL(name, SAMPLES)))).toBe(rateHz);
});

test("MP3: its frames tell the rate, behind a tag too", () => {
  const frame = [0xff, 0xfb, 0x90, 0x00]; // MPEG 1 layer III, 128 kbit/s, 44.1 kHz
  expect(ownRateHz(Uint8Array.from(frame))).toBe(44_100);
  expect(ownRateHz(Uint8Array.of(0xff, 0xf3, 0x44, 0x00))).toBe(24_000); // MPEG 2
  const tag = [0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 3, 0xff, 0xfb, 0x94]; // three bytes that look like a frame
  expect(ownRateHz(Uint8Array.from([...tag, ...frame]))).toBe(44_100);
});

test("what tells no rate gives none, and cut-off files are no error", () => {
  const opus = new TextEncoder().encode("OggS".padEnd(28, "\u0001") + "OpusHead".padEnd(20, "\u0001"));
  expect(ownRateHz(opus)).toBeNull();
  for (const text of ["", "RIFF", "RIFFxxxxWAVEfmt ", "fLaC", "OggS", "ID3", "this is no sound"]) {
    expect(ownRateHz(new TextEncoder().encode(text))).toBeNull();
  }
});
