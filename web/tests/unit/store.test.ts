/** The store of voiceprints: what is kept, what is told when somebody tampers, and that the forgotten are gone. */

import { IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { describe, expect, it, vi } from "vitest";
import { sealContainer } from "../../src/core/container/container";
import { EnrollmentError, PassphraseError, StoreError } from "../../src/core/errors";
import type { Voiceprint } from "../../src/core/speakers/voiceprint";
import { ada, ada2, all, bob, CHEAP, failure, open, plain, print, putRow, raw, rawRows, SECRETS, zoe } from "./store.fixture";

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
