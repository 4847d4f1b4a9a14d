/**
 * The low-pass of a change of rate: a sinc under a Kaiser window, in one row of weights per position of an output
 * between two inputs.
 *
 *     h(t) = c sinc(c t) I0(beta sqrt(1 - (t / T)^2)) / I0(beta)        t in input samples, |t| < T
 *
 * Pass band and stop band are those of libsoxr's HQ recipe, which the models were trained behind: flat to 91 % of the
 * lower Nyquist frequency and nothing above it; where a rate below 16 kHz is raised, flat to 88 %, as its polyphase
 * engine does. Length and beta follow Kaiser's formulas for -130 dB.
 */

const STOP_DB = 130;
const PASS_EDGE = 0.9136;
const RAISED_PASS_EDGE = 0.885;
const RAISED_BELOW_HZ = 16_000;
const MAX_ROWS = 1_024;

/** Weights for every position of an output between two inputs. */
export interface Kernel {
  /** Inputs on each side of an output; a row has twice as many weights. */
  readonly half: number;
  /** Positions from 0 to 1 inclusive; row r stands for position r / (rows - 1). */
  readonly rows: number;
  /** Float32Array[rows * 2 * half]; weight j of a row belongs to input floor(position) - half + 1 + j. */
  readonly weights: Float32Array;
}

/**
 * Return the kernel for a change of rate.
 *
 * @param inHz - rate of the input.
 * @param outHz - rate of the output.
 * @param positions - different positions of an output between two inputs. Up to 1 024 get a row each; of more, the rows
 * lie so close that interpolation between two is off by less than -115 dB.
 */
export function designKernel(inHz: number, outHz: number, positions: number): Kernel {
  const beta = 0.1102 * (STOP_DB - 8.7);
  const pass = inHz < outHz && inHz < RAISED_BELOW_HZ ? RAISED_PASS_EDGE : PASS_EDGE;
  const transition = Math.PI * (1 - pass);
  const reach = (STOP_DB - 7.95) / (2.285 * transition) / 2;
  const half = Math.ceil(reach * Math.max(1, inHz / outHz));
  const cutoff = ((1 + pass) / 2) * Math.min(1, outHz / inHz);
  const steps = Math.min(positions, MAX_ROWS);
  const weights = new Float32Array((steps + 1) * 2 * half);
  for (let row = 0; row <= steps; row++) {
    fillRow(weights.subarray(row * 2 * half, (row + 1) * 2 * half), row / steps, half, cutoff, beta);
  }
  return { half, rows: steps + 1, weights };
}

function fillRow(row: Float32Array, position: number, half: number, cutoff: number, beta: number): void {
  const exact = new Float64Array(row.length);
  let sum = 0;
  for (let j = 0; j < row.length; j++) {
    const t = j - half + 1 - position;
    const inside = 1 - (t / half) ** 2;
    exact[j] = inside > 0 ? sinc(cutoff * t) * besselI0(beta * Math.sqrt(inside)) : 0;
    sum += exact[j];
  }
  for (let j = 0; j < row.length; j++) row[j] = exact[j] / sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Return the modified Bessel function of the first kind and order zero, by its power series. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
