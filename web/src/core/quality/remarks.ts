/** Plain words about a recording, only where something is bad: what, by how much, and what to do. */

import { formatFixed, formatTwoDigits } from "../rounding";
import type { QualityMeasures } from "./measures";

const CLIPPED_SHARE = 0.0005;
const QUIET_LUFS = -35;
const LOUD_LUFS = -9;
const NARROW_HZ = 4_200;
const DC_OFFSET = 0.01;
const NOISY_SNR_DB = 10;
const SILENT_SHARE = 0.8;
/** Under half a second the mean of a low voice is not yet an offset. */
const MIN_DC_S = 0.5;

/** Tell whether sound is known to reach no higher than a telephone's band. */
export function isNarrowBand(bandwidthHz: number | null): boolean {
  return bandwidthHz !== null && bandwidthHz <= NARROW_HZ;
}

/**
 * Return what is wrong, the worst first; empty when nothing is.
 *
 * @param measures - figures of the raw recording.
 * @param shares - share of "voice", "silence" and "noise", 0..1.
 * @param longestSilenceS - seconds.
 * @param snrDb - estimated signal-to-noise ratio, null when there is no estimate.
 */
export function remarksOn(
  measures: QualityMeasures,
  shares: Readonly<Record<string, number>>,
  longestSilenceS: number,
  snrDb: number | null,
): string[] {
  if (measures.peakDbfs === null) {
    return ["Digital silence: every sample is zero; check that the right input was recorded."];
  }
  return [
    clipped(measures, measures.peakDbfs),
    dropOuts(measures),
    dead(measures),
    level(measures),
    noisy(snrDb),
    narrow(measures),
    offset(measures),
    silent(shares, longestSilenceS),
  ].filter((remark) => remark !== null);
}

function clipped(measures: QualityMeasures, peakDbfs: number): string | null {
  if (measures.clippedShare < CLIPPED_SHARE) return null;
  const where = peakDbfs > -0.1 ? "full scale" : `the highest level, ${formatFixed(peakDbfs, 1)} dBFS`;
  return `Clipped: ${percent(measures.clippedShare)} of samples are cut off at ${where}; lower the input gain.`;
}

function dropOuts(measures: QualityMeasures): string | null {
  const n = measures.nDropOuts;
  if (!n) return null;
  const first = measures.dropOuts.slice(0, 3).map((gap) => `${formatFixed(gap.startS, 2)} s`);
  const what = n === 1 ? "drop-out" : "drop-outs";
  const at = n === 1 ? "at" : "the first at";
  return (
    `${n} ${what} of digital silence inside the sound, ${at} ${first.join(", ")}; ` +
    "check the connection or the recorder's buffer."
  );
}

function dead(measures: QualityMeasures): string | null {
  const numbers = measures.deadChannels;
  if (!numbers.length) return null;
  const [what, are] = numbers.length === 1 ? ["channel", "is"] : ["channels", "are"];
  return (
    `Dead ${what}: ${numbers.join(", ")} of ${measures.channels} ${are} digital silence; ` +
    "check the cable or record fewer channels."
  );
}

function level(measures: QualityMeasures): string | null {
  const value = measures.loudnessLufs ?? measures.rmsDbfs;
  const unit = measures.loudnessLufs === null ? "dBFS" : "LUFS";
  if (value !== null && value < QUIET_LUFS) {
    return `Very quiet: ${formatFixed(value, 0)} ${unit}; raise the input gain or move closer to the microphone.`;
  }
  if (value !== null && value > LOUD_LUFS) {
    return `Very loud: ${formatFixed(value, 0)} ${unit}; lower the input gain.`;
  }
  return null;
}

function noisy(snrDb: number | null): string | null {
  if (snrDb === null || snrDb >= NOISY_SNR_DB) return null;
  return (
    `Noisy: the voice is ${formatFixed(snrDb, 0)} dB above the background; ` +
    "move closer to the microphone or away from the noise."
  );
}

function narrow(measures: QualityMeasures): string | null {
  const { bandwidthHz } = measures;
  if (bandwidthHz === null || !isNarrowBand(bandwidthHz)) return null;
  const khz = `${formatFixed(bandwidthHz / 1000, 1)} kHz`;
  return `Narrow band: nothing above ${khz} (telephone); record at 16 kHz or more where the line allows it.`;
}

function offset(measures: QualityMeasures): string | null {
  const amount = Math.abs(measures.dcOffset);
  if (amount < DC_OFFSET || measures.durationS < MIN_DC_S) return null;
  return `DC offset: ${percent(amount)} of full scale; check the sound card or high-pass the recording at 20 Hz.`;
}

function silent(shares: Readonly<Record<string, number>>, longestSilenceS: number): string | null {
  const share = shares.silence ?? 0;
  if (share < SILENT_SHARE) return null;
  return (
    `Mostly silence: ${percent(share)} of the recording, ${formatFixed(longestSilenceS, 1)} s at a stretch; ` +
    "check the microphone, or cut the silence out."
  );
}

function percent(share: number): string {
  return `${share < 0.1 ? formatTwoDigits(100 * share) : formatFixed(100 * share, 0)} %`;
}
