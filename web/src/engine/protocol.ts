/** What the page and the worker tell each other; everything is plain data that the browser can copy. */

import type { Recording } from "../core/audio/audio";
import type { Report } from "../core/report/report";
import type { Enrollment, EnrollmentTerms, Take } from "../core/speakers/enrolling";
import type { Speech } from "../core/speakers/matching";
import type { Voiceprint } from "../core/speakers/voiceprint";
import type { Decision, Label, Scores, Segment } from "../core/values";
import type { CatalogEntry, Task } from "./catalog";
import type { Variant } from "./variant";

/** What the engine runs on. */
export interface EngineFacts {
  readonly variant: Variant;
  readonly threads: number;
  /** Version of the Python client that the models come from. */
  readonly version: string;
  readonly models: readonly CatalogEntry[];
}

/** A recording as a picture shows it; columns cover it evenly. */
export interface Picture {
  /** Float32Array[columns], lowest sample of each column. */
  readonly lowest: Float32Array;
  /** Float32Array[columns], highest. */
  readonly highest: Float32Array;
  /** Uint8Array[columns * bands], 0 (at the floor) to 255 (loudest), column by column, low bands first. */
  readonly spectrogram: Uint8Array;
  readonly columns: number;
  readonly bands: number;
  /** Frequency at the top, Hz. */
  readonly highHz: number;
}

/** A report with what a picture of it needs. */
export interface Analysed {
  readonly report: Report;
  readonly picture: Picture;
}

/** What is known of the speakers of a recording before it is heard. */
export interface KnownSpeakers {
  /** Enrolled people's, whose names speakers get; empty if there are none. */
  readonly prints: readonly Voiceprint[];
  /** 1..20; null if unknown. */
  readonly nSpeakers: number | null;
}

/** What became known while listening. */
export interface Heard {
  /** The live label of the latest step. */
  readonly now: Label;
  /** Probability of voice of the latest step, 0..1. */
  readonly score: number;
  /** Seconds of sound that the engine has heard. */
  readonly heardS: number;
  /** Seconds of sound up to which there are labels. */
  readonly labelledS: number;
  /** Label of each step that was scored, oldest first. */
  readonly steps: readonly Label[];
  /** Seconds per step. */
  readonly stepS: number;
  /** Segments that became final. */
  readonly segments: readonly Segment[];
  /** Who is speaking, where that was asked for and became known. */
  readonly speaker: Decision | null;
  /** Milliseconds that the latest portion took. */
  readonly tookMs: number;
}

/** All that the page may ask for: what goes in, what comes back. */
export interface Calls {
  /** Load the runner and the models of some tasks, so that the first answer comes at once. */
  prepare: { input: { readonly tasks: readonly Task[] }; output: EngineFacts };
  analyse: {
    input: {
      readonly recording: Recording;
      readonly source: string;
      /** What is known of the speakers; null if they are not to be told apart. */
      readonly speakers: KnownSpeakers | null;
      readonly traits: readonly ("gender" | "mood")[];
    };
    output: Analysed;
  };
  /** Voice probabilities of a recording, step by step. */
  scores: { input: { readonly recording: Recording }; output: Scores };
  /** What a recording says about who speaks in it. */
  speech: { input: { readonly recording: Recording; readonly withGender: boolean }; output: Speech };
  enroll: {
    input: {
      readonly name: string;
      readonly takes: readonly Take[];
      readonly earlier: readonly Voiceprint[];
      readonly terms: EnrollmentTerms;
    };
    output: Enrollment;
  };
  verify: { input: { readonly person: string; readonly prints: readonly Voiceprint[]; readonly speech: Speech }; output: Decision };
  identify: { input: { readonly prints: readonly Voiceprint[]; readonly speech: Speech }; output: Decision };
  /** Listen to chunks until the page says that the sound has ended; the call lasts as long. */
  listen: { input: { readonly rateHz: number; readonly prints: readonly Voiceprint[] }; output: { readonly durationS: number } };
}

/** Name of a call. */
export type CallKind = keyof Calls;

/** What the page sends. */
export type Request =
  | { [K in CallKind]: { readonly kind: K; readonly id: number; readonly input: Calls[K]["input"] } }[CallKind]
  | { readonly kind: "chunk"; readonly id: number; readonly samples: Float32Array }
  | { readonly kind: "end"; readonly id: number }
  | { readonly kind: "cancel"; readonly id: number };

/** What the worker sends. */
export type Reply =
  | { readonly kind: "done"; readonly id: number; readonly output: Calls[CallKind]["output"] }
  | { readonly kind: "failed"; readonly id: number; readonly name: string; readonly message: string }
  | { readonly kind: "progress"; readonly id: number; readonly progress: Progress }
  | { readonly kind: "heard"; readonly id: number; readonly heard: Heard };

/** How far a call is. */
export interface Progress {
  /** "models" while something is fetched and compiled, "sound" while it is analysed. */
  readonly stage: "models" | "sound";
  /** 0..1. */
  readonly share: number;
}

/** Name of the failure of a call that the page has cancelled. */
export const CANCELLED = "Cancelled";

