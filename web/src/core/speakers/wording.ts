/**
 * Numbers and names in sentences, to the letter as the Python client writes them: halves are rounded to even, and a
 * text is quoted as a person would type it in code.
 */

import { roundTo } from "../rounding";

/** Return a number with one decimal: 12.25 as "12.2", -0.04 as "-0.0". */
export function tenths(value: number): string {
  const rounded = roundTo(value, 1);
  return Object.is(rounded, -0) || Object.is(value, -0) ? "-0.0" : rounded.toFixed(1);
}

/**
 * Return a number with so many significant digits, zeros at its end left out, with an exponent where it is tiny or
 * has more digits before the point: C's "%g".
 *
 * @param value - A finite number.
 * @param digits - 1..15.
 */
export function general(value: number, digits: number): string {
  const [mantissa, power] = halfToEven(value, digits).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  return withoutZeros(Number(`${mantissa}e${exponent}`).toFixed(digits - 1 - exponent));
}

/** Return a rate as people read it: 0.01 as "1 %". */
export function share(rate: number): string {
  return `${general(100 * rate, 2)} %`;
}

/** Return a value in quotes if it is text, as code would have it otherwise. */
export function quoted(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value !== "string") return String(value);
  const escaped = Array.from(value.replaceAll("\\", "\\\\"), escapedCharacter).join("");
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** Return a number of things: "1 recording", "2 recordings". */
export function counted(n: number, noun: string): string {
  return n === 1 ? `${n} ${noun}` : `${n} ${noun}s`;
}

/** Tell whether a text holds no control, invisible or unassigned character, and no space but the plain one. */
export function isPrintable(text: string): boolean {
  return /^(?: |[^\p{C}\p{Z}])*$/u.test(text);
}

/** Compare two names for an alphabetical order that takes no notice of case, and by their characters if equal. */
export function alphabetically(one: string, other: string): number {
  return byCharacter(folded(one), folded(other)) || byCharacter(one, other);
}

/** Return a text without differences of case: "ſ" is "s" and "ß" is "ss", too. */
export function folded(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function byCharacter(one: string, other: string): number {
  const [first, second] = [Array.from(one), Array.from(other)];
  for (let at = 0; at < Math.min(first.length, second.length); at++) {
    const difference = (first[at].codePointAt(0) ?? 0) - (second[at].codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}

function halfToEven(value: number, digits: number): string {
  const away = value.toExponential(digits - 1);
  const exact = value.toExponential(Math.min(digits + 30, 100));
  const [mantissa, power] = exact.split("e");
  const tail = mantissa.replace(/^-?\d\.?/, "").slice(digits - 1);
  const before = mantissa.slice(0, mantissa.length - tail.length);
  const isHalf = /^50*$/.test(tail) && /[02468]\.?$/.test(before);
  return isHalf ? `${before.replace(".", digits > 1 ? "." : "")}e${power}` : away;
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function escapedCharacter(character: string): string {
  const named: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  if (character in named) return named[character];
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
