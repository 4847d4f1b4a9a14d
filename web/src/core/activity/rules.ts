/** The segmenter's numbers, in seconds and in steps. */

import { VoxliteError } from "../errors";
import { roundHalfEven } from "../rounding";

/** The segmenter's numbers. */
export interface SegmenterConfig {
  /** Probability from which a step is voice, above 0 and below 1. */
  readonly threshold: number;
  /** How far below `threshold` a voice may fall and still go on. */
  readonly hysteresis: number;
  /** Shortest voice, seconds. */
  readonly minVoiceS: number;
  /** Shortest pause that ends a voice, seconds. */
  readonly minGapS: number;
  /** Shortest silence or noise beside the other, seconds. */
  readonly minRestS: number;
  /** Added before and after each voice, seconds. */
  readonly padS: number;
}

/** What is taken where nothing else is asked for. */
export const SEGMENTER: SegmenterConfig = {
  threshold: 0.5,
  hysteresis: 0.1,
  minVoiceS: 0.12,
  minGapS: 0.2,
  minRestS: 0.16,
  padS: 0,
};

/** What a `SegmenterConfig` means for steps of one length: all that the state machine goes by. */
export interface StepRules {
  /** Probability from which a voice begins. */
  readonly threshold: number;
  /** Probability below which it pauses. */
  readonly offThreshold: number;
  /** The configuration's durations in whole steps, at least 1. */
  readonly minVoiceSteps: number;
  readonly minGapSteps: number;
  readonly minRestSteps: number;
  /** The same of the padding, at least 0. */
  readonly padSteps: number;
}

/**
 * Return a configuration's rules for steps of `stepS` seconds.
 *
 * @throws VoxliteError if the threshold is not between 0 and 1, or another number is outside 0..60.
 */
export function stepRules(config: SegmenterConfig, stepS: number): StepRules {
  const { threshold, hysteresis, minVoiceS, minGapS, minRestS, padS } = config;
  if (!(threshold > 0 && threshold < 1)) throw new VoxliteError(`threshold must be between 0 and 1, got ${threshold}`);
  for (const [name, value] of Object.entries({ hysteresis, minVoiceS, minGapS, minRestS, padS })) {
    if (!(value >= 0 && value <= 60)) throw new VoxliteError(`${name} must be 0..60, got ${value}`);
  }
  return {
    threshold,
    offThreshold: Math.max(threshold - hysteresis, threshold / 4),
    minVoiceSteps: Math.max(1, roundHalfEven(minVoiceS / stepS)),
    minGapSteps: Math.max(1, roundHalfEven(minGapS / stepS)),
    minRestSteps: Math.max(1, roundHalfEven(minRestS / stepS)),
    padSteps: roundHalfEven(padS / stepS),
  };
}
