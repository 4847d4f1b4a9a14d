/**
 * The keys of a store, and how they are got back: from a passphrase, or from the browser itself.
 *
 *     passphrase    root = PBKDF2-SHA-256(passphrase, the store's salt); both keys = HKDF-SHA-256(root)
 *     device        two random keys that lie in the database and that no script can read out
 *
 * A device's key keeps prints from whoever copies the database's files somewhere else, not from whoever uses this
 * browser. All keys are made non-extractable.
 */

import {
  derivedBytes,
  MAX_ITERATIONS,
  NONCE_BYTES,
  passphraseBytes,
  randomBytes,
  SALT_BYTES,
  type Cryptography,
} from "../core/container/passphrases";
import { toBase64 } from "../core/container/base64";
import { isRecord } from "../core/container/prints";
import { PassphraseError, StoreError } from "../core/errors";

/** What opens a store: a passphrase that nobody can recover, or this browser. */
export type Secret = { readonly passphrase: string } | { readonly device: true };

/** The keys of an open store. */
export interface StoreKeys {
  /** AES-256-GCM. */
  readonly sealing: CryptoKey;
  /** HMAC-SHA-256: makes the tokens that rows are found by. */
  readonly lookUp: CryptoKey;
}

/** What a store that a passphrase opens keeps of it; `check` is sealed emptiness that only the right key opens. */
interface PassphraseHeader {
  readonly schema: string;
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly check: Uint8Array<ArrayBuffer>;
}

const SCHEMA = "voxlite.web-store/1";
const AES: AesKeyGenParams = { name: "AES-GCM", length: 256 };
const HMAC: HmacKeyGenParams = { name: "HMAC", hash: "SHA-256", length: 256 };

/**
 * Return the header of a new store.
 *
 * @param iterations - of PBKDF2.
 * @throws PassphraseError if the passphrase is shorter than 8 characters.
 */
export async function newHeader(cryptography: Cryptography, secret: Secret, iterations: number): Promise<unknown> {
  const { subtle } = cryptography;
  if ("device" in secret) {
    const sealing = await subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
    return { schema: SCHEMA, sealing, lookUp: await subtle.generateKey(HMAC, false, ["sign"]) };
  }
  const bytes = passphraseBytes(secret.passphrase, true);
  const [salt, nonce] = [randomBytes(cryptography, SALT_BYTES), randomBytes(cryptography, NONCE_BYTES)];
  const { sealing } = await derivedKeys(cryptography, bytes, salt, iterations);
  const check = new Uint8Array(await subtle.encrypt(checked(nonce, salt, iterations), sealing, new Uint8Array()));
  return { schema: SCHEMA, iterations, salt, nonce, check } satisfies PassphraseHeader;
}

/**
 * Return the keys of a store.
 *
 * @param header - from {@link newHeader}, or whatever a damaged database holds.
 * @param leastIterations - a header that asks for fewer is refused: it would be cheap to guess.
 * @param where - names the store in errors.
 * @throws PassphraseError if the passphrase is wrong.
 * @throws StoreError if the header is damaged, or another kind of secret opens the store.
 */
export async function keysOf(
  cryptography: Cryptography,
  header: unknown,
  secret: Secret,
  leastIterations: number,
  where: string,
): Promise<StoreKeys> {
  if (!isRecord(header) || header["schema"] !== SCHEMA) throw damaged(where);
  const isDevice = "device" in secret;
  if (isDevice && "salt" in header) throw new StoreError(`${where}: a passphrase opens it: give one`);
  if (!isDevice && "sealing" in header) {
    throw new StoreError(`${where}: no passphrase opens it, but this browser alone`);
  }
  if (isDevice) {
    const { sealing, lookUp } = header;
    if (!(sealing instanceof CryptoKey) || !(lookUp instanceof CryptoKey)) throw damaged(where);
    return { sealing, lookUp };
  }
  if (!isPassphraseHeader(header, leastIterations)) throw damaged(where);
  const { iterations, salt, nonce, check } = header;
  const keys = await derivedKeys(cryptography, passphraseBytes(secret.passphrase), salt, iterations);
  try {
    await cryptography.subtle.decrypt(checked(nonce, salt, iterations), keys.sealing, check);
  } catch {
    throw new PassphraseError(`${where}: the passphrase is wrong: try again, it cannot be recovered`);
  }
  return keys;
}

function isPassphraseHeader(header: object, leastIterations: number): header is PassphraseHeader {
  const { iterations, salt, nonce, check } = header as Partial<Record<keyof PassphraseHeader, unknown>>;
  const cost = Number.isInteger(iterations) ? Number(iterations) : 0;
  const isCost = cost >= leastIterations && cost <= MAX_ITERATIONS;
  return isCost && [salt, nonce, check].every((bytes) => bytes instanceof Uint8Array);
}

async function derivedKeys(
  cryptography: Cryptography,
  passphrase: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<StoreKeys> {
  const { subtle } = cryptography;
  const bytes = await derivedBytes(cryptography, passphrase, salt, iterations);
  const root = await subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const by = (purpose: string): HkdfParams => {
    const info = new TextEncoder().encode(`voxlite voiceprints: ${purpose}`);
    return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  };
  return {
    sealing: await subtle.deriveKey(by("sealing"), root, AES, false, ["encrypt", "decrypt"]),
    lookUp: await subtle.deriveKey(by("look-up"), root, HMAC, false, ["sign"]),
  };
}

function checked(nonce: Uint8Array<ArrayBuffer>, salt: Uint8Array, iterations: number): AesGcmParams {
  const bound = [SCHEMA, "check", iterations, toBase64(salt)].join("|");
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(bound) };
}

function damaged(where: string): StoreError {
  return new StoreError(`${where}: its key header is damaged: delete the store, and import an export`);
}
