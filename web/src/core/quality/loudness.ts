/**
 * Integrated loudness by ITU-R BS.1770-4: the mean K-weighted power of the 400 ms blocks that pass two gates.
 *
 *     l_j = -0.691 + 10 log10(sum_c G_c z_cj)        z_cj: mean square of channel c in block j (every 100 ms)
 *     gates: l_j > -70 LUFS, then l_j > (loudness of those) - 10 LU
 */

const OFFSET_DB = -0.691;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
const HOPS_PER_BLOCK = 4;

/**
 * Return the channels' weights G: 1 each; in 5 channels (L R C Ls Rs) and 6 (L R C LFE Ls Rs) the surrounds count 1.41
 * and the LFE nothing. Other layouts are plain channels, because nothing says where their loudspeakers stand.
 */
export function channelWeights(channels: number): number[] {
  if (channels === 5) return [1, 1, 1, 1.41, 1.41];
  if (channels === 6) return [1, 1, 1, 0, 1.41, 1.41];
  return new Array<number>(channels).fill(1);
}

/**
 * Gate and average.
 *
 * @param hopPowers - weighted K-filtered mean square of each 100 ms, channels summed, from the start of the recording.
 * @returns LUFS; null below 400 ms of sound or when no block is louder than -70 LUFS.
 */
export function integratedLoudnessLufs(hopPowers: readonly number[]): number | null {
  const blocks: number[] = [];
  // Not by a running sum: its rounding would leave a residue of loud passages in the silence after them.
  for (let k = 0; k + HOPS_PER_BLOCK <= hopPowers.length; k++) {
    blocks.push(mean(hopPowers.slice(k, k + HOPS_PER_BLOCK)));
  }
  const loud = blocks.filter((power) => power > 10 ** ((ABSOLUTE_GATE_LUFS - OFFSET_DB) / 10));
  if (!loud.length) return null;
  const limit = mean(loud) * 10 ** (RELATIVE_GATE_LU / 10);
  return OFFSET_DB + 10 * Math.log10(mean(loud.filter((power) => power > limit)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
