/** Base64 (RFC 4648, section 4) that refuses what is none: a browser's own reader lets white space pass. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character.charCodeAt(0), value]));
const PADDING = "=".charCodeAt(0);

/** Return bytes as Base64 text. */
export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const n = Math.min(3, bytes.length - at);
    const triple = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let place = 0; place <= n; place++) pieces.push(ALPHABET[(triple >> (18 - 6 * place)) & 63]);
    pieces.push("=".repeat(3 - n));
  }
  return pieces.join("");
}

/** Return the bytes of a Base64 text; null if it is none. */
export function fromBase64(text: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== "string" || text.length % 4 !== 0) return null;
  let n = text.length;
  while (n > Math.max(0, text.length - 2) && text.charCodeAt(n - 1) === PADDING) n--;
  const bytes = new Uint8Array(Math.floor((n * 3) / 4));
  for (let at = 0, bits = 0, held = 0, place = 0; at < n; at++) {
    const value = VALUES.get(text.charCodeAt(at));
    if (value === undefined) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) bytes[place++] = (held >> (bits -= 8)) & 0xff;
  }
  return bytes;
}
