/** What is measured on a recording, as plain data. */

/** A gap of digital zeros inside active sound. */
export interface DropOut {
  /** Seconds from the start of the recording. */
  readonly startS: number;
  /** Seconds, 0.005 to 0.5. */
  readonly durationS: number;
}

/** Figures of the raw recording, before mix-down, resampling and band-limiting. */
export interface QualityMeasures {
  readonly durationS: number;
  readonly rateHz: number;
  /** Number of channels. */
  readonly channels: number;
  /** Root mean square over all channels, dB re full scale (a full-scale sine has -3.01); null for digital silence. */
  readonly rmsDbfs: number | null;
  /** Highest absolute sample, dB re full scale; null for digital silence. */
  readonly peakDbfs: number | null;
  /** Integrated loudness by ITU-R BS.1770-4; null below 400 ms, or when nothing is louder than -70 LUFS. */
  readonly loudnessLufs: number | null;
  /** Share of all samples that lie in flat tops, 0..1. */
  readonly clippedShare: number;
  /** Mean of the channel whose mean is farthest from zero, as a fraction of full scale. */
  readonly dcOffset: number;
  /** Highest frequency with sound, Hz; null for digital silence or under 10 ms. */
  readonly bandwidthHz: number | null;
  /** Number of drop-outs; gaps at one time in several channels are one. */
  readonly nDropOuts: number;
  /** The first twenty of them. */
  readonly dropOuts: readonly DropOut[];
  /** Numbers, from 1, of channels that are digital silence while another is not. */
  readonly deadChannels: readonly number[];
}
