/** A run of steps without voice. */
export interface RestRun {
  readonly silent: boolean;
  /** Steps. */
  readonly length: number;
}

interface OpenRun {
  silent: boolean;
  length: number;
}

/**
 * Return runs of equal flags in which a change counts only once it has lasted `shortest` steps.
 *
 * The first run takes the first flag that lasts; where none does, all of it is what most of it is. Steps at the end
 * whose change has not lasted belong to the last run.
 */
export function restRuns(silent: readonly boolean[], shortest: number): RestRun[] {
  const raw = equalRuns(silent);
  const result: OpenRun[] = [];
  let pending = 0;
  for (const run of raw) {
    const last = result.at(-1);
    if (run.length < shortest && (last || raw.length > 1)) {
      if (last) last.length += run.length;
      else pending += run.length;
    } else if (last && last.silent === run.silent) {
      last.length += run.length;
    } else {
      result.push({ silent: run.silent, length: run.length + pending });
      pending = 0;
    }
  }
  if (!result.length) {
    const loud = silent.filter((flag) => !flag).length;
    result.push({ silent: 2 * loud < silent.length, length: silent.length });
  }
  return result;
}

function equalRuns(flags: readonly boolean[]): OpenRun[] {
  const runs: OpenRun[] = [];
  for (const flag of flags) {
    const last = runs.at(-1);
    if (last && last.silent === flag) last.length++;
    else runs.push({ silent: flag, length: 1 });
  }
  return runs;
}
