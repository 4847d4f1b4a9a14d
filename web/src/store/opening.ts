/** Opens, makes and deletes stores of voiceprints. */

import { ITERATIONS, type Cryptography } from "../core/container/passphrases";
import { StoreError } from "../core/errors";
import { Database, deleteDatabase } from "./database";
import { keysOf, newHeader, type Secret } from "./keys";
import { Sealer, tallyOf } from "./sealing";
import { VoiceStore } from "./voice-store";

/** Where a store lies unless told otherwise. */
export const DEFAULT_STORE = "voxlite.voices";

/** How a store is opened; everything has a default. */
export interface StoreOptions {
  /** Of the database. */
  readonly name?: string;
  /** Make the store if it is missing. */
  readonly create?: boolean;
  readonly factory?: IDBFactory;
  readonly cryptography?: Cryptography;
  /** Of PBKDF2, and the least that is accepted; lower it in tests only. */
  readonly iterations?: number;
}

/**
 * Open a store.
 *
 * @param secret - a passphrase, of a new store 8 characters or more; or this browser.
 * @throws PassphraseError if the passphrase is wrong, or too short for a new store.
 * @throws StoreError if the store is missing, damaged or newer than this version, or the browser refuses.
 */
export async function openVoiceStore(secret: Secret, options: StoreOptions = {}): Promise<VoiceStore> {
  const { name = DEFAULT_STORE, create = false, iterations = ITERATIONS } = options;
  const { factory = globalThis.indexedDB, cryptography = globalThis.crypto } = options;
  const database = await Database.open(factory, name, create);
  try {
    if ((await database.header()) === undefined) {
      if (!create) throw new StoreError(`${name}: empty: enroll somebody first`);
      const header = await newHeader(cryptography, secret, iterations);
      const keys = await keysOf(cryptography, header, secret, iterations, name);
      await database.found(header, await new Sealer(cryptography, keys, name).tally(tallyOf([], new Map()), 0));
    }
    // what is in the database counts: another tab may have been first
    const keys = await keysOf(cryptography, await database.header(), secret, iterations, name);
    return new VoiceStore(database, new Sealer(cryptography, keys, name), cryptography);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Delete a store with everybody in it; does nothing if there is none.
 *
 * @throws StoreError if the browser refuses.
 */
export async function deleteVoiceStore(
  name: string = DEFAULT_STORE,
  factory: IDBFactory = globalThis.indexedDB,
): Promise<void> {
  await deleteDatabase(factory, name);
}
