/**
 * Signal-to-noise ratio from the levels of frames with and without voice: 10 log10((Pv - Pn) / Pn).
 *
 * Pv: mean power of the voice frames (which hold voice and background), the lowest and highest twentieth pulled in to
 * the 5 % and 95 % quantiles so that a click or a mislabelled pause does not decide. Pn: median power of the frames
 * without voice that are not digital silence; a door that slams between two sentences is no background.
 */

import { median, quantile } from "./statistics";

const MAX_SNR_DB = 100;
const MIN_SNR_DB = -20;
/** Frames at or below this level (16-bit rounding noise is at -101 dBFS) are digital silence. */
const DIGITAL_SILENCE_DB = -100;

/**
 * Estimate how far the voice is above its background.
 *
 * @param voiceDb - level of each frame with voice, dB re full scale; -Infinity for digital silence is fine.
 * @param restDb - the same of each frame without voice.
 * @returns dB, -20 to 100; 100 stands for a background of digital silence. Null when there are no frames with voice (or
 * none that sound) or no frames without.
 */
export function estimateSnrDb(voiceDb: readonly number[], restDb: readonly number[]): number | null {
  const voice = voiceDb.filter((level) => level > DIGITAL_SILENCE_DB);
  if (!voice.length || !restDb.length) return null;
  const background = restDb.filter((level) => level > DIGITAL_SILENCE_DB);
  if (!background.length) return MAX_SNR_DB;
  const low = quantile(voice, 0.05);
  const high = quantile(voice, 0.95);
  const powers = voice.map((level) => 10 ** (Math.min(Math.max(level, low), high) / 10));
  const noise = 10 ** (median(background) / 10);
  const ratio = (powers.reduce((sum, power) => sum + power, 0) / powers.length - noise) / noise;
  if (ratio <= 10 ** (MIN_SNR_DB / 10)) return MIN_SNR_DB;
  return Math.min(10 * Math.log10(ratio), MAX_SNR_DB);
}
