/**
 * Every figure of a recording in one pass over its raw blocks.
 *
 * The samples pushed are gathered into stretches on a fixed grid that depends only on the rate and the number of
 * channels, so the result is the same for any sizes of the blocks pushed. A stretch is a whole number of hops of about
 * 100 ms and at most a few megabytes; what is kept from it is one power per hop, the running sums and the drop-outs.
 */

import { channelLength, checkRate } from "../audio/audio";
import { AudioError } from "../errors";
import { ChannelMeter } from "./channel";
import { mergeGaps } from "./drop-outs";
import { channelWeights, integratedLoudnessLufs } from "./loudness";
import type { QualityMeasures } from "./measures";
import { SpectrumMeter } from "./spectrum";

const MAX_LISTED_DROP_OUTS = 20;
const MIN_LOUDNESS_S = 0.4;
const STRETCH_SAMPLES = 1 << 17;
const STRETCH_MIN_FRAMES = 1 << 15;
/** Floating-point sound may hold any finite number; beyond 120 dB over full scale its size means nothing. */
const LOUDEST = 1e6;

/**
 * Return the samples per hop: 100 ms, up to 1 % less at odd rates. It divides into filter blocks of 24 to 40 samples,
 * as the reference client's does, so that both cut the sound alike.
 */
export function hopSamples(rateHz: number): number {
  const tenth = Math.floor(rateHz / 10);
  let best = 24;
  for (let size = 25; size <= 40; size++) {
    const better = (tenth % size) - (tenth % best) || Math.abs(size - 32) - Math.abs(best - 32);
    if (better < 0) best = size;
  }
  return tenth - (tenth % best);
}

/** Measures a recording while it comes in. */
export class QualityMeter {
  private readonly hop: number;
  private readonly weights: readonly number[];
  private buffers: Float32Array[] = [];
  private filled = 0;
  private nDone = 0;
  private meters: ChannelMeter[] = [];
  private spectrum: SpectrumMeter;
  private hopPowers: number[] = [];

  /**
   * @param rateHz - samples per second, 4 000 to 192 000.
   * @param nChannels - channels of every block, at least 1.
   * @throws AudioError if the rate or the number of channels is out of range.
   */
  constructor(
    private readonly rateHz: number,
    private readonly nChannels: number,
  ) {
    checkRate(rateHz);
    if (!(nChannels >= 1)) throw new AudioError(`a recording has at least 1 channel, got ${nChannels}`);
    this.hop = hopSamples(rateHz);
    this.weights = channelWeights(nChannels);
    this.spectrum = new SpectrumMeter(rateHz, this.hop);
    this.reset();
  }

  /**
   * Take the next samples.
   *
   * @param channels - one Float32Array[n] per channel, full scale -1..1, any n.
   * @throws AudioError if the channels do not fit, or a sample is NaN or infinite.
   */
  push(channels: readonly Float32Array[]): void {
    const n = channelLength(channels);
    if (channels.length !== this.nChannels) {
      throw new AudioError(`a block has ${this.nChannels} channels here, got ${channels.length}`);
    }
    for (const channel of channels) this.check(channel);
    for (let at = 0; at < n; ) {
      const size = Math.min(n - at, this.buffers[0].length - this.filled);
      channels.forEach((channel, c) => this.buffers[c].set(channel.subarray(at, at + size), this.filled));
      this.filled += size;
      at += size;
      if (this.filled === this.buffers[0].length) this.measure();
    }
  }

  /** End the recording, return its figures and start anew. */
  flush(): QualityMeasures {
    if (this.filled) this.measure();
    const found = this.measures();
    this.reset();
    return found;
  }

  /** Forget everything; the next `push` starts a new recording. */
  reset(): void {
    const frames = Math.max(Math.floor(STRETCH_SAMPLES / this.nChannels), STRETCH_MIN_FRAMES);
    const stretch = Math.max(Math.floor(frames / this.hop), 1) * this.hop;
    if (!this.buffers.length) this.buffers = this.weights.map(() => new Float32Array(stretch));
    this.filled = this.nDone = 0;
    this.meters = this.weights.map(() => new ChannelMeter(this.rateHz, this.hop));
    this.spectrum.reset();
    this.hopPowers = [];
  }

  private check(channel: Float32Array): void {
    const bad = channel.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return;
    const atS = (this.nDone + this.filled + bad) / this.rateHz;
    throw new AudioError(
      `a sample at ${atS.toFixed(3)} s is NaN or infinite: the recording is damaged, export it again`,
    );
  }

  /** Measure the stretch in the buffers, filled up with zeros to whole hops, and empty it. */
  private measure(): void {
    const nValid = this.filled;
    const used = Math.ceil(nValid / this.hop) * this.hop;
    const stretch = this.buffers.map((buffer) => buffer.fill(0, nValid, used).subarray(0, used));
    for (const samples of stretch) limit(samples);
    const powers = this.meters.map((meter, c) => meter.push(stretch[c], nValid));
    this.spectrum.push(stretch, nValid);
    for (let k = 0; k < Math.floor(nValid / this.hop); k++) {
      this.hopPowers.push(this.weights.reduce((sum, weight, c) => sum + weight * powers[c][k], 0));
    }
    this.nDone += nValid;
    this.filled = 0;
  }

  private measures(): QualityMeasures {
    const durationS = this.nDone / this.rateHz;
    const nAll = Math.max(this.nDone * this.nChannels, 1);
    const total = (value: (meter: ChannelMeter) => number) => this.meters.reduce((sum, meter) => sum + value(meter), 0);
    const gaps = mergeGaps(this.meters.flatMap((meter) => meter.gaps));
    const means = this.meters.map((meter) => meter.sum / Math.max(this.nDone, 1));
    const peak = Math.max(...this.meters.map((meter) => meter.peak));
    const dead = this.meters.flatMap((meter, c) => (meter.peak > 0 ? [] : [c + 1]));
    return {
      durationS,
      rateHz: this.rateHz,
      channels: this.nChannels,
      rmsDbfs: dbfs(Math.sqrt(total((meter) => meter.squares) / nAll)),
      peakDbfs: dbfs(peak),
      loudnessLufs: durationS >= MIN_LOUDNESS_S ? integratedLoudnessLufs(this.hopPowers) : null,
      clippedShare: total((meter) => meter.clipped) / nAll,
      dcOffset: means.reduce((most, mean) => (Math.abs(mean) > Math.abs(most) ? mean : most)),
      bandwidthHz: this.spectrum.flush(durationS),
      nDropOuts: gaps.length,
      dropOuts: gaps
        .slice(0, MAX_LISTED_DROP_OUTS)
        .map(([first, samples]) => ({ startS: first / this.rateHz, durationS: samples / this.rateHz })),
      deadChannels: peak > 0 ? dead : [],
    };
  }
}

function limit(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = Math.min(Math.max(samples[i], -LOUDEST), LOUDEST);
}

function dbfs(amplitude: number): number | null {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : null;
}
