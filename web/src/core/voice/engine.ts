/**
 * Runs a waveform-in model over a stretch of sound in calls of its one input length. A model without padding along time
 * gives the same number for a step whatever its place in a call, so how a stretch is cut cannot change a result.
 */

import { ModelError } from "../errors";
import { inputLength, stepsIn, vectorSize, type WaveformModel } from "../model";

/**
 * Return what a model says of a stretch.
 *
 * @param model - asked call by call, one after the other.
 * @param stretch - Float32Array[inputLength(geometry, n)]: the sound of n steps, or windows, with its surroundings.
 * @returns Float32Array[n * max(1, vector size)], one logit or one vector after the other.
 * @throws ModelError if the model's input is too short for a step, or it gives another number of values.
 */
export async function modelRows(model: WaveformModel, stretch: Float32Array): Promise<Float32Array> {
  const { geometry } = model.metadata;
  const size = Math.max(1, vectorSize(model.metadata));
  const perCall = stepsIn(geometry, model.inputSamples);
  if (perCall < 1) {
    throw new ModelError(`${model.metadata.name}: its input of ${model.inputSamples} samples holds no step`);
  }
  const n = stepsIn(geometry, stretch.length);
  const result = new Float32Array(n * size);
  for (let first = 0; first < n; first += perCall) {
    const count = Math.min(perCall, n - first);
    const input = new Float32Array(model.inputSamples); // what lies behind the stretch is padded, its steps dropped
    const start = first * geometry.step;
    input.set(stretch.subarray(start, start + Math.min(model.inputSamples, inputLength(geometry, count))));
    const rows = await model.run(input);
    if (rows.length !== perCall * size) {
      throw new ModelError(
        `${model.metadata.name}: gives ${rows.length} numbers where its metadata tells of ${perCall * size}; ` +
          "export the model again",
      );
    }
    result.set(rows.subarray(0, count * size), first * size);
  }
  return result;
}
