/** The export: what Python wrote opens here, what is written here opens again, and damage is told for what it is. */

import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../src/core/container/base64";
import { openContainer, sealContainer } from "../../src/core/container/container";
import { passphraseBytes } from "../../src/core/container/passphrases";
import { PassphraseError, StoreError, VoxliteError } from "../../src/core/errors";
import { factsOf, type Voiceprint } from "../../src/core/speakers/voiceprint";
import { prints, read, seeded, vectors } from "./speakers.vectors";

const CHEAP = 10;
const { passphrase } = vectors;
const fromPython = read("from-python.json");
const open = (data: Uint8Array | string, secret = passphrase) => openContainer(data, secret, "voices.json", crypto);
const plain = (print: Voiceprint) => ({ ...factsOf(print), embedding: Array.from(print.embedding) });

/** Return the error that an attempt ends with. */
async function failure(attempt: Promise<unknown>): Promise<Error> {
  const error: unknown = await attempt.then(
    () => new Error("nothing was wrong"),
    (reason: unknown) => reason,
  );
  return error as Error;
}

describe("an export by Python", () => {
  it("opens with the same prints, bit by bit", async () => {
    expect((await open(fromPython)).map(plain)).toEqual(prints.map(plain));
  });

  it("opens with a passphrase that another keyboard composes otherwise", async () => {
    expect(passphrase.normalize("NFKD")).not.toBe(passphrase);
    expect(await open(fromPython, passphrase.normalize("NFKD"))).toHaveLength(prints.length);
  });
});

describe("an export by this client", () => {
  it("holds what it was made of, as the file that a Python test opens", async () => {
    const text = await sealContainer(prints, passphrase, crypto);
    expect((await open(text)).map(plain)).toEqual(prints.map(plain));
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    writeFileSync(new URL("../../vectors/voices/from-web.json", import.meta.url), text);
  });

  it("has the layout of Python's", async () => {
    const [own, other] = [await sealContainer([], passphrase, crypto, CHEAP), new TextDecoder().decode(fromPython)];
    const shape = (text: string) => text.replace(/"(salt|nonce|body)": "[^"]*"/g, "$1").replace(/\d{2,}/g, "n");
    expect(shape(own)).toBe(shape(other));
    expect(await open(own)).toEqual([]);
  });

  it("is another one each time, and tells no name", async () => {
    const [one, other] = [await sealContainer(prints, passphrase, crypto, CHEAP), await sealContainer(prints, passphrase, crypto, CHEAP)];
    expect(one).not.toBe(other);
    expect(one).not.toContain(prints[0].person);
    expect(one).not.toContain(toBase64(new TextEncoder().encode(prints[0].person)).slice(0, 6));
  });

  it("needs a passphrase of eight characters", async () => {
    expect(await failure(sealContainer([], "1234567", crypto, CHEAP))).toEqual(
      new PassphraseError("a passphrase of 7 characters: give at least 8 characters, several words are best"),
    );
    expect(await failure(sealContainer([], "", crypto, CHEAP))).toBeInstanceOf(PassphraseError);
    expect(passphraseBytes("😀".repeat(8), true)).toHaveLength(32);
    expect(() => passphraseBytes("\ud83d long enough", true)).toThrow(PassphraseError);
  });
});

describe("a damaged export", () => {
  const text = () => sealContainer(prints.slice(0, 2), passphrase, crypto, CHEAP);

  it("is not opened by another passphrase", async () => {
    expect(await failure(open(await text(), "another passphrase"))).toEqual(
      new PassphraseError("voices.json: the passphrase is wrong, or the file was changed: try again"),
    );
    expect(await failure(open(await text(), ""))).toBeInstanceOf(PassphraseError);
  });

  it("is not opened after any change of the body or of what is bound to it", async () => {
    const whole = JSON.parse(await text()) as { kdf: { salt: string; iterations: number }; cipher: { nonce: string }; body: string };
    const changed = (value: string, at: number) => {
      const bytes = fromBase64(value) ?? new Uint8Array();
      bytes[(at + bytes.length) % bytes.length] ^= 1;
      return toBase64(bytes);
    };
    const random = seeded(3);
    const bodies = [0, -1, -16, -17, ...Array.from({ length: 20 }, () => Math.floor(random() * 500))];
    const files = [
      ...bodies.map((at) => ({ ...whole, body: changed(whole.body, at) })),
      { ...whole, kdf: { ...whole.kdf, salt: changed(whole.kdf.salt, 0) } },
      { ...whole, kdf: { ...whole.kdf, iterations: CHEAP + 1 } },
      { ...whole, cipher: { ...whole.cipher, nonce: changed(whole.cipher.nonce, 3) } },
      { ...whole, body: "" },
      { ...whole, body: whole.body.slice(0, 40) },
    ];
    for (const file of files) expect(await failure(open(JSON.stringify(file)))).toBeInstanceOf(PassphraseError);
  });

  it("is no export when it is cut off or another file", async () => {
    const whole = await text();
    const cut = [0, 1, 40, 200, whole.length - 3].map((n) => whole.slice(0, n));
    const foreign = ["[]", "null", "7", '"x"', "{}", '{"format": "voxlite.voiceprints/1"}', "\u0000\u0001"];
    for (const data of [...cut, ...foreign, Uint8Array.of(0xff, 0xfe, 0x00)]) {
      const error = await failure(open(data));
      expect(error).toEqual(new StoreError("voices.json: no export of voiceprints, or cut off: name an exported file"));
      expect(error).not.toBeInstanceOf(PassphraseError);
    }
  });

  it("names another format and a damaged header", async () => {
    const whole = JSON.parse(await text()) as Record<string, Record<string, unknown>>;
    const newer = await failure(open(JSON.stringify({ ...whole, format: "voxlite.voiceprints/2" })));
    expect(newer.message).toContain("an export of format 'voxlite.voiceprints/2', this version reads voxlite.voiceprints/1");
    const headers = [
      { kdf: { ...whole["kdf"], iterations: 0 } },
      { kdf: { ...whole["kdf"], iterations: 20_000_001 } },
      { kdf: { ...whole["kdf"], iterations: 1.5 } },
      { kdf: { ...whole["kdf"], name: "scrypt" } },
      { kdf: { ...whole["kdf"], salt: "A" } },
      { kdf: 3 },
      { cipher: { ...whole["cipher"], nonce: "AAAA" } },
      { cipher: { ...whole["cipher"], name: "AES-128-GCM" } },
      { cipher: null },
      { body: 5 },
      { body: "####" },
      { body: "AAAA\nAAA=" },
    ];
    for (const change of headers) {
      expect(await failure(open(JSON.stringify({ ...whole, ...change }))), JSON.stringify(change)).toEqual(
        new StoreError("voices.json: its header is damaged: copy the file again"),
      );
    }
  });

  it("says what is wrong with a print inside, and passes over what it does not know", async () => {
    const odd = async (person: unknown) => {
      const print = { ...prints[0], person } as Voiceprint;
      return open(await sealContainer([print], passphrase, crypto, CHEAP));
    };
    expect((await failure(odd(""))).message).toBe("voices.json: voiceprint: person is '': give 1 to 200 printable characters");
    const short = { ...prints[0], embedding: new Float32Array(0) };
    expect(await failure(open(await sealContainer([short], passphrase, crypto, CHEAP)))).toBeInstanceOf(StoreError);
    expect(await odd("Zoe\u0308")).toMatchObject([{ person: "Zoë" }]);
  });

  it("never fails otherwise, whatever is done to its text", async () => {
    const whole = await text();
    const random = seeded(11);
    for (let trial = 0; trial < 300; trial++) {
      const at = Math.floor(random() * whole.length);
      const character = String.fromCharCode(32 + Math.floor(random() * 95));
      const error = await failure(open(whole.slice(0, at) + character + whole.slice(at + (trial % 2))));
      if (error.message !== "nothing was wrong") expect(error).toBeInstanceOf(VoxliteError);
    }
  });
});

describe("Base64", () => {
  it("gives back what it was given, as every other implementation writes it", () => {
    const random = seeded(5);
    for (let n = 0; n < 70; n++) {
      const bytes = Uint8Array.from({ length: n }, () => Math.floor(random() * 256));
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });

  it("refuses everything else", () => {
    for (const text of ["A", "AA", "AAA", "A===", "====", "AA=A", " AAA", "AAA\n", "AA-_", "Ä===", 5, null]) {
      expect(fromBase64(text), String(text)).toBeNull();
    }
  });
});
