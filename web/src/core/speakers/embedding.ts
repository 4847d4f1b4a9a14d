/** Sound of any length to one vector of unit norm: the mean of its windows' vectors, brought to unit norm again. */

import { ModelError } from "../errors";
import type { WaveformModel } from "../model";
import { windowMeans } from "../voice/averaging";
import { norm } from "./vectors";

const LEAST_NORM = 1e-12;

/**
 * Return the embedding of each of several stretches of sound, float32[embeddingSize] of unit norm.
 *
 * @param model - of speakers.
 * @param sounds - mono, float32[n] at its rate each, n at least 1; what is not speech counts like speech.
 * @throws AudioError if a sound is empty.
 * @throws ModelError if the model gives no embeddings.
 */
export async function embed(model: WaveformModel, sounds: readonly Float32Array[]): Promise<Float32Array[]> {
  const { name, embeddingSize } = model.metadata;
  if (embeddingSize === 0) throw new ModelError(`${name}: gives no embeddings: name a speaker model`);
  return (await windowMeans(model, sounds)).map(unitNorm);
}

/** Return a vector brought to unit norm; zeros stay zeros. */
export function unitNorm(vector: Float32Array): Float32Array {
  const length = Math.max(norm(vector), LEAST_NORM);
  return vector.map((value) => value / length);
}
