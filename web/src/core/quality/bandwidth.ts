/**
 * Effective bandwidth: the highest frequency whose power, smoothed over 125 Hz, is
 *
 * - within 60 dB of the strongest (above 50 Hz), and
 * - 6 dB above what 16-bit rounding alone would leave there, and
 * - not beyond a cliff: where the spectrum, above 1.5 kHz, falls by 25 dB or more within a tenth of the frequency (at
 *   least 300 Hz) and never comes back. A telephone channel, a codec or a resampler ends in such a cliff; a voice or a
 *   room never does.
 */

import { roundHalfEven } from "../rounding";
import { median } from "./statistics";

const DYNAMIC_RANGE_DB = 60;
const CLIFF_DB = 25;
const ROUNDING_MARGIN_DB = 6;
const SMOOTH_HZ = 125;
const LOWEST_HZ = 50;
/** No channel ends below this, but a low voice on its own may fall as steeply above its first harmonics. */
const LOWEST_CLIFF_HZ = 1_500;
const PLATEAU_HZ = 600;
const CLIFF_HZ = 300;
const ROUNDING_POWER = 2 ** -30 / 12;

/**
 * Find where a spectrum ends.
 *
 * @param power - Float64Array[bins], mean power density from 0 Hz to Nyquist, 1 for white noise of unit power.
 * @param rateHz - samples per second.
 * @returns Hz, 0 to rateHz / 2; null when there is no power at all.
 */
export function bandwidthOf(power: Float64Array, rateHz: number): number | null {
  const hzPerBin = rateHz / 2 / (power.length - 1);
  const lowest = Math.max(2, roundHalfEven(LOWEST_HZ / hzPerBin));
  if (!power.subarray(lowest).some((value) => value > 0)) return null;
  const levelDb = smooth(power, Math.max(3, roundHalfEven(SMOOTH_HZ / hzPerBin))).map(
    (value) => 10 * Math.log10(Math.max(value, 1e-30)),
  );
  const strongest = levelDb.subarray(lowest).reduce((most, value) => Math.max(most, value), -Infinity);
  const floorDb = Math.max(strongest - DYNAMIC_RANGE_DB, 10 * Math.log10(ROUNDING_POWER) + ROUNDING_MARGIN_DB);
  const last = levelDb.findLastIndex((value) => value >= floorDb);
  return last < 0 ? null : Math.min(last, cliffBin(levelDb, lowest, hzPerBin)) * hzPerBin;
}

/** Return the bin at whose upper side the spectrum falls for good; the last bin when it never does. */
function cliffBin(levelDb: Float64Array, lowest: number, hzPerBin: number): number {
  const n = levelDb.length;
  const width = Math.max(3, roundHalfEven(PLATEAU_HZ / hzPerBin));
  const begin = Math.max(lowest + width - 1, roundHalfEven(LOWEST_CLIFF_HZ / hzPerBin));
  const highestFrom = levelDb.slice();
  for (let k = n - 2; k >= 0; k--) highestFrom[k] = Math.max(highestFrom[k], highestFrom[k + 1]);
  for (let bin = n - 2; bin >= begin; bin--) {
    const beyond = bin + Math.max(Math.ceil(CLIFF_HZ / hzPerBin), Math.ceil(0.1 * bin));
    if (beyond >= n - 1) continue;
    const first = bin - width + 1;
    // The median of the band before: wider than a lone tone on a noise floor, which is no cliff.
    const beforeDb = median(levelDb.subarray(first, bin + 1));
    if (beforeDb - highestFrom[beyond] < CLIFF_DB) continue;
    // The middle of the fall, rather than the first bin from which it counts as one.
    const middleDb = 0.5 * (beforeDb + highestFrom[beyond]);
    return first + levelDb.subarray(first, beyond + 1).findLastIndex((value) => value >= middleDb);
  }
  return n - 1;
}

/** Return the running mean over `width` bins, over the bins there are at the ends. */
function smooth(power: Float64Array, width: number): Float64Array {
  const span = Math.min(width, power.length);
  const before = span >> 1;
  return power.map((_, k) => {
    const own = power.subarray(Math.max(0, k - before), Math.min(power.length, k - before + span));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
}
