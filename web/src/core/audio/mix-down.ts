import { channelLength } from "./audio";

/**
 * Return the mean of the channels, Float32Array[n]; the channel itself where there is only one.
 *
 * @param channels - one Float32Array[n] per channel.
 * @throws AudioError if there is no channel, or they differ in length.
 */
export function mixDown(channels: readonly Float32Array[]): Float32Array {
  const n = channelLength(channels);
  if (channels.length === 1) return channels[0];
  const mixed = new Float32Array(n);
  for (const channel of channels) {
    for (let i = 0; i < n; i++) mixed[i] += channel[i];
  }
  const share = Math.fround(1 / channels.length);
  for (let i = 0; i < n; i++) mixed[i] *= share;
  return mixed;
}
