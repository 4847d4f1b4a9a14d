/** Several references of a person as one: their mean, in which those nearer to the voice in question count more. */

import { descending, dot, norm } from "./vectors";

/** How much a reference that is nearer counts for more: weights are exp(LIKENESS * cosine). */
const LIKENESS = 3;
const LEAST_NORM = 1e-3;
/** LLR that twice as many references cost: a mean is nearer to strangers, too. */
const COST_OF_DOUBLING = 0.28;

/**
 * Return what the LLR of several blended references is lowered by, natural logarithm; 0 for one.
 *
 * @param nReferences - 1 or more.
 */
export function costOf(nReferences: number): number {
  return COST_OF_DOUBLING * Math.log2(nReferences);
}

/**
 * Return one reference made of several of a person.
 *
 * The mean knows a voice better than any single recording; the weights keep what another microphone said apart.
 *
 * @param probe - float32[dim] of unit norm.
 * @param references - float32[dim] of unit norm each, one or more.
 * @returns float32[dim] of unit norm; the nearest reference where they cancel each other.
 */
export function blended(probe: Float32Array, references: readonly Float32Array[]): Float32Array {
  const cosines = references.map((row) => dot(row, probe));
  const nearest = references[descending(cosines)[0]];
  const greatest = Math.max(...cosines);
  const weights = cosines.map((cosine) => Math.fround(Math.exp(Math.fround(LIKENESS * (cosine - greatest)))));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mixed = new Float32Array(probe.length);
  for (let at = 0; at < mixed.length; at++) {
    let sum = 0;
    references.forEach((row, which) => (sum += (weights[which] / total) * row[at]));
    mixed[at] = sum;
  }
  const length = norm(mixed);
  return length > LEAST_NORM ? mixed.map((value) => value / length) : nearest;
}
