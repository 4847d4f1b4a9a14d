/**
 * Voiceprints on the move: one JSON file under a passphrase, the same that the Python client reads and writes.
 *
 *     key    = PBKDF2-HMAC-SHA-256(NFKC(passphrase) as UTF-8, salt, iterations), 32 bytes
 *     bound  = "voxlite.voiceprints/1|PBKDF2-HMAC-SHA-256|ITERATIONS|SALT|AES-256-GCM|NONCE"   (the header as written)
 *     body   = AES-256-GCM(key, nonce, prints as JSON, associated data bound), tag at its end
 *
 * Whoever calls hands in WebCrypto: nothing here reaches for a global of the page.
 */

import { PassphraseError, StoreError } from "../errors";
import type { Voiceprint } from "../speakers/voiceprint";
import { quoted } from "../speakers/wording";
import { fromBase64, toBase64 } from "./base64";
import {
  derivedBytes,
  ITERATIONS,
  MAX_ITERATIONS,
  NONCE_BYTES,
  passphraseBytes,
  randomBytes,
  SALT_BYTES,
  type Cryptography,
} from "./passphrases";
import { isRecord, parsed, readPrints, writePrints } from "./prints";

/** What an export says that it is. */
export const FORMAT = "voxlite.voiceprints/1";
const [KDF, CIPHER] = ["PBKDF2-HMAC-SHA-256", "AES-256-GCM"] as const;

/** What stands in the clear before the body; Base64 as written in the file. */
interface Header {
  readonly format: string;
  readonly kdf: { readonly name: string; readonly iterations: number; readonly salt: string };
  readonly cipher: { readonly name: string; readonly nonce: string };
}

/**
 * Return the container of some prints as JSON text, ASCII.
 *
 * @param passphrase - of the container, 8 characters or more.
 * @param cryptography - `globalThis.crypto`.
 * @param iterations - of PBKDF2; lower it in tests only.
 * @throws PassphraseError if the passphrase is too short.
 */
export async function sealContainer(
  prints: readonly Voiceprint[],
  passphrase: string,
  cryptography: Cryptography,
  iterations: number = ITERATIONS,
): Promise<string> {
  const secret = passphraseBytes(passphrase, true);
  const salt = randomBytes(cryptography, SALT_BYTES);
  const nonce = randomBytes(cryptography, NONCE_BYTES);
  const header: Header = {
    format: FORMAT,
    kdf: { name: KDF, iterations, salt: toBase64(salt) },
    cipher: { name: CIPHER, nonce: toBase64(nonce) },
  };
  const key = await containerKey(cryptography, secret, salt, iterations, "encrypt");
  const body = await cryptography.subtle.encrypt(parameters(nonce, header), key, writePrints(prints));
  return `${JSON.stringify({ ...header, body: toBase64(new Uint8Array(body)) }, null, 1)}\n`;
}

/**
 * Return the prints of a container.
 *
 * @param data - the file's content.
 * @param passphrase - of the file.
 * @param where - names the file in errors.
 * @param cryptography - `globalThis.crypto`.
 * @throws PassphraseError if the passphrase is wrong; the cipher cannot tell that from a changed body.
 * @throws StoreError if it is no container, cut off, or one of another version.
 */
export async function openContainer(
  data: Uint8Array | string,
  passphrase: string,
  where: string,
  cryptography: Cryptography,
): Promise<Voiceprint[]> {
  const outer = parsed(data);
  if (!isRecord(outer) || ["format", "kdf", "cipher"].some((name) => !Object.hasOwn(outer, name))) {
    throw new StoreError(`${where}: no export of voiceprints, or cut off: name an exported file`);
  }
  if (outer["format"] !== FORMAT) {
    const format = quoted(outer["format"]);
    throw new StoreError(`${where}: an export of format ${format}, this version reads ${FORMAT}: update voxlite`);
  }
  const header = headerOf(outer["kdf"], outer["cipher"]);
  const [salt, nonce, body] = [header?.kdf.salt, header?.cipher.nonce, outer["body"]].map(fromBase64);
  if (header === null || salt === null || nonce === null || body === null || nonce.length !== NONCE_BYTES) {
    throw new StoreError(`${where}: its header is damaged: copy the file again`);
  }
  const secret = passphraseBytes(passphrase);
  const key = await containerKey(cryptography, secret, salt, header.kdf.iterations, "decrypt");
  let plain: ArrayBuffer;
  try {
    plain = await cryptography.subtle.decrypt(parameters(nonce, header), key, body);
  } catch {
    throw new PassphraseError(`${where}: the passphrase is wrong, or the file was changed: try again`);
  }
  return readPrints(plain, where);
}

/** Return the header of a file, null if it is none that this version can have written. */
function headerOf(kdf: unknown, cipher: unknown): Header | null {
  if (!isRecord(kdf) || !isRecord(cipher) || kdf["name"] !== KDF || cipher["name"] !== CIPHER) return null;
  const { iterations, salt } = kdf;
  const { nonce } = cipher;
  if (typeof salt !== "string" || typeof nonce !== "string" || typeof iterations !== "number") return null;
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS) return null;
  return { format: FORMAT, kdf: { name: KDF, iterations, salt }, cipher: { name: CIPHER, nonce } };
}

function parameters(nonce: Uint8Array<ArrayBuffer>, header: Header): AesGcmParams {
  const { format, kdf, cipher } = header;
  const bound = [format, kdf.name, kdf.iterations, kdf.salt, cipher.name, cipher.nonce].join("|");
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(bound) };
}

async function containerKey(
  cryptography: Cryptography,
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
  usage: "encrypt" | "decrypt",
): Promise<CryptoKey> {
  const bytes = await derivedBytes(cryptography, secret, salt, iterations);
  return cryptography.subtle.importKey("raw", bytes, "AES-GCM", false, [usage]);
}
