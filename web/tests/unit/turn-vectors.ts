/** Reads what `voxlite vectors --out web/vectors` wrote about who speaks when. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Bounds } from "../../src/core/turns/clustering";
import type { FoundWindows } from "../../src/core/voice/windows";

const FOLDER = fileURLToPath(new URL("../../vectors/turns/", import.meta.url));

/** How Python's `centres` was asked, and how many it gave. */
export interface Question extends Bounds {
  readonly least_windows: number;
  /** From which on two centres belong together, less half per window; null if that was not asked. */
  readonly cosine: number | null;
  readonly n_centres: number;
}

/** Rows and what Python makes of them. */
export interface ClusteredCase {
  readonly name: string;
  readonly dim: number;
  /** SciPy's linkage: two clusters, their distance, rows in both. */
  readonly tree: readonly (readonly [number, number, number, number])[];
  readonly questions: readonly Question[];
}

/** A turn as Python's dataclass has it. */
export interface TurnData {
  readonly start_s: number;
  readonly end_s: number;
  readonly speaker: string;
  readonly score: number;
}

/** Windows and who speaks when in them, asked in several ways. */
export interface DiarizedCase {
  readonly name: string;
  readonly start_s: readonly number[];
  readonly end_s: readonly number[];
  readonly segment: readonly number[];
  readonly voice_s: readonly (readonly [number, number])[];
  readonly bandwidth_hz: number | null;
  readonly answers: readonly {
    readonly n_speakers: number | null;
    /** Cosine to the first window from which on a speaker is "Ada"; null where nobody is known. */
    readonly alike: number | null;
    readonly asked: readonly { readonly speech_s: number; readonly bandwidth_hz: number | null }[];
    readonly turns: readonly TurnData[];
  }[];
}

interface Texts {
  readonly clustered: readonly ClusteredCase[];
  readonly paths: readonly { readonly cosines: number[][]; readonly segment: number[]; readonly labels: number[] }[];
  readonly diarized: readonly DiarizedCase[];
}

export const TURNS = JSON.parse(readFileSync(`${FOLDER}turns.json`, "utf-8")) as Texts;

/** Return the rows of a file, Float32Array[dim] each. */
export function rowsOf(name: string, dim: number): Float32Array[] {
  const bytes = readFileSync(`${FOLDER}${name}.f32`);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return Array.from({ length: values.length / dim }, (_, at) => values.slice(at * dim, (at + 1) * dim));
}

/** Return a case's windows. */
export function windowsOf(one: DiarizedCase, dim: number): FoundWindows {
  const vectors = rowsOf(one.name, dim);
  return {
    windows: one.start_s.map((startS, k) => ({ startS, endS: one.end_s[k], segment: one.segment[k], vector: vectors[k] })),
    voice: one.voice_s.map(([startS, endS]) => ({ startS, endS })),
    bandwidthHz: one.bandwidth_hz,
  };
}
