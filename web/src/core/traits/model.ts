/**
 * What gender and mood have in common: a model's mean logits over the speech in a recording, calibrated odds.
 *
 * A trait's probabilities are softmax(slope * logits + offsets). Slope, offsets and the probability from which a label
 * is given were fitted on voices that the net had not heard, and travel in the model file. Short speech says less: its
 * slope is smaller.
 */

import { ModelError } from "../errors";
import type { ModelMetadata, WaveformModel } from "../model";

/** Net speech that "short_slope" and "long_slope" belong to; between them, the slope follows its logarithm; seconds. */
const SHORT_S = 1;
const LONG_S = 3;

/** How outputs and constants begin that serve a comparison with a person's neutral voice. */
const AGAINST_NEUTRAL = "against_neutral_";

/** A trait's model and its calibration. */
export interface TraitModel {
  readonly model: WaveformModel;
  readonly metadata: ModelMetadata;
  /** "gender" or "mood". */
  readonly task: string;
  readonly labels: readonly string[];
  /** Probability from which a label is given. */
  readonly threshold: number;
  readonly shortSlope: number;
  readonly longSlope: number;
  /** One per label. */
  readonly offsets: readonly number[];
  /** First of the outputs that tell of the labels. */
  readonly firstOutput: number;
  /** Float32Array[outputs], what the model says of a person's neutral voice; null where nothing is compared. */
  readonly reference: Float32Array | null;
}

/**
 * Return a trait's model, ready to decide.
 *
 * @param task - "gender" or "mood".
 * @throws ModelError if the model is for another task, gives no scores of a trait, or is not calibrated.
 */
export function traitModel(task: string, model: WaveformModel): TraitModel {
  const { metadata } = model;
  const { labels, outputs } = metadata;
  if (metadata.task !== task) {
    throw new ModelError(`${metadata.name}: a model of the task ${metadata.task}: name a ${task} model`);
  }
  if (!labels.length || labels.some((label, k) => outputs[k] !== label)) {
    throw new ModelError(`${metadata.name}: gives no scores of a trait: name a ${task} model`);
  }
  const calibration = calibrationOf(metadata, "");
  return { model, metadata, task, labels, firstOutput: 0, reference: null, ...calibration };
}

/**
 * Return a mood model that tells moods by how a voice differs from itself when neutral.
 *
 * @param neutral - Float32Array[outputs] each, what the model says of one neutral recording or more of the person.
 * @throws ModelError if the model has not learned such differences, or there is no recording.
 */
export function againstNeutral(trait: TraitModel, neutral: readonly Float32Array[]): TraitModel {
  const { metadata } = trait;
  const firstOutput = metadata.outputs.indexOf(AGAINST_NEUTRAL + trait.labels[0]);
  if (firstOutput < 0) {
    throw new ModelError(
      `${metadata.name}: has not learned to compare with a neutral voice: name another model, or leave the neutral ` +
        "recordings out",
    );
  }
  if (!neutral.length) throw new ModelError("comparing with a neutral voice needs 1 recording of it at least, got 0");
  const reference = metadata.outputs.map((_, k) => neutral.reduce((sum, row) => sum + row[k], 0) / neutral.length);
  return {
    ...trait,
    ...calibrationOf(metadata, AGAINST_NEUTRAL),
    firstOutput,
    reference: Float32Array.from(reference),
  };
}

/**
 * Return the calibrated probability of each label; they sum to one.
 *
 * @param vector - Float32Array[outputs].
 * @param speechS - seconds of speech that it rests on.
 */
export function traitScores(trait: TraitModel, vector: Float32Array, speechS: number): Record<string, number> {
  const heard = Math.min(Math.max(speechS, SHORT_S), LONG_S);
  const share = Math.log(heard / SHORT_S) / Math.log(LONG_S / SHORT_S);
  const slope = trait.shortSlope + share * (trait.longSlope - trait.shortSlope);
  const odds = trait.labels.map((_, k) => slope * logit(trait, vector, k) + trait.offsets[k]);
  const most = Math.max(...odds);
  const powers = odds.map((value) => Math.exp(value - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Object.fromEntries(trait.labels.map((label, k) => [label, powers[k] / total]));
}

/** Return what else the model tells, such as "arousal", each in 0..1, from Float32Array[outputs]. */
export function traitFigures(trait: TraitModel, vector: Float32Array): Record<string, number> {
  const { calibration, outputs } = trait.metadata;
  const told: Record<string, number> = {};
  outputs.forEach((name, k) => {
    if (trait.labels.includes(name) || name.startsWith(AGAINST_NEUTRAL)) return;
    const odds = vector[k] * (calibration[`${name}_slope`] ?? 1) + (calibration[`${name}_offset`] ?? 0);
    told[name] = 1 / (1 + Math.exp(-Math.min(Math.max(odds, -30), 30)));
  });
  return told;
}

function logit(trait: TraitModel, vector: Float32Array, label: number): number {
  const k = trait.firstOutput + label;
  return trait.reference ? vector[k] - trait.reference[k] : vector[k];
}

type Calibration = Pick<TraitModel, "shortSlope" | "longSlope" | "offsets" | "threshold">;

/** Return the constants and the threshold whose names begin with a prefix. */
function calibrationOf(metadata: ModelMetadata, prefix: string): Calibration {
  const missing = (name: string): ModelError =>
    new ModelError(`${metadata.name}: not calibrated (${name} is missing): export it again`);
  const constant = (name: string): number => {
    const value = metadata.calibration[prefix + name];
    if (value === undefined) throw missing(prefix + name);
    return value;
  };
  const decide = metadata.thresholds[`${prefix}decide`];
  if (!decide) throw missing(`${prefix}decide`);
  return {
    shortSlope: constant("short_slope"),
    longSlope: constant("long_slope"),
    offsets: metadata.labels.map((label) => constant(`offset_${label}`)),
    threshold: decide.value,
  };
}
