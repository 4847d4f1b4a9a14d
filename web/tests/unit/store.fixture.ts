/** What the tests of the store share: people, and a look at the database past the store. */

import { IDBFactory } from "fake-indexeddb";
import { beforeEach } from "vitest";
import { factsOf, voiceprint, type Voiceprint } from "../../src/core/speakers/voiceprint";
import type { Secret } from "../../src/store/keys";
import { openVoiceStore, type StoreOptions } from "../../src/store/opening";
import type { VoiceStore } from "../../src/store/voice-store";

export const NAME = "voices";
export const PASSPHRASE: Secret = { passphrase: "korrekt Pferd Batterie" };
export const DEVICE: Secret = { device: true };
export const SECRETS = [["a passphrase", PASSPHRASE], ["this device", DEVICE]] as const;
export const CHEAP = 10;

/** Databases of one test alone. */
export let factory: IDBFactory;
beforeEach(() => {
  factory = new IDBFactory();
});

export const open = (secret: Secret, options: StoreOptions = {}) =>
  openVoiceStore(secret, { name: NAME, create: true, factory, iterations: CHEAP, ...options });

export function print(person: string, at: number, changes: Partial<Voiceprint> = {}): Voiceprint {
  const embedding = new Float32Array(24);
  embedding[at] = 1;
  const model = { name: "compact", version: "1" };
  const moments = { consentAt: "2026-05-01T12:30:00Z", enrolledAt: "2026-05-02T00:00:00Z" };
  return voiceprint({ person, embedding, model, speechS: 7.5, purpose: "unlocking", ...moments, source: "phone", ...changes });
}

export const [ada, ada2, bob, zoe] = [print("Ada", 0, { gender: "female" }), print("Ada", 1), print("bob", 2), print("Zoë", 3)];
export const plain = (one: Voiceprint) => ({ ...factsOf(one), embedding: Array.from(one.embedding) });
export const all = async (store: VoiceStore) => (await store.prints()).map(plain);

export async function failure(attempt: Promise<unknown>): Promise<Error> {
  const error: unknown = await attempt.then(() => new Error("nothing was wrong"), (reason: unknown) => reason);
  return error as Error;
}

/** Look at the database, or write to it, past the store; return the last request's result. */
export async function raw<Result>(ask: (head: IDBObjectStore, prints: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = factory.open(NAME);
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction(["head", "prints"], "readwrite");
  const request = ask(transaction.objectStore("head"), transaction.objectStore("prints"));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
  database.close();
  return request.result;
}

export interface RawRow {
  id: number;
  key: string;
  person: string;
  model: string;
  nonce: Uint8Array;
  sealed: Uint8Array;
}

export const rawRows = () => raw<RawRow[]>((_, prints) => prints.getAll());
export const putRow = (row: RawRow) => raw((_, prints) => prints.put(row));
