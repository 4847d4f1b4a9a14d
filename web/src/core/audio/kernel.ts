/**
 * The low-pass of a change of rate: a sinc under a Kaiser window, in one row of weights per position of an output
 * between two inputs.
 *
 *     h(t) = c sinc(c t) I0(beta sqrt(1 - (t / T)^2)) / I0(beta)        t in input samples, |t| < T
 *
 * Pass band and stop band are those of libsoxr's HQ recipe, which the models were trained behind: flat to 91 % of the
 * lower Nyquist frequency and nothing above it. Length and beta follow Kaiser's formulas for -130 dB. Where a rate below
 * 16 kHz is raised, that library has another engine, and so has this client: `raisedKernel`.
 */

import { besselI0, type Kernel, sinc } from "./kernel-parts";
import { raisedKernel } from "./raised-kernel";

const STOP_DB = 130;
const PASS_EDGE = 0.9136;
const RAISED_BELOW_HZ = 16_000;
const MAX_ROWS = 1_024;

/**
 * Return the kernel for a change of rate.
 *
 * @param inHz - rate of the input.
 * @param outHz - rate of the output.
 * @param positions - different positions of an output between two inputs. Up to 1 024 get a row each; of more, the rows
 * lie so close that interpolation between two is off by less than -115 dB.
 */
export function designKernel(inHz: number, outHz: number, positions: number): Kernel {
  if (inHz < outHz && inHz < RAISED_BELOW_HZ) return raisedKernel(inHz, outHz, positions);
  const beta = 0.1102 * (STOP_DB - 8.7);
  const transition = Math.PI * (1 - PASS_EDGE);
  const reach = (STOP_DB - 7.95) / (2.285 * transition) / 2;
  const half = Math.ceil(reach * Math.max(1, inHz / outHz));
  const cutoff = ((1 + PASS_EDGE) / 2) * Math.min(1, outHz / inHz);
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
