/**
 * How one print becomes one row: what is sealed, and what stays in the clear beside it.
 *
 *     sealed = AES-256-GCM(facts and embedding as JSON, padded with spaces to 128 bytes; a fresh nonce)
 *     associated data = schema | key | person | model
 *
 * In the clear are three tokens (keyed HMACs) and the order of storing. Whoever reads the database without the key
 * learns how many prints there are and which belong together; whoever changes a row, or exchanges two, is noticed.
 * The tally is a sealed count and exclusive-or of all keys: rows that vanish are noticed, too. Settings are sealed
 * together with it. What cannot be noticed is an older copy of the whole database in place of the newer one.
 */

import { NONCE_BYTES, randomBytes, type Cryptography } from "../core/container/passphrases";
import { embeddingBytes, isRecord, parsed, readPrints, writePrints } from "../core/container/prints";
import { StoreError } from "../core/errors";
import { personName, type PrintModel, type Voiceprint } from "../core/speakers/voiceprint";
import type { Row, Sealed, TallyRecord } from "./database";
import type { StoreKeys } from "./keys";

const [ROW, TALLY] = ["voxlite.web-store/1 print", "voxlite.web-store/1 tally"] as const;
const PAD_BYTES = 128;
const TOKEN_BYTES = 16;
const EMPTY_KEYS = "00".repeat(TOKEN_BYTES);

/** Plain data that a store keeps beside the prints, by name. */
export type Settings = ReadonlyMap<string, unknown>;

/** Number of rows, exclusive-or of their keys, and the settings that travel with them. */
export interface Tally {
  readonly n: number;
  /** 32 hexadecimal digits. */
  readonly keys: string;
  readonly settings: Settings;
}

/** Seals and opens the records of one store. */
export class Sealer {
  /** @param where - names the store in errors. */
  constructor(
    private readonly cryptography: Cryptography,
    private readonly keys: StoreKeys,
    private readonly where: string,
  ) {}

  /** Return the token of a name. */
  async personToken(person: string): Promise<string> {
    return this.token("person", utf8(personName(person)));
  }

  /** Return a print as a new row. */
  async row(print: Voiceprint): Promise<Row> {
    const person = await this.personToken(print.person);
    const model = await this.modelToken(print.model);
    const key = await this.token("print", utf8(person), utf8(model), embeddingBytes(print.embedding));
    return { key, person, model, ...(await this.seal(writePrints([print]), [ROW, key, person, model])) };
  }

  /**
   * Return the print of a row.
   *
   * @throws StoreError if anything in the row is not as it was written.
   */
  async print(row: Row): Promise<Voiceprint> {
    const plain = await this.open(row, [ROW, row.key, row.person, row.model]);
    if (plain === null) {
      throw new StoreError(
        `${this.where}: print ${row.id} was changed or damaged: delete the store, and import an export`,
      );
    }
    return readPrints(plain, `${this.where}: print ${row.id}`)[0];
  }

  /** Return a tally sealed for a revision. */
  async tally({ n, keys, settings }: Tally, revision: number): Promise<TallyRecord> {
    const plain = utf8(JSON.stringify({ n, keys, settings: Object.fromEntries(settings) }));
    return { revision, ...(await this.seal(plain, [TALLY, String(revision)])) };
  }

  /**
   * Return what was sealed as a tally.
   *
   * @throws StoreError if it was changed, or taken away.
   */
  async openTally(record: unknown): Promise<Tally & { readonly revision: number }> {
    if (isRecord(record) && Number.isInteger(record["revision"]) && isSealed(record)) {
      const revision = Number(record["revision"]);
      const plain = await this.open(record, [TALLY, String(revision)]);
      const found = plain === null ? null : parsed(new Uint8Array(plain));
      if (isRecord(found)) {
        const settings = new Map(Object.entries(found["settings"] ?? {}));
        return { n: Number(found["n"]), keys: String(found["keys"]), settings, revision };
      }
    }
    throw new StoreError(
      `${this.where}: the count of its prints was changed or damaged: delete the store, and import an export`,
    );
  }

  private async modelToken(model: PrintModel): Promise<string> {
    return this.token("model", utf8(model.name), utf8(model.version));
  }

  /** Return 16 bytes, in hexadecimal, that stand for `parts` and tell nothing about them without the key. */
  private async token(...parts: readonly (string | Uint8Array)[]): Promise<string> {
    const pieces = parts.map((part) => (typeof part === "string" ? utf8(part) : part));
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + 4 + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      // lengths keep ("ab", "c") and ("a", "bc") apart
      new DataView(whole.buffer).setUint32(at, piece.length);
      whole.set(piece, at + 4);
      at += 4 + piece.length;
    }
    const digest = await this.cryptography.subtle.sign("HMAC", this.keys.lookUp, whole);
    return hex(new Uint8Array(digest).subarray(0, TOKEN_BYTES));
  }

  private async seal(plain: Uint8Array, context: readonly string[]): Promise<Sealed> {
    const nonce = randomBytes(this.cryptography, NONCE_BYTES);
    const padded = new Uint8Array(Math.ceil(plain.length / PAD_BYTES) * PAD_BYTES).fill(" ".charCodeAt(0));
    padded.set(plain);
    const sealed = await this.cryptography.subtle.encrypt(parameters(nonce, context), this.keys.sealing, padded);
    return { nonce, sealed: new Uint8Array(sealed) };
  }

  private async open({ nonce, sealed }: Sealed, context: readonly string[]): Promise<ArrayBuffer | null> {
    try {
      return await this.cryptography.subtle.decrypt(parameters(nonce, context), this.keys.sealing, sealed);
    } catch {
      return null; // changed, or bound to something else: the cipher does not say
    }
  }
}

/** Return the count of some rows, with the settings that go with it. */
export function tallyOf(rows: readonly Row[], settings: Settings): Tally {
  const keys = rows.reduce((sum, row) => xored(sum, row.key), EMPTY_KEYS);
  return { n: rows.length, keys, settings };
}

/** Tell whether what a database holds has the shape of a row; its content is another matter. */
export function isRow(value: unknown): value is Row & { readonly id: number } {
  if (!isRecord(value) || !Number.isInteger(value["id"]) || !isSealed(value)) return false;
  return ["key", "person", "model"].every((name) => /^[0-9a-f]{32}$/.test(String(value[name])));
}

function isSealed(value: object): value is Sealed {
  const { nonce, sealed } = value as Partial<Record<keyof Sealed, unknown>>;
  return nonce instanceof Uint8Array && sealed instanceof Uint8Array;
}

function xored(one: string, other: string): string {
  const digits = Array.from(one, (digit, at) => Number.parseInt(digit, 16) ^ Number.parseInt(other[at], 16));
  return digits.map((value) => value.toString(16)).join("");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (value) => value.toString(16).padStart(2, "0")).join("");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function parameters(nonce: Uint8Array<ArrayBuffer>, context: readonly string[]): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(context.join("|")) };
}
