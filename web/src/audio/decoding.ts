/** Files into sound in memory: whatever the browser decodes, at its own rate where the file tells it. */

import type { Recording } from "../core/audio/audio";
import { AudioError } from "../core/errors";
import { ownRateHz } from "./own-rate";

/** Rates that every browser's decoder takes. */
const LOWEST_HZ = 8_000;
const HIGHEST_HZ = 96_000;
const USUAL_HZ = 48_000;

/**
 * Decode a file.
 *
 * The decoder converts to the rate of its context: a context at the file's own rate, where that can be read, leaves the
 * samples as they are.
 *
 * @throws AudioError if the browser cannot decode it.
 */
export async function decodeFile(file: File): Promise<Recording> {
  const bytes = await file.arrayBuffer();
  const own = ownRateHz(new Uint8Array(bytes));
  const rateHz = own !== null && own >= LOWEST_HZ && own <= HIGHEST_HZ ? own : USUAL_HZ;
  let decoded: AudioBuffer;
  try {
    decoded = await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(bytes);
  } catch (error) {
    throw new AudioError(
      `${file.name}: this browser cannot decode it: convert it to WAV, FLAC, MP3 or Opus, or use voxlite analyze`,
      { cause: error },
    );
  }
  if (!decoded.length) throw new AudioError(`${file.name}: holds no sound`);
  const channels = Array.from({ length: decoded.numberOfChannels }, (_, k) => decoded.getChannelData(k).slice());
  return { channels, rateHz: decoded.sampleRate };
}
