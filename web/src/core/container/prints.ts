/** Prints as an export holds them: JSON with the facts of each, its embedding as little-endian float32 in Base64. */

import { EnrollmentError, StoreError } from "../errors";
import { factsOf, voiceprintFrom, type Voiceprint } from "../speakers/voiceprint";
import { fromBase64, toBase64 } from "./base64";

const FLOAT_BYTES = 4;

/** Return the bytes of an embedding: little-endian float32, whatever the processor's order. */
export function embeddingBytes(embedding: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(embedding.length * FLOAT_BYTES);
  const view = new DataView(bytes.buffer);
  embedding.forEach((value, at) => view.setFloat32(at * FLOAT_BYTES, value, true));
  return bytes;
}

/** Return the embedding of bytes, float32[dim]; null if their number is none of whole floats. */
export function embeddingFrom(bytes: Uint8Array): Float32Array | null {
  if (bytes.length % FLOAT_BYTES !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / FLOAT_BYTES }, (_, at) => view.getFloat32(at * FLOAT_BYTES, true));
}

/** Return prints as UTF-8 JSON. */
export function writePrints(prints: readonly Voiceprint[]): Uint8Array<ArrayBuffer> {
  const rows = prints.map((print) => ({ ...factsOf(print), embedding: toBase64(embeddingBytes(print.embedding)) }));
  return new TextEncoder().encode(JSON.stringify({ prints: rows }));
}

/**
 * Return the prints of UTF-8 JSON.
 *
 * @param where - names the file in errors.
 * @throws StoreError if anything in it cannot be used; members that this version does not know are ignored.
 */
export function readPrints(plain: ArrayBuffer, where: string): Voiceprint[] {
  const outer = parsed(new Uint8Array(plain));
  const rows = isRecord(outer) ? outer["prints"] : undefined;
  if (!Array.isArray(rows)) throw unreadable(where, "no list of prints");
  return rows.map((row: unknown) => {
    if (!isRecord(row)) throw unreadable(where, "a print without facts");
    const bytes = fromBase64(row["embedding"]);
    const embedding = bytes === null ? null : embeddingFrom(bytes);
    if (embedding === null) throw unreadable(where, "a print without an embedding");
    try {
      return voiceprintFrom(row, embedding);
    } catch (error) {
      throw error instanceof EnrollmentError ? new StoreError(`${where}: ${error.message}`) : error;
    }
  });
}

/** Return what UTF-8 JSON holds; undefined if it is none. */
export function parsed(data: Uint8Array | string): unknown {
  try {
    const text = typeof data === "string" ? data : new TextDecoder("utf-8", { fatal: true }).decode(data);
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // whatever the reason: it is no JSON
  }
}

/** Tell whether a value is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(where: string, why: string): StoreError {
  return new StoreError(`${where}: its prints cannot be read (${why}): export them again`);
}
