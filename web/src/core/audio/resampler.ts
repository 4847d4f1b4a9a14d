/** Streaming change of sampling rate by an exact ratio of integers, always with a low-pass; no delay is left in it. */

import { AudioError } from "../errors";
import { designKernel } from "./kernel";
import type { Kernel } from "./kernel-parts";
import { SampleQueue } from "./sample-queue";

/** Return how many samples `nSamples` become: n * out / in rounded half up, at least 1 unless n is 0. */
export function resampledLength(nSamples: number, inHz: number, outHz: number): number {
  return nSamples ? Math.max(1, Math.floor((2 * nSamples * outHz + inHz) / (2 * inHz))) : 0;
}

/**
 * Mono resampler for chunks of any size.
 *
 * The outputs of all `push` and the `flush` together are exactly `resampledLength` samples, and output k stands at
 * second k / outHz, but where a rate below 16 kHz is raised: there within a quarter of an input, as in the Python client.
 * They are equal bit by bit however the input is cut; digital silence stays exactly zero. Before the first and after the
 * last sample everything counts as silence.
 */
export class Resampler {
  /** Seconds that the latest output lies behind the latest input. */
  readonly delayS: number;
  private readonly kernel: Kernel | null;
  private readonly up: number;
  private readonly down: number;
  private queue = new SampleQueue();
  private nIn = 0;
  private nOut = 0;
  private at = 0; // input sample at or before the next output
  private phase = 0; // how far that output lies behind it, in units of 1 / up

  /**
   * @param inHz - rate of the input, an integer above 0.
   * @param outHz - rate of the output, likewise; where they are equal the samples pass through untouched.
   * @throws AudioError if a rate is not an integer above 0.
   */
  constructor(
    readonly inHz: number,
    readonly outHz: number,
  ) {
    if (![inHz, outHz].every((rate) => Number.isInteger(rate) && rate > 0)) {
      throw new AudioError(`resampling ${inHz} Hz to ${outHz} Hz: both rates must be integers above 0`);
    }
    const common = greatestCommonDivisor(inHz, outHz);
    this.up = outHz / common;
    this.down = inHz / common;
    this.kernel = inHz === outHz ? null : designKernel(inHz, outHz, this.up);
    this.delayS = this.kernel ? this.kernel.half / inHz : 0;
    this.reset();
  }

  /** Take Float32Array[n] at `inHz`; return what is ready, Float32Array[m] at `outHz`, m may be 0. */
  push(samples: Float32Array): Float32Array {
    if (!this.kernel) return samples;
    this.nIn += samples.length;
    this.queue.append(samples);
    const ready = Math.ceil(((this.nIn - this.kernel.half) * this.up) / this.down);
    return this.produce(this.kernel, Math.max(0, ready - this.nOut));
  }

  /** End the sound: return the rest, Float32Array[m], and start anew. */
  flush(): Float32Array {
    let rest = new Float32Array(0);
    if (this.kernel && this.nIn) {
      this.queue.appendZeros(this.kernel.half);
      rest = this.produce(this.kernel, resampledLength(this.nIn, this.inHz, this.outHz) - this.nOut);
    }
    this.reset();
    return rest;
  }

  /** Forget everything; the next `push` starts a new sound. */
  reset(): void {
    const before = this.kernel ? this.kernel.half - 1 : 0;
    this.queue = new SampleQueue(-before);
    this.queue.appendZeros(before);
    this.nIn = this.nOut = this.at = this.phase = 0;
  }

  private produce(kernel: Kernel, count: number): Float32Array<ArrayBuffer> {
    const result = new Float32Array(count);
    const width = 2 * kernel.half;
    const steps = kernel.rows - 1;
    const first = this.queue.start;
    const input = this.queue.view(first, this.queue.end);
    for (let k = 0; k < count; k++) {
      const from = this.at - kernel.half + 1 - first;
      const position = (this.phase * steps) / this.up;
      const row = Math.floor(position);
      const share = position - row;
      let sum = dot(kernel.weights, row * width, input, from, width);
      if (share > 0) sum += share * (dot(kernel.weights, (row + 1) * width, input, from, width) - sum);
      result[k] = sum;
      this.phase += this.down;
      this.at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.nOut += count;
    this.queue.dropBefore(this.at - kernel.half + 1);
    return result;
  }
}

function dot(weights: Float32Array, first: number, input: Float32Array, from: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += weights[first + j] * input[from + j];
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
