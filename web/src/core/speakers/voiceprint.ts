/**
 * A voiceprint: one reference of one person's voice, and all that may be kept with it.
 *
 * The reference is an embedding, never sound. A person has as many references as enrolled recordings. Consent and
 * purpose are part of the value, so that a print without them cannot be made, stored or imported.
 */

import { EnrollmentError } from "../errors";
import { utcSeconds } from "./times";
import { norm } from "./vectors";
import { general, isPrintable, quoted } from "./wording";

/** Characters that a person's name, a source or a gender may have. */
export const MAX_NAME_CHARACTERS = 200;
/** Numbers that an embedding may have. */
export const MAX_DIM = 4096;
/** How far an embedding's norm may be from 1. */
export const NORM_TOLERANCE = 1e-3;

const MAX_PURPOSE_CHARACTERS = 1000;

/** Which model made an embedding: those of two models, or of two versions of one, cannot be compared. */
export interface PrintModel {
  /** As in the model's metadata. */
  readonly name: string;
  /** Likewise. */
  readonly version: string;
}

/** One enrolled reference of one person; made by {@link voiceprint}, which checks it. */
export interface Voiceprint {
  /** Name, 1 to 200 printable characters, composed (NFC). */
  readonly person: string;
  /** float32[dim] of unit norm, dim 1..4096; a copy of its own, not to be written to. */
  readonly embedding: Float32Array;
  readonly model: PrintModel;
  /** Net speech that it rests on, seconds, above 0. */
  readonly speechS: number;
  /** When the person agreed: ISO 8601, UTC, whole seconds ("2026-05-01T12:30:00+00:00"). */
  readonly consentAt: string;
  /** What the person agreed to, in words, 1 to 1000 characters. */
  readonly purpose: string;
  /** When it was made; as `consentAt`. */
  readonly enrolledAt: string;
  /** What it was recorded with, null if unknown. */
  readonly source: string | null;
  /** Frequency up to which the reference carried sound, hertz; null if unknown. */
  readonly bandwidthHz: number | null;
  /** What the voice sounded like, null if that was not asked for. */
  readonly gender: string | null;
}

/** What a voiceprint is made of; times as ISO 8601 with a time zone, or as dates. */
export interface VoiceprintFields {
  readonly person: string;
  readonly embedding: ArrayLike<number>;
  readonly model: PrintModel;
  readonly speechS: number;
  readonly consentAt: string | Date;
  readonly purpose: string;
  readonly enrolledAt: string | Date;
  readonly source?: string | null;
  readonly bandwidthHz?: number | null;
  readonly gender?: string | null;
}

/** Everything of a print but the embedding, as stores and exports hold it: names are those of the file format. */
export interface PrintFacts {
  readonly person: string;
  readonly model: string;
  readonly model_version: string;
  readonly speech_s: number;
  readonly consent_at: string;
  readonly purpose: string;
  readonly enrolled_at: string;
  readonly source: string | null;
  readonly bandwidth_hz: number | null;
  readonly gender: string | null;
}

/**
 * Make a voiceprint.
 *
 * @throws {@link EnrollmentError} If a field is not usable.
 */
export function voiceprint(fields: VoiceprintFields): Voiceprint {
  return checked(fields);
}

/** Return everything of a print but the embedding as plain data. */
export function factsOf(print: Voiceprint): PrintFacts {
  return {
    person: print.person,
    model: print.model.name,
    model_version: print.model.version,
    speech_s: print.speechS,
    consent_at: print.consentAt,
    purpose: print.purpose,
    enrolled_at: print.enrolledAt,
    source: print.source,
    bandwidth_hz: print.bandwidthHz,
    gender: print.gender,
  };
}

/**
 * Make a voiceprint from what {@link factsOf} returned; facts that this version does not know are ignored.
 *
 * @param facts - Plain data that anybody may have written.
 * @throws {@link EnrollmentError} If a fact is missing or not usable.
 */
export function voiceprintFrom(facts: Readonly<Record<string, unknown>>, embedding: ArrayLike<number>): Voiceprint {
  return checked({
    person: facts["person"],
    embedding,
    model: { name: facts["model"], version: facts["model_version"] },
    speechS: facts["speech_s"],
    consentAt: facts["consent_at"],
    purpose: facts["purpose"],
    enrolledAt: facts["enrolled_at"],
    source: facts["source"],
    bandwidthHz: facts["bandwidth_hz"],
    gender: facts["gender"],
  });
}

/**
 * Return a name in the form that is kept: composed (NFC), without spaces around it.
 *
 * @throws {@link EnrollmentError} If it is no text, empty, too long or has characters that cannot be printed.
 */
export function personName(name: unknown): string {
  return text(name, "person", MAX_NAME_CHARACTERS);
}

/** Return a model in words: "compact 1". */
export function modelText(model: PrintModel): string {
  return `${model.name} ${model.version}`;
}

/** Tell whether two models are the same, so that their embeddings can be compared. */
export function isSameModel(one: PrintModel, other: PrintModel): boolean {
  return one.name === other.name && one.version === other.version;
}

/** Fields that anybody may have written: one that is left out counts like one that is not usable. */
type Unchecked = { readonly [name in Exclude<keyof VoiceprintFields, "embedding" | "model">]?: unknown } & {
  readonly embedding: ArrayLike<number>;
  readonly model: { readonly name: unknown; readonly version: unknown };
};

function checked(fields: Unchecked): Voiceprint {
  const consentAt = utcSeconds(fields.consentAt, "consent_at");
  const enrolledAt = utcSeconds(fields.enrolledAt, "enrolled_at");
  const person = personName(fields.person);
  return Object.freeze({
    person,
    embedding: unitNorm(fields.embedding, person),
    model: Object.freeze({
      name: text(fields.model.name, "model", MAX_NAME_CHARACTERS),
      version: text(fields.model.version, "model_version", MAX_NAME_CHARACTERS),
    }),
    speechS: positive(fields.speechS, "speech_s"),
    consentAt,
    purpose: text(fields.purpose, "purpose", MAX_PURPOSE_CHARACTERS),
    enrolledAt,
    source: ifKnown(fields.source, (value) => text(value, "source", MAX_NAME_CHARACTERS)),
    bandwidthHz: ifKnown(fields.bandwidthHz, (value) => positive(value, "bandwidth_hz")),
    gender: ifKnown(fields.gender, (value) => text(value, "gender", MAX_NAME_CHARACTERS)),
  });
}

function ifKnown<Value>(value: unknown, check: (value: unknown) => Value): Value | null {
  return value === null || value === undefined ? null : check(value);
}

function text(value: unknown, what: string, most: number): string {
  const kept = typeof value === "string" ? stripped(value.normalize("NFC")) : "";
  const length = Array.from(kept).length;
  if (length === 0 || length > most || !isPrintable(kept)) {
    throw new EnrollmentError(`voiceprint: ${what} is ${quoted(value)}: give 1 to ${most} printable characters`);
  }
  return kept;
}

/** Take away the spaces and line ends around a text: those of Unicode's White_Space, and four old separators. */
function stripped(value: string): string {
  return value.replace(/^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu, "");
}

function positive(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new EnrollmentError(`voiceprint: ${what} is ${quoted(value)}: give a number above 0`);
  }
  return value;
}

function unitNorm(value: ArrayLike<number>, person: string): Float32Array {
  const vector = Float32Array.from(value);
  if (vector.length < 1 || vector.length > MAX_DIM) {
    throw new EnrollmentError(
      `voiceprint of ${person}: an embedding of shape (${vector.length},): give one vector of 1 to ${MAX_DIM} numbers`,
    );
  }
  const length = norm(vector);
  if (!(Math.abs(length - 1) <= NORM_TOLERANCE)) {
    throw new EnrollmentError(
      `voiceprint of ${person}: an embedding of norm ${general(length, 4)}: divide it by its norm`,
    );
  }
  return vector;
}
