/** The figures of one channel, stretch by stretch. */

import { ClippingCounter } from "./clipping";
import { DropOutFinder } from "./drop-outs";
import { KWeighting } from "./kweighting";

/** Measures one channel of a recording in consecutive stretches of whole hops. */
export class ChannelMeter {
  /** Sum and sum of squares of all samples so far. */
  sum = 0;
  squares = 0;
  /** Highest absolute sample so far. */
  peak = 0;
  private readonly filter: KWeighting;
  private readonly tops = new ClippingCounter(1);
  private readonly bottoms = new ClippingCounter(-1);
  private readonly finder: DropOutFinder;

  /**
   * @param rateHz - samples per second.
   * @param hop - samples per hop.
   */
  constructor(
    rateHz: number,
    private readonly hop: number,
  ) {
    this.filter = new KWeighting(rateHz);
    this.finder = new DropOutFinder(rateHz);
  }

  /** Samples in flat tops so far. */
  get clipped(): number {
    return this.tops.count + this.bottoms.count;
  }

  /** Drop-outs so far. */
  get gaps(): DropOutFinder["gaps"] {
    return this.finder.gaps;
  }

  /**
   * Take the next stretch and return the K-weighted mean square of each of its hops, Float64Array[hops].
   *
   * @param samples - Float32Array[hops * hop].
   * @param nValid - how many of them are sound; zeros follow.
   */
  push(samples: Float32Array, nValid: number): Float64Array {
    const { hop } = this;
    const hops = samples.length / hop;
    const powers = new Float64Array(hops);
    const highs = new Float32Array(hops);
    const lows = new Float32Array(hops);
    for (let k = 0; k < hops; k++) {
      let high = -Infinity;
      let low = Infinity;
      for (let i = k * hop; i < (k + 1) * hop; i++) {
        const x = samples[i];
        this.sum += x;
        this.squares += x * x;
        if (x > high) high = x;
        if (x < low) low = x;
      }
      highs[k] = high;
      lows[k] = -low;
      this.peak = Math.max(this.peak, high, -low);
      powers[k] = this.filter.energy(samples, k * hop, (k + 1) * hop) / hop;
    }
    const sound = samples.subarray(0, nValid);
    this.tops.push(sound, highs, hop);
    this.bottoms.push(sound, lows, hop);
    this.finder.push(samples);
    return powers;
  }
}
