/**
 * Voice or no voice: calibrated probabilities, the verdict on a clip.
 *
 * A step's probability is sigmoid(slope * logit + offset); a clip's pooled logit is the mean of its highest step logits
 * within the best second. Slopes, offsets and thresholds were fitted on validation data and travel in the model file.
 */

import { SEGMENTER, type SegmenterConfig, stepRules } from "../activity/rules";
import { ModelError } from "../errors";
import type { ModelMetadata, WaveformModel } from "../model";
import type { Decision, Scores } from "../values";
import { pool, SILENT_LOGIT } from "./pooling";
import type { Steps } from "./steps";

/** What may be asked for besides the model's own numbers. */
export interface VoiceOptions {
  /** Probability between 0 and 1 from which a step or a clip is voice; the model's own where left out. */
  readonly threshold?: number;
  /** Shortest voice, seconds. */
  readonly minVoiceS?: number;
  /** Shortest pause that ends a voice, seconds. */
  readonly minGapS?: number;
  /** Added around each voice, seconds. */
  readonly padS?: number;
}

/** A line from logits to log-odds. */
interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** A voice model with everything that is decided by it. */
export interface VoiceDetector {
  readonly model: WaveformModel;
  /** Rate that the model works at, Hz; other rates are converted. */
  readonly rateHz: number;
  /** Seconds per score. */
  readonly stepS: number;
  /** Probability from which a clip is voice. */
  readonly threshold: number;
  readonly segmenter: SegmenterConfig;
  readonly step: Line;
  readonly clip: Line;
  /** Highest steps that a clip is judged by, and the steps that they must lie within. */
  readonly poolSteps: number;
  readonly poolSpanSteps: number;
}

/**
 * Return a detector for a model.
 *
 * @throws ModelError if the model is for another task or not calibrated.
 * @throws VoxliteError if an option is out of range.
 */
export function voiceDetector(model: WaveformModel, options: VoiceOptions = {}): VoiceDetector {
  const { metadata } = model;
  if (metadata.task !== "voice") {
    throw new ModelError(`${metadata.name}: a model of the task ${metadata.task}: name a voice model`);
  }
  const rateHz = metadata.frontEnd.rateHz;
  const stepS = metadata.geometry.step / rateHz;
  const segmenter = {
    ...SEGMENTER,
    threshold: options.threshold ?? thresholdOf(metadata, "step"),
    minVoiceS: options.minVoiceS ?? SEGMENTER.minVoiceS,
    minGapS: options.minGapS ?? SEGMENTER.minGapS,
    padS: options.padS ?? SEGMENTER.padS,
  };
  stepRules(segmenter, stepS); // options that make no sense are refused here, not in the middle of a recording
  return {
    model,
    rateHz,
    stepS,
    threshold: options.threshold ?? thresholdOf(metadata, "clip"),
    segmenter,
    step: { slope: constant(metadata, "step_slope"), offset: constant(metadata, "step_offset") },
    clip: { slope: constant(metadata, "clip_slope"), offset: constant(metadata, "clip_offset") },
    poolSteps: Math.trunc(constant(metadata, "pool_steps")),
    poolSpanSteps: Math.trunc(constant(metadata, "pool_span_steps")),
  };
}

/** Return calibrated probabilities of steps, Float32Array[n]; exactly 0 where silent. */
export function voiceProbabilities(detector: VoiceDetector, steps: Steps): Float32Array {
  return steps.logits.map((logit) => (Number.isFinite(logit) ? sigmoid(detector.step, logit) : 0));
}

/** Return the logit of a clip, not yet calibrated, from all its steps. */
export function pooledLogit(detector: VoiceDetector, steps: Steps): number {
  const logits = steps.logits.map((logit, k) => (steps.silent[k] ? SILENT_LOGIT : logit));
  return pool(logits, detector.poolSteps, detector.poolSpanSteps);
}

/** Return the verdict on a clip, "voice" or "no voice", from all its steps. */
export function decideVoice(detector: VoiceDetector, steps: Steps): Decision {
  const heardS = steps.silent.filter((flag) => flag === 0).length * detector.stepS;
  const score = heardS ? sigmoid(detector.clip, pooledLogit(detector, steps)) : 0;
  const reasons = heardS ? [] : ["nothing but silence"];
  if (heardS > 0 && heardS < detector.poolSteps * detector.stepS) {
    reasons.push(`only ${heardS.toFixed(2)} s of sound to judge by`);
  }
  const label = score >= detector.threshold ? "voice" : "no voice";
  return { label, score, threshold: detector.threshold, evidenceS: heardS, reasons };
}

/**
 * Return the probabilities of all steps of a recording with their times.
 *
 * @param durationS - of the recording, seconds; the last step ends with it.
 */
export function timedScores(detector: VoiceDetector, steps: Steps, durationS: number): Scores {
  const all = voiceProbabilities(detector, steps);
  const n = Array.from(all.keys()).filter((k) => k * detector.stepS < durationS).length;
  const startS = Float64Array.from({ length: n }, (_, k) => k * detector.stepS);
  const endS = Float64Array.from({ length: n }, (_, k) => (k < n - 1 ? (k + 1) * detector.stepS : durationS));
  return { startS, endS, values: all.slice(0, n) };
}

function sigmoid(line: Line, logit: number): number {
  const odds = Math.fround(logit) * Math.fround(line.slope) + Math.fround(line.offset);
  return Math.fround(1 / (1 + Math.exp(-Math.min(Math.max(odds, -80), 80))));
}

function constant(metadata: ModelMetadata, name: string): number {
  const value = metadata.calibration[name];
  if (value === undefined) {
    throw new ModelError(`${metadata.name}: not calibrated (${name} is missing): export it again`);
  }
  return value;
}

function thresholdOf(metadata: ModelMetadata, name: string): number {
  const found = metadata.thresholds[name];
  if (!found) throw new ModelError(`${metadata.name}: no threshold named ${name}: export it again`);
  return found.value;
}
