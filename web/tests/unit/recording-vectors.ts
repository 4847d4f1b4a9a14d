/** Reads the vectors that `voxlite vectors --out web/vectors` writes of recordings, and cuts sound at random. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Recording } from "../../src/core/audio/audio";
import type { Label } from "../../src/core/values";

const FOLDER = fileURLToPath(new URL("../../vectors/recordings/", import.meta.url));

/** A segment as Python's dataclass has it. */
export interface SegmentData {
  start_s: number;
  end_s: number;
  label: Label;
  score: number;
}

/** A decision likewise. */
export interface DecisionData {
  label: string;
  score: number;
  threshold: number;
  evidence_s: number;
  reasons: string[];
}

/** One window that a model was asked about: every 1500th sample, and the answer. */
export interface WindowData {
  window: number[];
  vector: number[];
}

/** What Python makes of one sound. */
export interface SoundData {
  name: string;
  input: { files: string[]; rate_hz: number };
  conformed: { file: string; rate_hz: number };
  gate: { level_db: number[]; threshold_db: number[] };
  steps: { silent: number[]; power: number[]; logits: (number | null)[]; probabilities: number[] };
  segments: SegmentData[];
  portions: { segments: SegmentData[]; outlook_s: [number, number]; now: Label }[];
  clip: DecisionData & { pooled_logit: number };
  quality: Record<string, unknown>;
  speech: {
    logits: (number | null)[];
    part_lengths: number[];
    n_samples: number;
    mean_square: number;
    speech_s: number;
    bandwidth_hz: number | null;
    remarks: string[];
  };
  windows: Record<string, WindowData[]>;
  report: Record<string, unknown>;
}

/** Made-up steps and what the segmenter makes of them. */
export interface SegmenterCase {
  rules: Record<string, number>;
  values: number[];
  silent: number[];
  segments: { start_step: number; end_step: number; label: Label; score: number }[];
}

/** Made-up answers of a trait's model and what is decided on them. */
export interface TraitCases {
  metadata: unknown;
  neutral: number[][] | null;
  cases: {
    vector: number[];
    speech_s: number;
    decision: DecisionData;
    scores: Record<string, number>;
    figures: Record<string, number>;
  }[];
}

interface Index {
  sounds: string[];
  portion_s: number;
  fingerprint_every: number;
  gate: Record<string, number>;
  /** The answer to one sample raised from 8 to 16 kHz, from its middle on, and noise that is raised. */
  raised: { response: number[]; noise: { rate_hz: number; samples: number[]; raised: number[] }[] };
  models: Record<string, unknown>;
  segmenter: SegmenterCase[];
  traits: TraitCases[];
}

/** What is not about one sound. */
export const INDEX = readJson("index.json") as Index;

/** All sounds. */
export const SOUNDS: SoundData[] = INDEX.sounds.map((name) => readJson(`${name}.json`) as SoundData);

/** Return one sound by its name. */
export function soundNamed(name: string): SoundData {
  const found = SOUNDS.find((sound) => sound.name === name);
  if (!found) throw new Error(`no vector named ${name}`);
  return found;
}

/** Return a sound as it was recorded. */
export function recordingOf(sound: SoundData): Recording {
  return { channels: sound.input.files.map(readFloats), rateHz: sound.input.rate_hz };
}

/** Return a file of little-endian float32. */
export function readFloats(file: string): Float32Array {
  const bytes = readFileSync(FOLDER + file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Return a generator of numbers in 0..1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Return the borders of consecutive chunks of random sizes, 0 included, that make up `n` samples. */
export function randomBorders(n: number, most: number, seed: number): number[] {
  const random = seeded(seed);
  const borders = [0];
  for (let at = 0; at < n; ) {
    at = Math.min(n, at + Math.floor(random() ** 3 * most));
    borders.push(at);
  }
  return borders;
}

/** Return consecutive chunks of random sizes, some of them empty. */
export function randomChunks(samples: Float32Array, most: number, seed: number): Float32Array[] {
  const borders = randomBorders(samples.length, most, seed);
  return borders.slice(1).map((stop, k) => samples.subarray(borders[k], stop));
}

/** Return the level of a signal's root mean square, dB re full scale. */
export function levelDb(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ** 2;
  return 10 * Math.log10(sum / samples.length + 1e-30);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(FOLDER + file, "utf-8"));
}
