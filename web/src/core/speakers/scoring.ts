/**
 * How alike two voices are: a normalised cosine as a calibrated log-likelihood ratio (LLR).
 *
 * A logistic calibration whose slope and offset depend on the seconds of speech and on the bandwidth turns the score
 * that {@link normalised} gives into an LLR: 0 says nothing either way, 3 that the pair is e^3 = 20 times as likely of
 * one person as of two. A speaker model's metadata carries the constants: "wide_slope", "wide_slope_per_octave",
 * "wide_offset", "wide_offset_per_octave", the same with "narrow_", "cohort_top", and "llr_at_far_0.1" and so on, the
 * LLR that this share of strangers reached on held-out voices.
 */

import { ModelError } from "../errors";
import type { ModelMetadata } from "../model";
import { cohortStatistics, normalised, type CohortStatistics } from "./cohort";
import { dot, type Matrix } from "./vectors";

/** Seconds of speech between which the calibration follows the length; beyond, it stays as at the end. */
const [SHORTEST_S, LONGEST_S] = [1, 8];
const REFERENCE_S = 3;
const FAR_KEY = "llr_at_far_";
const BANDS = ["wide", "narrow"] as const;
const CONSTANTS = ["slope", "slope_per_octave", "offset", "offset_per_octave"] as const;

/** What is needed of a speaker model to decide by its embeddings. */
export interface SpeakerModel {
  /** Names the model in errors. */
  readonly where: string;
  /** What its file says of itself. */
  readonly metadata: Pick<ModelMetadata, "name" | "version" | "calibration" | "thresholds">;
  /** Strangers, float32 rows of unit norm; see `cohortRows`. */
  readonly cohort: Matrix;
}

/** Return a length of speech as the calibration sees it: octaves from 3 s, limited to those of 1 s and 8 s. */
export function octaves(speechS: number): number {
  return Math.fround(Math.log2(Math.min(Math.max(speechS, SHORTEST_S), LONGEST_S) / REFERENCE_S));
}

/** Return the probability, 0..1, that a pair is of one person where that was as likely as not before hearing it. */
export function probability(llr: number): number {
  return Math.fround(1 / (1 + Math.exp(-Math.min(Math.max(llr, -80), 80))));
}

/** From embeddings to LLRs, as one model says. */
export class PairScorer {
  private readonly rates: readonly { readonly far: number; readonly llr: number }[];

  /**
   * @param speaker - A speaker model.
   * @throws {@link ModelError} If it holds no calibration.
   */
  constructor(readonly speaker: SpeakerModel) {
    const { where, metadata: { calibration } } = speaker;
    const needed = ["cohort_top", ...BANDS.flatMap((band) => CONSTANTS.map((constant) => `${band}_${constant}`))];
    if (needed.some((name) => !Number.isFinite(calibration[name]))) {
      throw new ModelError(`${where}: its scores are not calibrated: import or export the model again`);
    }
    this.rates = Object.entries(calibration)
      .filter(([name]) => name.startsWith(FAR_KEY))
      .map(([name, llr]) => ({ far: Number(name.slice(FAR_KEY.length)), llr }))
      .sort((one, other) => one.far - other.far);
  }

  /** Return how an embedding, float32[dim] of unit norm, lies among the model's strangers. */
  statistics(embedding: Float32Array): CohortStatistics {
    return cohortStatistics(embedding, this.speaker.cohort, this.speaker.metadata.calibration["cohort_top"]);
  }

  /**
   * Return the LLR of one voice and each of several references.
   *
   * @param probe - float32[dim] of unit norm.
   * @param references - Likewise.
   * @param speechS - Net speech of the shorter side, for each reference.
   * @param narrow - Whether one of both sides carries a telephone's band alone, for each reference.
   * @returns float32[references.length], natural logarithm.
   */
  llrs(
    probe: Float32Array,
    references: readonly Float32Array[],
    speechS: readonly number[],
    narrow: readonly boolean[],
  ): Float32Array {
    const own = this.statistics(probe);
    return Float32Array.from(references, (row, at) => {
      const score = normalised(dot(row, probe), own, this.statistics(row));
      return this.calibrated(score, speechS[at], narrow[at]);
    });
  }

  /**
   * Return the LLR of a normalised score.
   *
   * @param speechS - Net speech of the shorter side, seconds.
   * @param narrow - Whether one of both sides carries a telephone's band alone.
   */
  calibrated(score: number, speechS: number, narrow: boolean): number {
    const [band, octave] = [narrow ? "narrow" : "wide", octaves(speechS)];
    const { calibration } = this.speaker.metadata;
    const slope = calibration[`${band}_slope`] + octave * calibration[`${band}_slope_per_octave`];
    const offset = calibration[`${band}_offset`] + octave * calibration[`${band}_offset_per_octave`];
    return Math.fround(score * slope + offset);
  }

  /**
   * Return the LLR that a share of strangers reaches, between measured rates by their logarithm.
   *
   * Beyond the rarest rate that was measured, the LLR rises by as much as the odds fall.
   *
   * @param far - The share, above 0 and below 1.
   */
  llrAtFar(far: number): number {
    const { rates } = this;
    if (rates.length === 0) return -Math.log(far);
    const rarest = rates[0];
    if (far <= rarest.far) return rarest.llr + Math.log(rarest.far / far);
    const above = rates.findIndex((rate) => rate.far >= far);
    if (above < 0) return rates[rates.length - 1].llr;
    const [left, right] = [rates[above - 1], rates[above]];
    const part = Math.log(far / left.far) / Math.log(right.far / left.far);
    return left.llr + part * (right.llr - left.llr);
  }
}
