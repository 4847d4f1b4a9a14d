/**
 * From two stretches of speech to one calibrated LLR.
 *
 * The model's LLR is mapped once more by slope * LLR + offset where the user has calibrated on recordings of their own;
 * without, that is the identity. A person's references are blended into one for each probe ({@link togetherOf}).
 */

import { isNarrowBand } from "../quality/remarks";
import { blended, costOf } from "./blending";
import type { PairScorer } from "./scoring";
import { descending, dot } from "./vectors";

/** Most references of a person that are blended: the nearest ones. */
export const MAX_REFERENCES = 8;

/** A piece of speech that can be compared: what was heard in a recording, or a voiceprint. */
export interface Heard {
  /** float32[dim] of unit norm. */
  readonly embedding: Float32Array;
  /** Net speech, seconds. */
  readonly speechS: number;
  /** Frequency up to which it carries sound, hertz; null if unknown. */
  readonly bandwidthHz: number | null;
}

/** What a recording says about who speaks in it. */
export interface Speech extends Heard {
  /** Plain words on the recording's quality, the worst first; empty when nothing is bad. */
  readonly remarks: readonly string[];
  /** What the voice sounds like ("female", "male"); null where that is unsure, or was not asked for. */
  readonly gender: string | null;
}

/** How a user's own recordings correct a model's LLRs: the LLR becomes slope * LLR + offset. */
export interface OwnCalibration {
  readonly slope: number;
  readonly offset: number;
  /** People and recordings that it was fitted on; 0 for the model as it is. */
  readonly nPeople: number;
  readonly nRecordings: number;
}

/** The model as it is. */
export const UNCALIBRATED: OwnCalibration = { slope: 1, offset: 0, nPeople: 0, nRecordings: 0 };

/** Several references of a person as a probe is compared with them. */
export interface Together extends Heard {
  /** Place of the nearest among them, whose bandwidth counts. */
  readonly nearest: number;
  /** LLR that their number costs. */
  readonly cost: number;
}

/** Tell whether speech is known to carry a telephone's band alone. */
export function isNarrow(heard: Heard): boolean {
  return isNarrowBand(heard.bandwidthHz);
}

/**
 * Blend references of one person for a probe.
 *
 * @param references - One or more; of more than {@link MAX_REFERENCES} the nearest count.
 */
export function togetherOf(probe: Heard, references: readonly Heard[]): Together {
  const cosines = references.map((reference) => dot(reference.embedding, probe.embedding));
  const order = descending(cosines).slice(0, MAX_REFERENCES);
  const nearest = order[0];
  return {
    embedding: blended(probe.embedding, order.map((at) => references[at].embedding)),
    speechS: order.reduce((sum, at) => sum + references[at].speechS, 0),
    bandwidthHz: references[nearest].bandwidthHz,
    nearest,
    cost: costOf(order.length),
  };
}

/** Compare speech with speech. */
export class Matcher {
  /**
   * @param scorer - Of the model.
   * @param calibration - Of the user.
   */
  constructor(
    readonly scorer: PairScorer,
    readonly calibration: OwnCalibration = UNCALIBRATED,
  ) {}

  /** Return the LLR of a probe and each of several references, float32[references.length], natural logarithm. */
  llrs(probe: Heard, references: readonly Heard[]): Float32Array {
    const [slope, offset] = [Math.fround(this.calibration.slope), Math.fround(this.calibration.offset)];
    const found = this.scorer.llrs(
      probe.embedding,
      references.map((reference) => reference.embedding),
      references.map((reference) => Math.min(probe.speechS, reference.speechS)),
      references.map((reference) => isNarrow(probe) || isNarrow(reference)),
    );
    return found.map((llr) => Math.fround(llr * slope) + offset);
  }

  /** Return the LLR of a probe and each of several people's references, float32[people.length]. */
  together(probe: Heard, people: readonly Together[]): Float32Array {
    const slope = Math.fround(this.calibration.slope);
    return this.llrs(probe, people).map((llr, at) => llr - Math.fround(Math.fround(people[at].cost) * slope));
  }
}
