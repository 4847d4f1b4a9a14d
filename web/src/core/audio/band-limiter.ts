/**
 * Band-limiting: a second-order Butterworth high-pass at 20 Hz that removes offset and rumble.
 *
 *     H(z) = b0 (1 - z^-1)^2 / ((1 - p z^-1)(1 - p* z^-1)),   k = tan(pi 20 / rate),   b0 = 1 / (1 + sqrt(2) k + k^2)
 *
 * In partial fractions it needs one complex state: y[n] = b0 x[n] + 2 Re(R w[n]), w[n+1] = p w[n] + x[n], with
 * R = b0 (p - 1)^2 / (p - p*). Its update is a rotation with shrinkage, so rounding never builds up.
 */

import { AudioError } from "../errors";
import { MIN_RATE_HZ } from "./audio";

/** Where the high-pass has -3 dB, Hz. */
export const LOW_EDGE_HZ = 20;
/** Highest rate that anything here works at, Hz. */
export const MAX_BAND_RATE_HZ = 32_000;

const GRID_SAMPLES = 16_384; // where the state may be dropped: on a fixed grid, so that chunks cannot matter
const SILENT_STATE = 1e-12; // -240 dB: a fainter memory is dropped, so that silence becomes exactly zero

/**
 * High-pass at 20 Hz for chunks of any size; as many samples come out as went in, at once.
 *
 * -3 dB at 20 Hz, -24 dB at 5 Hz, -0.05 dB at 60 Hz; an offset vanishes. Samples must be finite. Digital silence stays
 * exactly zero, and is so again within two seconds of a sound's end.
 */
export class BandLimiter {
  private readonly gain: number;
  private readonly pole: readonly [number, number];
  private readonly residue: readonly [number, number];
  private readonly scale: number;
  private re = 0;
  private im = 0;
  private count = 0;

  /**
   * @param rateHz - sampling rate, 4 000..32 000.
   * @throws AudioError if the rate is out of range.
   */
  constructor(rateHz: number) {
    if (!(rateHz >= MIN_RATE_HZ && rateHz <= MAX_BAND_RATE_HZ)) {
      throw new AudioError(`band-limiting at ${rateHz} Hz: the rate must be ${MIN_RATE_HZ}..${MAX_BAND_RATE_HZ} Hz`);
    }
    const k = Math.tan((Math.PI * LOW_EDGE_HZ) / rateHz);
    this.gain = 1 / (1 + Math.SQRT2 * k + k * k);
    const re = (1 - k * k) * this.gain;
    const im = Math.sqrt((1 - Math.SQRT2 * k + k * k) * this.gain - re * re);
    this.pole = [re, im];
    this.scale = Math.hypot(1 - re, im);
    // (p - 1)^2 / (2i im) = (2 (re - 1) im - i ((re - 1)^2 - im^2)) / (2 im); the factor 2 is that of 2 Re(R w).
    this.residue = [2 * this.gain * (re - 1), (-this.gain * ((re - 1) ** 2 - im * im)) / im];
  }

  /** Take Float32Array[n]; return Float32Array[n], band-limited. */
  push(samples: Float32Array): Float32Array {
    const out = new Float32Array(samples.length);
    const [poleRe, poleIm] = this.pole;
    const [residueRe, residueIm] = this.residue;
    let { re, im, count } = this;
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i];
      out[i] = this.gain * x + residueRe * re - residueIm * im;
      const turned = poleRe * re - poleIm * im + x;
      im = poleRe * im + poleIm * re;
      re = turned;
      if (++count === GRID_SAMPLES) {
        count = 0;
        if (Math.hypot(re, im) * this.scale <= SILENT_STATE) re = im = 0;
      }
    }
    this.re = re;
    this.im = im;
    this.count = count;
    return out;
  }

  /** End the sound; nothing is held back, so Float32Array[0]. Starts anew. */
  flush(): Float32Array {
    this.reset();
    return new Float32Array(0);
  }

  /** Forget everything; the next `push` starts a new sound. */
  reset(): void {
    this.re = this.im = this.count = 0;
  }
}
