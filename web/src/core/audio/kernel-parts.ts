/** What kernels are made of. */

/** Weights for every position of an output between two inputs. */
export interface Kernel {
  /** Inputs on each side of an output; a row has twice as many weights. */
  readonly half: number;
  /** Positions from 0 to 1 inclusive; row r stands for position r / (rows - 1). */
  readonly rows: number;
  /** Float32Array[rows * 2 * half]; weight j of a row belongs to input floor(position) - half + 1 + j. */
  readonly weights: Float32Array;
}

/** Return sin(pi x) / (pi x). */
export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Return the modified Bessel function of the first kind and order zero, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
