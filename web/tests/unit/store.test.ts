/** The store of voiceprints: what is kept, what is told when somebody tampers, and that the forgotten are gone. */

import { IDBFactory, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { sealContainer } from "../../src/core/container/container";
import { EnrollmentError, PassphraseError, StoreError } from "../../src/core/errors";
import { factsOf, voiceprint, type Voiceprint } from "../../src/core/speakers/voiceprint";
import type { Secret } from "../../src/store/keys";
import { deleteVoiceStore, openVoiceStore, type StoreOptions } from "../../src/store/opening";
import type { VoiceStore } from "../../src/store/voice-store";

const NAME = "voices";
const PASSPHRASE: Secret = { passphrase: "korrekt Pferd Batterie" };
const DEVICE: Secret = { device: true };
const SECRETS = [["a passphrase", PASSPHRASE], ["this device", DEVICE]] as const;
const CHEAP = 10;

let factory: IDBFactory;
beforeEach(() => {
  factory = new IDBFactory();
});

const open = (secret: Secret, options: StoreOptions = {}) =>
  openVoiceStore(secret, { name: NAME, create: true, factory, iterations: CHEAP, ...options });

function print(person: string, at: number, changes: Partial<Voiceprint> = {}): Voiceprint {
  const embedding = new Float32Array(24);
  embedding[at] = 1;
  const model = { name: "compact", version: "1" };
  const moments = { consentAt: "2026-05-01T12:30:00Z", enrolledAt: "2026-05-02T00:00:00Z" };
  return voiceprint({ person, embedding, model, speechS: 7.5, purpose: "unlocking", ...moments, source: "phone", ...changes });
}

const [ada, ada2, bob, zoe] = [print("Ada", 0, { gender: "female" }), print("Ada", 1), print("bob", 2), print("Zoë", 3)];
const plain = (one: Voiceprint) => ({ ...factsOf(one), embedding: Array.from(one.embedding) });
const all = async (store: VoiceStore) => (await store.prints()).map(plain);

async function failure(attempt: Promise<unknown>): Promise<Error> {
  const error: unknown = await attempt.then(() => new Error("nothing was wrong"), (reason: unknown) => reason);
  return error as Error;
}

/** Look at the database, or write to it, past the store; return the last request's result. */
async function raw<Result>(ask: (head: IDBObjectStore, prints: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
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

interface RawRow {
  id: number;
  key: string;
  person: string;
  model: string;
  nonce: Uint8Array;
  sealed: Uint8Array;
}

const rawRows = () => raw<RawRow[]>((_, prints) => prints.getAll());
const putRow = (row: RawRow) => raw((_, prints) => prints.put(row));

describe.each(SECRETS)("a store that %s opens", (_, secret) => {
  it("gives back what was put into it, in the order of storing, after it was closed", async () => {
    const store = await open(secret);
    expect(await store.persons()).toEqual([]);
    expect(await store.enroll([zoe, ada])).toBe(2);
    expect(await store.enroll([bob, ada, ada2, ada2])).toBe(2);
    store.close();
    const again = await open(secret, { create: false });
    expect(await all(again)).toEqual([zoe, ada, bob, ada2].map(plain));
    expect(await again.persons()).toEqual(["Ada", "bob", "Zoë"]);
    expect((await again.prints({ person: " Ada " })).map(plain)).toEqual([ada, ada2].map(plain));
    expect(await again.prints({ person: "Zoe\u0308" })).toHaveLength(1);
  });

  it("keeps what is needed and nothing readable", async () => {
    const store = await open(secret);
    await store.enroll([ada]);
    await store.putSetting("calibration of compact 1", { slope: 0.8 });
    const [row] = await rawRows();
    expect(Object.keys(row).sort()).toEqual(["id", "key", "model", "nonce", "person", "sealed"]);
    expect((row.sealed.length - 16) % 128).toBe(0);
    const header = await raw<Record<string, unknown>>((head) => head.get("header") as IDBRequest<Record<string, unknown>>);
    for (const value of Object.values(header)) if (value instanceof CryptoKey) expect(value.extractable).toBe(false);
    const records = await raw<unknown[]>((head) => head.getAll() as IDBRequest<unknown[]>);
    const bytes = [row, ...records].flatMap((record) => Object.values(record as object).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : JSON.stringify(value)));
    for (const secretText of ["Ada", "unlocking", "compact", "slope", "phone", "Pferd"]) expect(bytes.join("\n")).not.toContain(secretText);
  });

  it("forgets a person, and finds nothing of it afterwards", async () => {
    const store = await open(secret);
    await store.enroll([ada, bob, ada2]);
    const before = await rawRows();
    const receipt = await store.forget(" Ada ");
    expect(receipt).toMatchObject({ what: "Ada", nPrints: 2, nRemains: 0 });
    expect(receipt.erasedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(await rawRows()).toEqual([before[1]]);
    expect(await all(store)).toEqual([plain(bob)]);
    expect((await failure(store.prints({ person: "Ada" }))).message).toBe("voices: nobody is enrolled as 'Ada': list the names, or enroll first");
    expect(await failure(store.forget("Ada"))).toBeInstanceOf(EnrollmentError);
    expect(await all(store)).toEqual([plain(bob)]);
    expect(await store.enroll([ada])).toBe(1);
  });

  it("does not take a deletion for done that the browser did not do", async () => {
    const store = await open(secret);
    await store.enroll([ada, bob]);
    const lazy = vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(() => ({}) as IDBRequest<undefined>);
    expect(await failure(store.forget("Ada"))).toBeInstanceOf(StoreError);
    expect(lazy).toHaveBeenCalled();
    lazy.mockRestore();
  });

  it("renames a person where the prints lie", async () => {
    const store = await open(secret);
    await store.enroll([ada, bob, ada2]);
    expect(await store.rename("Ada", " Ada Lovelace ")).toBe(2);
    const renamed = (one: Voiceprint) => ({ ...plain(one), person: "Ada Lovelace" });
    expect(await all(store)).toEqual([renamed(ada), plain(bob), renamed(ada2)]);
    expect(await store.enroll([print("Ada Lovelace", 0)])).toBe(0);
    expect(await store.rename("Ada Lovelace", "Ada Lovelace")).toBe(2);
    for (const [from, to] of [["Ada", "x"], ["bob", "Ada Lovelace"], ["bob", "Unknown"], ["bob", ""], ["", "x"]]) {
      expect(await failure(store.rename(from, to)), `${from} ${to}`).toBeInstanceOf(EnrollmentError);
    }
    expect(await store.persons()).toEqual(["Ada Lovelace", "bob"]);
  });

  it("exports what another store imports: what is new, all of it or nothing", async () => {
    const store = await open(secret);
    await store.enroll([ada, bob]);
    const file = await store.exportVoices("another passphrase");
    const other = await open({ passphrase: "yet another one" }, { name: "elsewhere" });
    await other.enroll([bob, zoe]);
    expect(await other.importVoices(file, "another passphrase", "voices.json")).toEqual({ nPrints: 2, nAdded: 1, persons: ["Ada", "bob"] });
    expect(await all(other)).toEqual([bob, zoe, ada].map(plain));
    expect(await failure(other.importVoices(file, "a wrong passphrase", "voices.json"))).toBeInstanceOf(PassphraseError);
    expect(await failure(other.importVoices(file.slice(0, 99), "another passphrase", "voices.json"))).toBeInstanceOf(StoreError);
    const half = await sealContainer([ada2, { ...bob, person: "" }], "another passphrase", crypto, CHEAP);
    expect(await failure(other.importVoices(half, "another passphrase", "voices.json"))).toBeInstanceOf(StoreError);
    expect(await all(other)).toEqual([bob, zoe, ada].map(plain));
    expect(await failure(store.exportVoices("short"))).toBeInstanceOf(PassphraseError);
  });

  it("keeps settings beside the prints", async () => {
    const store = await open(secret);
    await store.putSetting("calibration", { slope: 0.8 });
    await store.putSetting("__proto__", { odd: true });
    await store.enroll([ada]);
    store.close();
    const again = await open(secret);
    expect(await again.setting("calibration")).toEqual({ slope: 0.8 });
    expect(await again.setting("__proto__")).toEqual({ odd: true });
    await again.putSetting("calibration", null);
    expect(await again.setting("calibration")).toBeUndefined();
    expect(await again.setting("toString")).toBeUndefined();
    expect(await again.revision()).toBe(4);
  });

  it("loses nothing when two tabs write at once", async () => {
    const tabs = await Promise.all([open(secret), open(secret), open(secret)]);
    const people = Array.from({ length: 12 }, (_, at) => print(`Person ${at}`, at));
    await Promise.all(people.map((one, at) => tabs[at % tabs.length].enroll([one])));
    await Promise.all([tabs[0].forget("Person 3"), tabs[1].rename("Person 4", "Ada"), tabs[2].putSetting("x", {})]);
    for (const tab of tabs) {
      expect(await tab.persons()).toHaveLength(11);
      expect(await tab.revision()).toBe(15);
    }
  });

  it("tells of every record that was changed, exchanged, removed, added or put back", async () => {
    const store = await open(secret);
    await store.enroll([ada, bob]);
    const old = await rawRows();
    const oldTally = await raw<unknown>((head) => head.get("tally"));
    const [first, second] = old;
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((value, place) => (place === at ? value ^ 1 : value));
    const changes: (() => Promise<unknown>)[] = [
      () => putRow({ ...first, sealed: flipped(first.sealed, 0) }),
      () => putRow({ ...first, sealed: flipped(first.sealed, first.sealed.length - 1) }),
      () => putRow({ ...first, sealed: first.sealed.slice(0, 5) }),
      () => putRow({ ...first, nonce: flipped(first.nonce, 3) }),
      () => putRow({ ...first, person: second.person }),
      () => putRow({ ...first, model: second.person }),
      () => putRow({ ...first, sealed: second.sealed, nonce: second.nonce }),
      () => putRow({ ...first, key: "00".repeat(16) }),
      () => putRow({ ...first, key: "text" }),
      () => raw((_, prints) => prints.put({ id: first.id })),
      () => raw((_, prints) => prints.put({ ...second, id: 99, key: "12".repeat(16) })),
      () => raw((_, prints) => prints.put({ ...second, id: 99, key: "00".repeat(16) })),
      () => raw((_, prints) => prints.put({ id: 99, junk: true })),
      () => raw((_, prints) => prints.delete(IDBKeyRange.only(first.id))),
      () => raw((head) => head.put({ ...(oldTally as object), revision: 7 }, "tally")),
      () => raw((head) => head.put({ revision: 1, nonce: first.nonce, sealed: first.sealed }, "tally")),
      () => raw((head) => head.delete("tally")),
    ];
    for (const [at, change] of changes.entries()) {
      await change();
      const error = await failure(store.persons());
      expect(error, String(at)).toBeInstanceOf(StoreError);
      expect(error.message).toMatch(/^voices: .*: delete the store, and import an export$/);
      await raw((head, prints) => (prints.clear(), old.forEach((row) => prints.put(row)), head.put(oldTally, "tally")));
      expect(await store.persons(), `mended ${at}`).toEqual(["Ada", "bob"]);
    }
    await store.forget("bob");
    await putRow(second); // an erased row that comes back
    expect(await failure(store.persons())).toBeInstanceOf(StoreError);
    expect(await failure(store.enroll([zoe]))).toBeInstanceOf(StoreError);
    await raw((_, prints) => prints.delete(IDBKeyRange.only(first.id))); // as many as there were, but another one
    expect(await failure(store.persons())).toBeInstanceOf(StoreError);
  });

  it("refuses people whose prints are by another model, or skips them", async () => {
    const store = await open(secret);
    const other = { name: "campplus", version: "2" };
    await store.enroll([ada, print("Ada", 5, { model: other }), print("bob", 2, { model: other }), print("Zoë", 3, { model: other })]);
    expect(await store.prints({ model: ada.model, others: "skip" })).toHaveLength(1);
    expect((await failure(store.prints({ model: ada.model }))).message).toBe(
      "bob and 1 more: enrolled with the model campplus 2, which cannot be compared with compact 1: " +
        "enroll again with compact 1, or choose campplus 2",
    );
    expect(await store.prints({ model: other })).toHaveLength(3);
    expect(await store.prints({ person: "Ada", model: other })).toHaveLength(1);
  });
});

describe("opening a store", () => {
  it("tells of a wrong passphrase, and takes what another keyboard composes", async () => {
    (await open({ passphrase: "schönes Wetter" })).close();
    expect(await failure(open({ passphrase: "schones Wetter" }))).toEqual(
      new PassphraseError("voices: the passphrase is wrong: try again, it cannot be recovered"),
    );
    expect(await failure(open({ passphrase: "" }))).toBeInstanceOf(PassphraseError);
    await expect(open({ passphrase: "scho\u0308nes Wetter" })).resolves.toBeDefined();
  });

  it("wants eight characters of a new passphrase, and leaves nothing usable behind", async () => {
    expect((await failure(open({ passphrase: "1234567" }))).message).toContain("of 7 characters");
    expect(await failure(open(PASSPHRASE, { create: false }))).toEqual(new StoreError("voices: empty: enroll somebody first"));
  });

  it("does not make a store unless it is told to", async () => {
    expect(await failure(open(PASSPHRASE, { create: false }))).toEqual(new StoreError("voices: no such store of voiceprints: enroll somebody first"));
    expect(await factory.databases()).toEqual([]);
  });

  it("says which kind of secret a store wants", async () => {
    (await open(DEVICE)).close();
    expect((await failure(open(PASSPHRASE))).message).toBe("voices: no passphrase opens it, but this browser alone");
    (await open(PASSPHRASE, { name: "other" })).close();
    expect((await failure(open(DEVICE, { name: "other" }))).message).toBe("other: a passphrase opens it: give one");
  });

  it("refuses a header that was changed, or would be cheap to guess", async () => {
    (await open(PASSPHRASE)).close();
    const header = await raw<Record<string, unknown>>((head) => head.get("header") as IDBRequest<Record<string, unknown>>);
    for (const change of [{ iterations: CHEAP - 1 }, { iterations: "x" }, { iterations: 1e9 }, { salt: 5 }, { check: null }, { schema: "x" }]) {
      await raw((head) => head.put({ ...header, ...change }, "header"));
      expect((await failure(open(PASSPHRASE))).message).toBe("voices: its key header is damaged: delete the store, and import an export");
    }
    await raw((head) => head.put({ ...header, salt: new Uint8Array(16) }, "header"));
    expect(await failure(open(PASSPHRASE))).toBeInstanceOf(PassphraseError);
    await raw((head) => head.put(header, "header"));
    await expect(open(PASSPHRASE)).resolves.toBeDefined();
    expect((await failure(open(PASSPHRASE, { iterations: 600_000 }))).message).toContain("damaged");
  });

  it("costs 600 000 iterations unless a test says otherwise", async () => {
    (await openVoiceStore(PASSPHRASE, { name: NAME, create: true, factory })).close();
    expect(await raw((head) => head.get("header") as IDBRequest<object>)).toMatchObject({ iterations: 600_000 });
    await expect(openVoiceStore(PASSPHRASE, { name: NAME, factory })).resolves.toBeDefined();
  });

  it("fails in words when the store was deleted, closed or is newer", async () => {
    const store = await open(PASSPHRASE);
    await store.enroll([ada]);
    await deleteVoiceStore(NAME, factory);
    expect(await failure(store.persons())).toBeInstanceOf(StoreError);
    expect(await (await open(PASSPHRASE)).persons()).toEqual([]);
    await deleteVoiceStore("never made", factory);
    await new Promise((resolve) => (factory.open("newer", 2).onsuccess = resolve));
    expect((await failure(open(PASSPHRASE, { name: "newer" }))).message).toContain("newer version");
  });
});
