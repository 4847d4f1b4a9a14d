/** Keys from passphrases: PBKDF2-HMAC-SHA-256 (RFC 8018), the only derivation that every browser has. */

import { PassphraseError } from "../errors";

/** Iterations of a new key: what OWASP's Password Storage Cheat Sheet asks for. */
export const ITERATIONS = 600_000;
/** Most that are done: a header is a claim, and more would only make the reader wait. */
export const MAX_ITERATIONS = 20_000_000;
/** Bytes of a salt. */
export const SALT_BYTES = 16;
/** Bytes of AES-GCM's nonce. */
export const NONCE_BYTES = 12;

/** NIST SP 800-63B's least length; only new passphrases are judged. */
const LEAST_CHARACTERS = 8;
const KEY_BITS = 256;

/** What of WebCrypto is used: `globalThis.crypto` in browsers, workers and Node. */
export type Cryptography = Pick<Crypto, "subtle" | "getRandomValues">;

/**
 * Return a passphrase in the form that keys are derived from: NFKC, so that every keyboard types the same, as UTF-8.
 *
 * @param isNew - it is being chosen: its length is judged.
 * @throws PassphraseError if it is empty, or new and shorter than 8 characters, or no text.
 */
export function passphraseBytes(passphrase: string, isNew = false): Uint8Array<ArrayBuffer> {
  const text = passphrase.normalize("NFKC");
  const length = Array.from(text).length;
  const least = isNew ? LEAST_CHARACTERS : 1;
  if (length < least) {
    const had = length > 0 ? `of ${length} characters` : "that is empty";
    throw new PassphraseError(`a passphrase ${had}: give at least ${least} characters, several words are best`);
  }
  // such a text has no bytes of its own: two of them would open the same file
  if (/\p{Cs}/u.test(text)) throw new PassphraseError("a passphrase with half a character in it: type it again");
  return new TextEncoder().encode(text);
}

/** Return the 32 bytes that a passphrase, salt and number of iterations give. */
export async function derivedBytes(
  cryptography: Cryptography,
  passphrase: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<ArrayBuffer> {
  const { subtle } = cryptography;
  const secret = await subtle.importKey("raw", passphrase, "PBKDF2", false, ["deriveBits"]);
  return subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, secret, KEY_BITS);
}

/** Return fresh random bytes. */
export function randomBytes(cryptography: Cryptography, n: number): Uint8Array<ArrayBuffer> {
  return cryptography.getRandomValues(new Uint8Array(n));
}
