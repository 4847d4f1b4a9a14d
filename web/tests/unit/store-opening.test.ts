/** How a store of voiceprints is opened, made and deleted, and what is told when that fails. */

import { describe, expect, it } from "vitest";
import { PassphraseError, StoreError } from "../../src/core/errors";
import { deleteVoiceStore, openVoiceStore } from "../../src/store/opening";
import { ada, CHEAP, DEVICE, factory, failure, NAME, open, PASSPHRASE, raw } from "./store.fixture";

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
