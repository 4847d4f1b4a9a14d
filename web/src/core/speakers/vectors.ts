/**
 * Arithmetic on embeddings. Sums are taken in double precision and rounded to float32 once, where the Python reference
 * keeps a float32: both then differ by no more than its own order of summation does.
 */

/** Rows of equal length in one piece of memory. */
export interface Matrix {
  /** float32[nRows * dim], row by row. */
  readonly data: Float32Array;
  /** Number of rows, 0 or more. */
  readonly nRows: number;
  /** Numbers in a row, 1 or more. */
  readonly dim: number;
}

/**
 * Return the scalar product of two vectors: of unit norm both, their cosine.
 *
 * @param first - float32[dim].
 * @param second - float32[dim], or longer if `offset` says where in it the vector begins.
 * @returns Rounded to float32.
 */
export function dot(first: Float32Array, second: Float32Array, offset = 0): number {
  let sum = 0;
  for (let at = 0; at < first.length; at++) sum += first[at] * second[offset + at];
  return Math.fround(sum);
}

/** Return the Euclidean norm of a vector, in double precision. */
export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vector[at] * vector[at];
  return Math.sqrt(sum);
}

/** Tell whether two vectors are the same bytes: not a number equals itself, and 0 is not -0. */
export function sameBytes(first: Float32Array, second: Float32Array): boolean {
  if (first.length !== second.length) return false;
  const one = new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
  const other = new Uint8Array(second.buffer, second.byteOffset, second.byteLength);
  return one.every((value, at) => value === other[at]);
}

/**
 * Return the places of values, the greatest first; of equals the one that comes first.
 *
 * @param values - Numbers that can be compared.
 */
export function descending(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, at) => at).sort((one, other) => values[other] - values[one]);
}
