/** The way of every sound into voxlite: resample, then band-limit; files and microphones alike. */

import { AudioError } from "../errors";
import { type Audio, checkRate, checkSamples, MIN_RATE_HZ } from "./audio";
import { BandLimiter, MAX_BAND_RATE_HZ } from "./band-limiter";
import { Resampler } from "./resampler";

const PORTION_SAMPLES = 65_536;

/**
 * Resampling and band-limiting of mono chunks of any size.
 *
 * `push` may return nothing for some time and `flush` returns the rest; together they are n * outHz / inHz samples,
 * rounded, at least 1. Equal bit by bit for any chunking. Silence stays exactly zero.
 */
export class Conformer {
  private readonly resampler: Resampler;
  private readonly limiter: BandLimiter;
  private nIn = 0;

  /**
   * @param inHz - rate of the input, 4 000..192 000.
   * @param outHz - rate of the output, 4 000..32 000.
   * @throws AudioError if a rate is out of range.
   */
  constructor(
    readonly inHz: number,
    readonly outHz: number,
  ) {
    checkRate(inHz);
    if (!Number.isInteger(outHz) || outHz < MIN_RATE_HZ || outHz > MAX_BAND_RATE_HZ) {
      throw new AudioError(`rate ${outHz} Hz: must be ${MIN_RATE_HZ}..${MAX_BAND_RATE_HZ} Hz, choose 16000`);
    }
    this.resampler = new Resampler(inHz, outHz);
    this.limiter = new BandLimiter(outHz);
  }

  /** Seconds that the latest output lies behind the latest input. */
  get delayS(): number {
    return this.resampler.delayS;
  }

  /**
   * Take Float32Array[n], full scale -1..1; return what is ready, Float32Array[m].
   *
   * @throws AudioError if a sample is NaN, infinite or absurdly large.
   */
  push(samples: Float32Array): Float32Array {
    checkSamples(samples, this.nIn, this.inHz);
    this.nIn += samples.length;
    return this.limiter.push(this.resampler.push(samples));
  }

  /** End the sound: return the rest, Float32Array[m], and start anew. */
  flush(): Float32Array {
    const rest = this.limiter.push(this.resampler.flush());
    this.reset();
    return rest;
  }

  /** Forget everything; the next `push` starts a new sound. */
  reset(): void {
    this.resampler.reset();
    this.limiter.reset();
    this.nIn = 0;
  }
}

/**
 * Send sound from memory through the same chain.
 *
 * @param audio - at any rate.
 * @param rateHz - of the result, 4 000..32 000.
 * @throws AudioError if a rate is out of range, or a sample is NaN, infinite or absurdly large.
 */
export function conform(audio: Audio, rateHz: number): Audio {
  const conformer = new Conformer(audio.rateHz, rateHz);
  const parts = portions(audio.samples, PORTION_SAMPLES).map((part) => conformer.push(part));
  return { samples: joined([...parts, conformer.flush()]), rateHz };
}

/** Return consecutive views of at most `size` samples each. */
export function portions(samples: Float32Array, size: number): Float32Array[] {
  const n = Math.ceil(samples.length / size);
  return Array.from({ length: n }, (_, k) => samples.subarray(k * size, (k + 1) * size));
}

/** Return arrays one after the other as a new one. */
export function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
