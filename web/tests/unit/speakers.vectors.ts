/** Reads what `voxlite vectors --out web/vectors` wrote about voices. */

import { existsSync, readFileSync } from "node:fs";
import type { Decision } from "../../src/core/values";
import { cohortRows } from "../../src/core/speakers/cohort";
import { unitNorm } from "../../src/core/speakers/embedding";
import { Matcher, UNCALIBRATED, type OwnCalibration, type Speech } from "../../src/core/speakers/matching";
import { PairScorer, type SpeakerModel } from "../../src/core/speakers/scoring";
import { voiceprintFrom, type PrintFacts, type Voiceprint } from "../../src/core/speakers/voiceprint";

const FOLDER = new URL("../../vectors/voices/", import.meta.url);

interface PlainDecision extends Omit<Decision, "evidenceS"> {
  readonly evidence_s: number;
}

interface PlainCalibration {
  readonly slope: number;
  readonly offset: number;
  readonly n_people: number;
  readonly n_recordings: number;
}

interface Vectors {
  readonly model: SpeakerModel["metadata"] & {
    readonly file: string;
    readonly embedding_size: number;
    readonly window_samples: number;
    readonly step_samples: number;
  };
  readonly heard: readonly {
    readonly name: string;
    readonly speech_s: number;
    readonly bandwidth_hz: number | null;
    readonly remarks: readonly string[];
    readonly gender: string | null;
  }[];
  readonly sounds: readonly { readonly n_samples: number; readonly starts: readonly number[] }[];
  readonly formulas: {
    readonly cost_of: readonly [number, number][];
    readonly octaves: readonly [number, number][];
    readonly probability: readonly [number, number][];
    readonly points: readonly { far: number; n: number; llr: number; n_people: number; asked: number | null }[];
    readonly shares: readonly [number, string][];
    readonly tenths: readonly [number, string][];
  };
  readonly blends: readonly {
    readonly probe: number;
    readonly references: readonly number[];
    readonly speech_s: number;
    readonly bandwidth_hz: number | null;
    readonly nearest: number;
    readonly cost: number;
  }[];
  readonly prints: readonly PrintFacts[];
  readonly answers: readonly {
    readonly n_prints: number;
    readonly calibration: PlainCalibration;
    readonly far: number | null;
    readonly claims: readonly (string | null)[];
    readonly verify: readonly (PlainDecision | null)[];
    readonly identify: readonly PlainDecision[];
  }[];
  readonly enrollments: readonly {
    readonly takes: readonly string[];
    readonly earlier: readonly string[];
    readonly kept?: readonly string[];
    readonly warnings?: readonly string[];
    readonly error?: string;
  }[];
  readonly own_calibration: PlainCalibration;
  readonly checks: readonly {
    readonly change: Readonly<Record<string, unknown>>;
    readonly facts?: PrintFacts;
    readonly error?: string;
  }[];
  readonly passphrase: string;
}

/** Return one file of the vectors. */
export function read(name: string): Uint8Array {
  const file = new URL(name, FOLDER);
  if (!existsSync(file)) throw new Error(`${file.pathname} is missing: voxlite vectors --out web/vectors`);
  return new Uint8Array(readFileSync(file));
}

/** Return an array of the vectors as rows of so many numbers. */
export function rows(name: string, dim: number): Float32Array[] {
  const bytes = read(`${name}.f32`);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return Array.from({ length: values.length / dim }, (_, at) => values.slice(at * dim, (at + 1) * dim));
}

export const vectors = JSON.parse(new TextDecoder().decode(read("voices.json"))) as Vectors;
export const DIM = vectors.model.embedding_size;

const embeddings = rows("embeddings", DIM);
export const speeches: readonly Speech[] = vectors.heard.map((one, at) => ({
  embedding: embeddings[at],
  speechS: one.speech_s,
  bandwidthHz: one.bandwidth_hz,
  remarks: one.remarks,
  gender: one.gender,
}));

/** Return what was heard in the recording of a name. */
export function heard(name: string): Speech {
  return speeches[vectors.heard.findIndex((one) => one.name === name)];
}

const references = rows("prints", DIM);
export const prints: readonly Voiceprint[] = vectors.prints.map((facts, at) =>
  voiceprintFrom({ ...facts }, references[at]),
);

export const speaker: SpeakerModel = {
  where: vectors.model.file,
  metadata: vectors.model,
  cohort: cohortRows(new Int8Array(read("cohort.i8")), DIM, vectors.model.file),
};

/** Return the shipped model's matcher, as it is or calibrated. */
export function matcher(calibration?: PlainCalibration): Matcher {
  return new Matcher(new PairScorer(speaker), calibration === undefined ? UNCALIBRATED : owned(calibration));
}

function owned(calibration: PlainCalibration): OwnCalibration {
  const { slope, offset, n_people: nPeople, n_recordings: nRecordings } = calibration;
  return { slope, offset, nPeople, nRecordings };
}

/** Return the greatest difference of two arrays. */
export function apart(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length) return Infinity;
  return Array.from(first).reduce((most, value, at) => {
    const difference = Math.abs(value - second[at]);
    return difference <= most ? most : difference; // not a number stays not a number
  }, 0);
}

/** Return a generator of numbers in 0..1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Return makers of random voices: directions of unit norm, what is heard of one, and lists in another order. */
export function randomVoices(seed: number) {
  const random = seeded(seed);
  const direction = (dim = DIM): Float32Array => unitNorm(Float32Array.from({ length: dim }, () => random() - 0.5));
  const voice = (embedding: Float32Array, changes: Partial<Speech> = {}): Speech => ({
    embedding, speechS: 5, bandwidthHz: 7000, remarks: [], gender: null, ...changes,
  });
  const shuffled = <Value>(values: readonly Value[]): Value[] =>
    values
      .map((value) => ({ value, place: random() }))
      .sort((one, other) => one.place - other.place)
      .map(({ value }) => value);
  return { direction, voice, shuffled };
}
