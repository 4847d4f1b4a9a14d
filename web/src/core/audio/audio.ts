/** The values that carry a sampling rate, and what samples must be like. */

import { AudioError } from "../errors";

/** Lowest and highest rate of a sound, Hz. */
export const MIN_RATE_HZ = 4_000;
/** See `MIN_RATE_HZ`. */
export const MAX_RATE_HZ = 192_000;
/** Above any integer written as float; beyond it powers overflow float32. */
export const MAX_LEVEL = 1e10;

/** Mono sound in memory. */
export interface Audio {
  /** Float32Array[n], full scale -1..1; louder is kept, never wrapped. */
  readonly samples: Float32Array;
  /** Samples per second, 4 000..192 000. */
  readonly rateHz: number;
}

/** Sound in memory as it was recorded. */
export interface Recording {
  /** One Float32Array[n] per channel, all of one length, full scale -1..1. */
  readonly channels: readonly Float32Array[];
  /** Samples per second and channel, 4 000..192 000. */
  readonly rateHz: number;
}

/**
 * Refuse a rate that no sound has.
 *
 * @throws AudioError if the rate is no integer in 4 000..192 000 Hz.
 */
export function checkRate(rateHz: number): void {
  if (!Number.isInteger(rateHz) || rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) {
    throw new AudioError(`sampling rate ${rateHz} Hz is outside ${MIN_RATE_HZ}..${MAX_RATE_HZ} Hz`);
  }
}

/**
 * Refuse samples that cannot be analysed.
 *
 * @param samples - Float32Array[n].
 * @param first - number of the first of them in the recording.
 * @param rateHz - for the time that the error tells.
 * @throws AudioError if one is NaN, infinite or beyond `MAX_LEVEL`.
 */
export function checkSamples(samples: Float32Array, first: number, rateHz: number): void {
  for (let i = 0; i < samples.length; i++) {
    if (!(Math.abs(samples[i]) <= MAX_LEVEL)) {
      const at = first + i;
      throw new AudioError(
        `sample ${at} (${(at / rateHz).toFixed(3)} s) is NaN, infinite or absurdly large: the sound is damaged, ` +
          "record or export it again",
      );
    }
  }
}

/**
 * Return the samples per channel of some channels.
 *
 * @throws AudioError if there is no channel, or they differ in length.
 */
export function channelLength(channels: readonly Float32Array[]): number {
  const n = channels[0]?.length;
  if (n === undefined) throw new AudioError("a sound has at least 1 channel, got 0");
  if (channels.some((channel) => channel.length !== n)) {
    throw new AudioError(`channels must be of one length, got ${channels.map((c) => c.length).join(", ")} samples`);
  }
  return n;
}
