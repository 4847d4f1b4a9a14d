/**
 * Rounding as IEEE 754 and Python have it: to the nearest, ties to even. JavaScript rounds ties up, which would move a
 * duration of two and a half steps, or the last digit of a figure, against the reference.
 */

/** Return `value` rounded to `digits` decimals (0..15), by its exact binary value; ties go to the even digit. */
export function roundTo(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  const scale = 10 ** digits;
  // Half a unit of the last digit is a binary fraction only where 5**digits divides out, so this test is exact.
  const tie = isOddInteger(value * 2 ** (digits + 1)) && isOddInteger(value * scale * 2);
  if (!tie) return Number(value.toFixed(digits));
  const below = Math.floor(value * scale);
  return (below % 2 === 0 ? below : below + 1) / scale;
}

/** Return the integer nearest to `value`; a tie goes to the even one. */
export function roundHalfEven(value: number): number {
  return roundTo(value, 0);
}

/** Return `value` as text with exactly `digits` decimals, rounded as `roundTo` does. */
export function formatFixed(value: number, digits: number): string {
  return roundTo(value, digits).toFixed(digits);
}

/** Return a value above 0 as text with two significant digits and no trailing zeros, such as "0.36" or "4". */
export function formatTwoDigits(value: number): string {
  const exponent = Number(value.toExponential(1).split("e")[1]);
  return String(roundTo(value, Math.max(0, 1 - exponent)));
}

function isOddInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value % 2) === 1;
}
