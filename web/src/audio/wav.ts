/** What is read of a WAV file's header. */

/**
 * Return the rate of a RIFF file's sound, Hz; null if it names none.
 *
 * @param bytes - of the file, its beginning at least.
 */
export function wavRateHz(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 16 <= bytes.length; ) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (name === "fmt ") return view.getUint32(at + 12, true);
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return null;
}
