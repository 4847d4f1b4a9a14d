/**
 * Sound of any length to one vector, by a model that sees one window at a time.
 *
 * Windows of the model's length start every step; the last one ends with the sound. Sound shorter than a window is
 * repeated until it fills one: a voice that goes on is nearer to what the model knows than silence. Every window counts
 * the same.
 */

import { AudioError } from "../errors";
import { stepsIn, vectorSize, type WaveformModel, windowSamples } from "../model";
import { modelRows } from "./engine";

/**
 * Return one vector for each sound, Float32Array[vector size] each: the mean of its windows' vectors, in float64.
 *
 * @param model - asked window by window.
 * @param sounds - each Float32Array[n] at the model's rate, n at least 1.
 * @throws AudioError if a sound is empty.
 */
export async function windowMeans(model: WaveformModel, sounds: readonly Float32Array[]): Promise<Float32Array[]> {
  const means: Float32Array[] = [];
  for (const sound of sounds) means.push(await windowMean(model, sound));
  return means;
}

async function windowMean(model: WaveformModel, sound: Float32Array): Promise<Float32Array> {
  if (!sound.length) throw new AudioError("a model of voices wants at least 1 sample, got 0");
  const { geometry } = model.metadata;
  const window = windowSamples(geometry);
  const samples = sound.length < window ? repeated(sound, window) : sound;
  const size = vectorSize(model.metadata);
  const rows = [await modelRows(model, samples)];
  const inStep = (stepsIn(geometry, samples.length) - 1) * geometry.step + window;
  if (inStep < samples.length) rows.push(await modelRows(model, samples.subarray(samples.length - window)));
  const mean = new Float64Array(size);
  const n = rows.reduce((total, part) => total + part.length, 0) / size;
  for (const part of rows) {
    for (let k = 0; k < part.length; k++) mean[k % size] += part[k] / n;
  }
  return Float32Array.from(mean);
}

function repeated(sound: Float32Array, n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, k) => sound[k % sound.length]);
}
