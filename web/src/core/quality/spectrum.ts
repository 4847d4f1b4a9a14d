/**
 * The long-term average spectrum: the mean power of Hann-windowed frames of about 32 to 64 ms, all channels added; two
 * frames every 100 ms in the first second, then one every 300 ms.
 */

import { bandwidthOf } from "./bandwidth";
import { PowerSpectrum } from "./fft";

/** Shortest sound that has a bandwidth, seconds. */
const MIN_FRAME_S = 0.01;
const FRAME_S = 0.032;
const DENSE_HOPS = 10;
const SPARSE_EVERY = 3;

/** Long-term average spectrum of a stream that comes in whole hops of about 100 ms. */
export class SpectrumMeter {
  private readonly transform: PowerSpectrum;
  private readonly window: Float32Array;
  private power: Float64Array;
  private nFrames = 0;
  private nHops = 0;

  /**
   * @param rateHz - samples per second.
   * @param hop - samples per hop.
   */
  constructor(
    private readonly rateHz: number,
    private readonly hop: number,
  ) {
    const size = 2 ** Math.ceil(Math.log2(FRAME_S * rateHz));
    this.transform = new PowerSpectrum(size);
    this.window = hann(size);
    this.power = new Float64Array(size / 2 + 1);
  }

  /**
   * Take the next hops.
   *
   * @param channels - Float32Array[hops * hop] each.
   * @param nValid - samples per channel that are sound; the rest is padding, and no frame reaches into it.
   */
  push(channels: readonly Float32Array[], nValid: number): void {
    const size = this.window.length;
    const hops = channels[0].length / this.hop;
    const first = this.nHops;
    this.nHops += hops;
    if (this.nFrames === 0 && nValid > 0 && nValid < size) {
      this.add(channels, 0, hann(nValid));
      return;
    }
    const half = Math.floor(this.hop / 2);
    for (let k = 0; k < hops; k++) {
      const start = k * this.hop;
      const dense = first + k < DENSE_HOPS;
      if (start + size <= nValid && (dense || (first + k) % SPARSE_EVERY === 0)) this.add(channels, start, this.window);
      if (dense && half + size <= this.hop && start + half + size <= nValid) {
        this.add(channels, start + half, this.window);
      }
    }
  }

  /**
   * End the sound, return its effective bandwidth in Hz, null for digital silence or under 10 ms, and start anew.
   *
   * @param durationS - of the sound, seconds.
   */
  flush(durationS: number): number | null {
    const { nFrames } = this;
    const mean = this.power.map((value) => value / nFrames);
    this.reset();
    return nFrames && durationS >= MIN_FRAME_S ? bandwidthOf(mean, this.rateHz) : null;
  }

  /** Forget everything; the next `push` starts a new sound. */
  reset(): void {
    this.power = new Float64Array(this.power.length);
    this.nFrames = this.nHops = 0;
  }

  /** Add a frame as a density: independent of the window's length, 1 for white noise of unit power. */
  private add(channels: readonly Float32Array[], start: number, window: Float32Array): void {
    const gain = 1 / window.reduce((sum, value) => sum + value * value, 0);
    for (const channel of channels) {
      this.transform.add(channel.subarray(start, start + window.length), window, gain, this.power);
    }
    this.nFrames++;
  }
}

/** Return a Hann window without zeros at its ends. */
function hann(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (k + 0.5)) / size));
}
