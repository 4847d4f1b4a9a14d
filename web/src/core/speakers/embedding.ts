/**
 * Sound of any length to one vector of unit norm: the vectors of its windows, which a model gives one by one, are
 * averaged and brought to unit norm again.
 *
 * Windows of the model's length start every step; the last one ends with the sound. Sound shorter than a window is
 * repeated until it fills one: a voice that goes on is nearer to what the model knows than silence.
 */

import { AudioError, ModelError } from "../errors";
import { norm } from "./vectors";

/** What a speaker model eats, in samples at its own rate. */
export interface WindowGeometry {
  /** Samples that the model sees at a time, 1 or more. */
  readonly windowSamples: number;
  /** Samples between the starts of two windows, 1 or more. */
  readonly stepSamples: number;
}

const LEAST_NORM = 1e-12;

/**
 * Returns where the windows of a sound start, in samples, ascending.
 *
 * @param nSamples - Length of the sound, 1 or more; one shorter than a window has a single window at 0.
 */
export function windowStarts(nSamples: number, geometry: WindowGeometry): number[] {
  const { windowSamples, stepSamples } = geometry;
  const last = Math.max(nSamples - windowSamples, 0);
  const starts: number[] = [];
  for (let start = 0; start <= last; start += stepSamples) starts.push(start);
  if (last % stepSamples !== 0) starts.push(last);
  return starts;
}

/**
 * Returns the windows of a sound, float32[windowSamples] each: views of it, unless it is shorter than one.
 *
 * @param samples - Mono, float32[n] at the model's rate, full scale -1..1.
 * @throws {@link AudioError} If there are none.
 */
export function windowsOf(samples: Float32Array, geometry: WindowGeometry): Float32Array[] {
  const { windowSamples } = geometry;
  if (samples.length === 0) {
    throw new AudioError("a model of voices wants mono samples, float32[n], got none: give one sample or more");
  }
  let whole = samples;
  if (samples.length < windowSamples) {
    whole = new Float32Array(windowSamples);
    for (let at = 0; at < windowSamples; at++) whole[at] = samples[at % samples.length];
  }
  return windowStarts(whole.length, geometry).map((start) => whole.subarray(start, start + windowSamples));
}

/**
 * Returns the mean of the vectors of a sound's windows, brought to unit norm; every window counts the same.
 *
 * @param windows - float32[dim] each, one or more.
 * @returns float32[dim] of unit norm; zeros where the vectors cancel each other.
 * @throws {@link ModelError} If there are none, or their lengths differ.
 */
export function embeddingOf(windows: readonly Float32Array[]): Float32Array {
  const dim = windows.length > 0 ? windows[0].length : 0;
  if (dim === 0 || windows.some((row) => row.length !== dim)) {
    const lengths = windows.map((row) => row.length).join(", ");
    throw new ModelError(`embeddings of windows with [${lengths}] numbers: give one or more, all by one model`);
  }
  const mean = new Float32Array(dim);
  for (let at = 0; at < dim; at++) {
    let sum = 0;
    for (const row of windows) sum += row[at];
    mean[at] = sum / windows.length;
  }
  const length = Math.max(norm(mean), LEAST_NORM);
  return mean.map((value) => value / length);
}
