/**
 * The low-pass behind which rates below 16 kHz are raised: libsoxr's polyphase engine at HQ, as it answers to one sample.
 *
 * The Python client raises telephone sound through that engine, so its answer was measured and stands here in half input
 * samples: flat to 88 % of the lower Nyquist frequency, nothing above it. At twice the rate it ends, so that a sinc under a
 * Kaiser window finds what lies between (-130 dB). The engine puts its outputs on a grid of half inputs: for other ratios
 * than 1:2 they come by up to a quarter of an input early, which is done alike.
 */

import { besselI0, type Kernel, sinc } from "./kernel-parts";
import { RAISED_RESPONSE } from "./raised-response";

/** Inputs on each side that an output reaches. */
const HALF = 64;
/** Values of the table on each side that one between them is made of, and the window's shape. */
const REACH = 24;
const BETA = 10.5;
const MAX_ROWS = 1_024;

/**
 * Return the kernel for raising a rate below 16 kHz.
 *
 * @param inHz - rate of the input.
 * @param outHz - rate of the output, above it.
 * @param positions - different positions of an output between two inputs.
 */
export function raisedKernel(inHz: number, outHz: number, positions: number): Kernel {
  const early = ((inHz / outHz) % 0.5) / 2;
  const steps = Math.min(positions, MAX_ROWS);
  const weights = new Float32Array((steps + 1) * 2 * HALF);
  for (let row = 0; row <= steps; row++) {
    fillRow(weights.subarray(row * 2 * HALF, (row + 1) * 2 * HALF), row / steps + early);
  }
  return { half: HALF, rows: steps + 1, weights };
}

/** Fill the weights of an output that stands `position` inputs behind one. */
function fillRow(row: Float32Array, position: number): void {
  const middle = 2 * (position + HALF - 1); // halves from the input of weight 0
  const nearest = Math.round(middle);
  const between = Float64Array.from({ length: 2 * REACH + 1 }, (_, k) => windowed(middle - nearest + REACH - k));
  for (let j = 0; j < row.length; j++) {
    const first = nearest - 2 * j - REACH;
    let sum = 0;
    for (let k = 0; k < between.length; k++) sum += between[k] * (RAISED_RESPONSE[Math.abs(first + k)] ?? 0);
    row[j] = sum;
  }
}

function windowed(x: number): number {
  const inside = 1 - (x / REACH) ** 2;
  return inside > 0 ? (sinc(x) * besselI0(BETA * Math.sqrt(inside))) / besselI0(BETA) : 0;
}
