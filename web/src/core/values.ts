/** The values that travel between stages: plain data, no behaviour. */

/** What a moment of a recording is. */
export type Label = "voice" | "silence" | "noise";

/** All labels, in the order of a report. */
export const LABELS: readonly Label[] = ["voice", "silence", "noise"];

/** A stretch of a recording; seconds from its start, `endS` exclusive. */
export interface Span {
  readonly startS: number;
  readonly endS: number;
}

/** A stretch of a recording with one label; `score` is the mean probability of that label over it, 0..1. */
export interface Segment extends Span {
  readonly label: Label;
  readonly score: number;
}

/** Probability of one thing over time. */
export interface Scores {
  /** Float64Array[n], seconds from the start of the recording; intervals ascend and do not overlap. */
  readonly startS: Float64Array;
  /** Float64Array[n], seconds, exclusive. */
  readonly endS: Float64Array;
  /** Float32Array[n], probabilities in 0..1. */
  readonly values: Float32Array;
}

/** One verdict with everything needed to question it. */
export interface Decision {
  /** The verdict, such as "voice" or "unsure". */
  readonly label: string;
  /** Calibrated probability, 0..1. */
  readonly score: number;
  /** The score from which the verdict is given. */
  readonly threshold: number;
  /** Seconds of sound that the score rests on. */
  readonly evidenceS: number;
  /** Plain-words remarks, most important first; may be empty. */
  readonly reasons: readonly string[];
}

/** A stretch of voice with what it sounds like; `score` is the probability of the likeliest label, 0..1. */
export interface TraitSegment extends Span {
  /** One of the task's labels, or "unsure". */
  readonly label: string;
  readonly score: number;
}

/** What the voices in a recording sound like. */
export interface Trait {
  /** "gender" or "mood". */
  readonly task: string;
  /** On the recording as a whole. */
  readonly decision: Decision;
  /** Probability of each label, 0..1, in the model's order; empty where there is no voice. */
  readonly scores: Readonly<Record<string, number>>;
  /** Further numbers in 0..1, such as "arousal"; empty where there is no voice. */
  readonly figures: Readonly<Record<string, number>>;
  /** The same of each voice segment, in order of time. */
  readonly segments: readonly TraitSegment[];
}

/** Return a stretch's length in seconds. */
export function durationS(span: Span): number {
  return span.endS - span.startS;
}
