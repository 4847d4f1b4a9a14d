/**
 * One logit for a clip: the mean of its highest step logits within its best second.
 *
 * A syllable in a second of hiss must count as voice, and so must an hour with one word in it: hence the highest steps,
 * not all of them. That they must lie within one span keeps chance peaks from adding up over a long recording.
 */

/** What a silent step counts. */
export const SILENT_LOGIT = -8;

/**
 * Return a clip's logit: the mean of its `nSteps` highest step logits within the best `span` steps.
 *
 * @param logits - of all steps, `SILENT_LOGIT` where silent; a clip shorter than `nSteps` or `span` counts as if silent
 * steps followed.
 * @param nSteps - at most `span`.
 * @param span - steps that the highest ones must lie within.
 */
export function pool(logits: ArrayLike<number>, nSteps: number, span: number): number {
  const n = Math.max(logits.length, nSteps, span);
  const highest: number[] = []; // of the span that ends here, all of it in ascending order
  const at = (k: number): number => (k < logits.length ? logits[k] : SILENT_LOGIT);
  let best = -Infinity;
  for (let k = 0; k < n; k++) {
    highest.splice(lowerBound(highest, at(k)), 0, at(k));
    if (highest.length > span) highest.splice(lowerBound(highest, at(k - span)), 1);
    if (k >= span - 1) {
      let sum = 0;
      for (let i = highest.length - nSteps; i < highest.length; i++) sum += highest[i];
      best = Math.max(best, sum / nSteps);
    }
  }
  return best;
}

/** Return the first place of an ascending list whose value is not below `value`. */
function lowerBound(ascending: readonly number[], value: number): number {
  let low = 0;
  for (let high = ascending.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
