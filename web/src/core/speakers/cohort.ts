/**
 * Embeddings of strangers, and how far a cosine lies above those to the nearest of them: adaptive score normalisation
 * (AS-norm, Matejka et al. 2017), the mean of both sides of a pair.
 */

import { ModelError } from "../errors";
import { dot, norm, type Matrix } from "./vectors";

const LEAST_DEVIATION = 1e-3;

/** Mean and standard deviation of the cosines of one embedding to the strangers that are nearest to it. */
export interface CohortStatistics {
  readonly mean: number;
  /** 0.001 or more. */
  readonly deviation: number;
}

/**
 * Return the cohort that lies beside a speaker model, as rows of unit norm; its direction is all that counts.
 *
 * @param bytes - int8[nRows * dim], row by row; none for a model without a cohort.
 * @param dim - Numbers in an embedding.
 * @param where - Names the file in errors.
 * @throws {@link ModelError} If the bytes are no whole rows, or one of them is empty.
 */
export function cohortRows(bytes: Int8Array, dim: number, where: string): Matrix {
  if (!(dim > 0) || bytes.length % dim !== 0) {
    throw new ModelError(`${where}: its cohort does not fit its embeddings; export the model again`);
  }
  const data = new Float32Array(bytes.length);
  for (let start = 0; start < bytes.length; start += dim) {
    const row = bytes.subarray(start, start + dim);
    const length = norm(row);
    if (length === 0) throw new ModelError(`${where}: its cohort holds an empty embedding; export the model again`);
    row.forEach((value, at) => (data[start + at] = value / length));
  }
  return { data, nRows: bytes.length / dim, dim };
}

/**
 * Return mean and standard deviation of the cosines of an embedding to the nearest strangers.
 *
 * @param embedding - float32[dim] of unit norm.
 * @param cohort - Strangers; without any, scores stay cosines: 0 and 1.
 * @param top - How many of the nearest count.
 */
export function cohortStatistics(embedding: Float32Array, cohort: Matrix, top: number): CohortStatistics {
  const n = Math.min(top, cohort.nRows);
  if (n < 1) return { mean: 0, deviation: 1 };
  const cosines = new Float32Array(cohort.nRows);
  for (let row = 0; row < cohort.nRows; row++) cosines[row] = dot(embedding, cohort.data, row * cohort.dim);
  const nearest = cosines.sort().subarray(cohort.nRows - n);
  const mean = nearest.reduce((sum, value) => sum + value, 0) / n;
  const variance = nearest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  return { mean: Math.fround(mean), deviation: Math.fround(Math.max(Math.sqrt(variance), LEAST_DEVIATION)) };
}

/** Returns AS-norm of a cosine from the statistics of either side. */
export function normalised(cosine: number, first: CohortStatistics, second: CohortStatistics): number {
  const one = Math.fround((cosine - first.mean) / first.deviation);
  const other = Math.fround((cosine - second.mean) / second.deviation);
  return Math.fround(Math.fround(one + other) / 2);
}
