/** The sampling rate that a file tells of in its first bytes: a decoder that is told another would convert to it. */

/** Rates of MPEG 1 layer III by the two bits of its frame header; MPEG 2 has half, MPEG 2.5 a quarter of them. */
const MP3_HZ = [44_100, 48_000, 32_000];
const MP3_DIVISORS: Readonly<Record<number, number>> = { 3: 1, 2: 2, 0: 4 };
/** Bytes that are looked through for the first frame of an MP3 file. */
const MP3_SEARCH = 4_096;

/**
 * Return the rate of a file's sound, Hz; null if it is none of WAV, FLAC, Ogg Vorbis and MP3, or cut off.
 *
 * @param bytes - of the file, its beginning at least.
 */
export function ownRateHz(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (hasText(bytes, 0, "RIFF")) return wavRateHz(bytes, view);
  if (hasText(bytes, 0, "fLaC")) return bytes.length < 21 ? null : (bytes[18] << 12) | (bytes[19] << 4) | (bytes[20] >> 4);
  if (hasText(bytes, 0, "OggS")) return vorbisRateHz(bytes, view);
  return mp3RateHz(bytes);
}

function wavRateHz(bytes: Uint8Array, view: DataView): number | null {
  for (let at = 12; at + 16 <= bytes.length; ) {
    if (hasText(bytes, at, "fmt ")) return view.getUint32(at + 12, true);
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return null;
}

/** The first packet of the first page tells it; Opus has no rate of its own. */
function vorbisRateHz(bytes: Uint8Array, view: DataView): number | null {
  if (bytes.length < 27) return null;
  const packet = 27 + bytes[26];
  const isVorbis = bytes[packet] === 1 && hasText(bytes, packet + 1, "vorbis");
  return isVorbis && packet + 16 <= bytes.length ? view.getUint32(packet + 12, true) : null;
}

function mp3RateHz(bytes: Uint8Array): number | null {
  // A tag's size has seven bits per byte.
  const tag = hasText(bytes, 0, "ID3") && bytes.length >= 10;
  const start = tag ? 10 + ((bytes[6] << 21) | (bytes[7] << 14) | (bytes[8] << 7) | bytes[9]) : 0;
  for (let at = start; at + 4 <= bytes.length && at < start + MP3_SEARCH; at++) {
    const isFrame = bytes[at] === 0xff && (bytes[at + 1] & 0xe6) === 0xe2; // eleven ones, layer III
    if (!isFrame) continue;
    const divisor = MP3_DIVISORS[(bytes[at + 1] >> 3) & 3];
    const rateHz = MP3_HZ[(bytes[at + 2] >> 2) & 3];
    if (divisor && rateHz) return rateHz / divisor;
  }
  return null;
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  return at + text.length <= bytes.length && String.fromCharCode(...bytes.subarray(at, at + text.length)) === text;
}
