/** Moments as voiceprints hold them: ISO 8601 in UTC, whole seconds, with an offset of +00:00. */

import { EnrollmentError } from "../errors";
import { quoted } from "./wording";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
/** The last moment that four digits of a year can hold. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Return a moment as text in UTC, cut to whole seconds: "2026-05-01T12:30:00+00:00".
 *
 * @param value - A date, or a text in ISO 8601 format with a time zone.
 * @param what - Names it in errors.
 * @throws {@link EnrollmentError} If it is no moment, or has no time zone.
 */
export function utcSeconds(value: unknown, what: string): string {
  const isText = typeof value === "string";
  if (isText && isWithoutZone(value)) {
    throw new EnrollmentError(`voiceprint: ${what} is ${quoted(value)}: give a datetime with a time zone`);
  }
  const ms = value instanceof Date ? value.getTime() : isText ? millisecondsOf(value) : Number.NaN;
  if (!(ms >= firstMs() && ms <= LAST_MS)) {
    const got = value instanceof Date ? "no valid date" : quoted(value);
    throw new EnrollmentError(`voiceprint: ${what} is ${got}: give a time in ISO 8601 format`);
  }
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

function isWithoutZone(value: string): boolean {
  const parts = MOMENT.exec(value);
  return DATE.test(value) ? isDay(value) : parts !== null && parts[4] === undefined && isDay(value.slice(0, 10));
}

function millisecondsOf(value: string): number {
  const parts = MOMENT.exec(value);
  if (parts === null || !isDay(value.slice(0, 10))) return Number.NaN;
  const iso = value.toUpperCase().replace(" ", "T").replace(",", ".");
  return Date.parse(iso.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
}

/** Tell whether a day is in the calendar: a parser of dates takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(date);
}

function firstMs(): number {
  return Date.parse("0001-01-01T00:00:00Z");
}
