/**
 * From a rate of false acceptances to the LLR that keeps it.
 *
 * Whoever compares a stranger with N people has N chances to take the stranger for somebody. For a rate `far` that a
 * stranger is given any name, each comparison may have 1 - (1 - far)^(1/N).
 */

import { ModelError, VoxliteError } from "../errors";
import type { PairScorer } from "./scoring";
import { quoted } from "./wording";

/** From which LLR on a voice is taken for somebody. */
export interface OperatingPoint {
  /** Natural logarithm. */
  readonly llr: number;
  /** The chance that a stranger is taken for somebody, 0..1. */
  readonly far: number;
  /** How many people the stranger is compared with. */
  readonly nPeople: number;
}

/** Return the rate of false acceptances that each of `nPeople` comparisons may have for `far` over all of them. */
export function perComparison(far: number, nPeople: number): number {
  return -Math.expm1(Math.log1p(-far) / Math.max(nPeople, 1));
}

/**
 * Return where a model decides.
 *
 * @param scorer - Of the model.
 * @param far - The chance that a stranger is taken for somebody, above 0 and below 1; null takes the model's own.
 * @param nPeople - How many people a voice is compared with.
 * @throws {@link ModelError} If `far` is null and the model names no operating point.
 * @throws {@link VoxliteError} If `far` is out of range.
 */
export function operatingPoint(scorer: PairScorer, far: number | null = null, nPeople = 1): OperatingPoint {
  const { verify } = scorer.speaker.metadata.thresholds;
  const chosen = far ?? verify?.["far"];
  if (typeof chosen !== "number") {
    throw new ModelError(`${scorer.speaker.where}: names no operating point: choose one with far, or export it again`);
  }
  if (!(chosen > 0 && chosen < 1)) {
    throw new VoxliteError(
      `far is ${quoted(chosen)}: give a rate above 0 and below 1, 0.001 is one stranger in a thousand`,
    );
  }
  const reached = scorer.llrAtFar(perComparison(chosen, nPeople));
  // rounded in the file: one comparison is exactly what it says
  const own = far === null ? verify?.value : undefined;
  const llr = own === undefined ? reached : nPeople <= 1 ? own : Math.max(own, reached);
  return { llr, far: chosen, nPeople };
}
