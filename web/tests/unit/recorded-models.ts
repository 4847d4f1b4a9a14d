/** Models that answer what Python's answered, and refuse sound that Python's was never asked about. */

import { joined } from "../../src/core/audio/conformer";
import { readMetadata, stepsIn, type WaveformModel, windowSamples } from "../../src/core/model";
import { INDEX, type WindowData } from "./recording-vectors";

const VOICE_INPUT_SAMPLES = 16_000;
const EVERY = 97; // samples between those that are compared
const NEAR = 2e-3;

/** Sound at the model's rate and the logits that Python's model gave for its steps; null where silent. */
export interface HeardSound {
  readonly samples: Float32Array;
  readonly logits: readonly (number | null)[];
}

/** Return the metadata of a model that the vectors were made with. */
export function metadataOf(task: string) {
  return readMetadata(INDEX.models[task], task);
}

/**
 * Return a voice model that finds what it is given in some sounds and answers with their logits.
 *
 * A step that Python found silent gets NaN, so that nobody can use it unseen.
 */
export function recordedVoiceModel(heard: readonly HeardSound[], inputSamples = VOICE_INPUT_SAMPLES): WaveformModel {
  const metadata = metadataOf("voice");
  const { step, before } = metadata.geometry;
  const nSteps = stepsIn(metadata.geometry, inputSamples);
  const padded = heard.map(({ samples, logits }) => ({
    samples: joined([new Float32Array(before), samples, new Float32Array(inputSamples)]),
    logits,
  }));
  let last = 0; // sounds that repeat themselves are heard in order
  return {
    metadata,
    inputSamples,
    run(window) {
      if (window.length !== inputSamples) throw new Error(`a call takes ${inputSamples} samples, got ${window.length}`);
      let best = { distance: Infinity, at: 0, logits: [] as readonly (number | null)[] };
      const known = windowSamples(metadata.geometry); // what follows may be another sound's padding
      for (const { samples, logits } of padded) {
        for (let k = 0; k < logits.length; k++) {
          const at = (k + last) % logits.length;
          let distance = 0;
          for (let i = 0; i < known; i += EVERY) {
            distance = Math.max(distance, Math.abs(window[i] - samples[at * step + i]));
          }
          if (distance < best.distance) best = { distance, at, logits };
        }
      }
      if (best.distance > NEAR) throw new Error(`sound that no vector knows: ${best.distance} off the nearest`);
      last = best.at;
      return Float32Array.from({ length: nSteps }, (_, k) => best.logits[best.at + k] ?? NaN);
    },
  };
}

/** Return a model of a trait that knows its windows again by some of their samples. */
export function recordedTraitModel(task: string, windows: readonly WindowData[]): WaveformModel {
  const metadata = metadataOf(task);
  return {
    metadata,
    inputSamples: windowSamples(metadata.geometry),
    run(window) {
      const own = window.filter((_, i) => i % INDEX.fingerprint_every === 0);
      const distance = (one: WindowData) => Math.max(...one.window.map((value, i) => Math.abs(value - own[i])));
      const nearest = windows.reduce((a, b) => (distance(b) < distance(a) ? b : a));
      if (distance(nearest) > NEAR) throw new Error(`a window that no vector knows: ${distance(nearest)} off`);
      return Float32Array.from(nearest.vector);
    },
  };
}
