/** Return the middle value, or the mean of the middle two; NaN of nothing. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Return a quantile, linear between the two values beside it; NaN of nothing.
 *
 * @param values - in any order, left as they are.
 * @param share - 0..1.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted.length ? sorted[low] + (at - low) * (sorted[high] - sorted[low]) : NaN;
}
