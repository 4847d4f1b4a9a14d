/**
 * Clipping: samples in flat tops at the highest (or lowest) level of the recording.
 *
 * A sample is clipped when it lies in a run of at least three equal samples within 0.2 dB of the highest level that its
 * channel reaches on its side of zero, and the wave arrives at or leaves that run by a step of at least four
 * quantisation steps. Full scale is not needed: a recording clipped and then turned down is flat all the same. The step
 * rule tells a clipped top from the crest of a slow wave, where neighbouring samples round to one value. The
 * quantisation step is read from the sound around: the smallest difference between neighbours, at most 2**-13 unless
 * all samples are on the grid of 8 bits.
 *
 * The highest level is known only at the end, so the counts are kept by level, and those that a higher level makes
 * irrelevant are dropped on the way.
 */

import { roundHalfEven } from "../rounding";

const MIN_RUN_SAMPLES = 3;
const NEAR_TOP_DB = 0.2;
const MIN_STEPS = 4;
/** Flat tops are not looked for below -40 dBFS: there they are quantisation. */
const MIN_TOP = 0.01;
const BINS_PER_DB = 100;
const EIGHT_BIT = 128;
const COARSEST_STEP = 2 ** -13;
const NEAR_TOP = 10 ** (-NEAR_TOP_DB / 20);

/** Counts the clipped samples of one channel on one side of zero. */
export class ClippingCounter {
  private top = 0;
  private readonly counts = new Map<number, number>();

  /** @param sign - 1 for the tops, -1 for the bottoms. */
  constructor(private readonly sign: 1 | -1) {}

  /** Samples clipped so far. */
  get count(): number {
    const lowest = this.lowestKey();
    let sum = 0;
    for (const [key, n] of this.counts) if (key >= lowest) sum += n;
    return sum;
  }

  /**
   * Take the next stretch.
   *
   * @param samples - Float32Array[n]; runs do not reach over the borders of a stretch.
   * @param hopTops - Float32Array[n / hop rounded up], highest sample of each hop times `sign`.
   * @param hop - samples per hop.
   */
  push(samples: Float32Array, hopTops: Float32Array, hop: number): void {
    this.top = hopTops.reduce((most, value) => Math.max(most, value), this.top);
    const near = NEAR_TOP * this.top;
    const first = hopTops.findIndex((value) => value >= near);
    if (this.top < MIN_TOP || first < 0) return;
    const last = hopTops.findLastIndex((value) => value >= near);
    // One hop more on each side, so that a run across hops keeps both its ends.
    const part = samples.slice(Math.max(first - 1, 0) * hop, (last + 2) * hop);
    if (this.sign < 0) for (let i = 0; i < part.length; i++) part[i] = -part[i];
    for (const [level, count] of flatTops(part, near)) {
      const key = roundHalfEven(20 * BINS_PER_DB * Math.log10(level));
      this.counts.set(key, (this.counts.get(key) ?? 0) + count);
    }
    const lowest = this.lowestKey();
    for (const key of this.counts.keys()) if (key < lowest) this.counts.delete(key);
  }

  private lowestKey(): number {
    return roundHalfEven(BINS_PER_DB * (20 * Math.log10(this.top) - NEAR_TOP_DB));
  }
}

/** Return [level, samples] of each flat top at or above `near` that the wave meets with a step. */
function flatTops(samples: Float32Array, near: number): [number, number][] {
  const found: [number, number][] = [];
  let step: number | null = null;
  for (let begin = 0; begin < samples.length; ) {
    const level = samples[begin];
    let end = begin + 1;
    while (level >= near && end < samples.length && samples[end] === level) end++;
    if (end - begin >= MIN_RUN_SAMPLES) {
      step ??= quantisationStep(samples);
      const before = Math.abs(level - samples[Math.max(begin - 1, 0)]);
      const after = Math.abs(level - samples[Math.min(end, samples.length - 1)]);
      if (Math.fround(Math.max(before, after)) >= MIN_STEPS * step) found.push([level, end - begin]);
    }
    begin = end;
  }
  return found;
}

/** Return the smallest difference between unequal neighbours, within what formats have. */
function quantisationStep(samples: Float32Array): number {
  if (samples.every((value) => Number.isInteger(value * EIGHT_BIT))) return 1 / EIGHT_BIT;
  let least = COARSEST_STEP; // a steady tone repeats a few values, whose differences say nothing
  for (let i = 1; i < samples.length; i++) {
    const difference = Math.fround(Math.abs(samples[i] - samples[i - 1]));
    if (difference > 0 && difference < least) least = difference;
  }
  return least;
}
