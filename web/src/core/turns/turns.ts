/** From a speaker for each window to turns: where in a segment another person begins to speak. */

import type { Span } from "../values";
import type { FoundWindows, VoiceWindow } from "../voice/windows";

/** A stretch of a recording in which one person speaks. */
export interface Turn extends Span {
  /** An enrolled person's name, or "speaker 1", "speaker 2", ... in order of appearance. */
  readonly speaker: string;
  /** How near the stretch lies to all that the speaker says in the recording: a cosine, 0..1. */
  readonly score: number;
}

/**
 * Return turns that partition the voice segments.
 *
 * @param found - the windows; each segment has one at least.
 * @param labels - the speaker of each.
 * @param cosines - float32[speakers] for each window.
 * @param names - of the speakers; two with one name are one person.
 */
export function turnsOf(
  { windows, voice }: FoundWindows,
  labels: readonly number[],
  cosines: readonly Float32Array[],
  names: readonly string[],
): Turn[] {
  const turns: Turn[] = [];
  const own = labels.map((label, at) => Math.min(1, Math.max(0, cosines[at][label])));
  const end = (begin: number, stop: number, startS: number, endS: number): void => {
    const score = own.slice(begin, stop).reduce((sum, value) => sum + value, 0) / (stop - begin);
    turns.push({ startS, endS, speaker: names[labels[stop - 1]], score });
  };
  let first = 0;
  for (const [number, segment] of voice.entries()) {
    let { startS } = segment;
    let since = first;
    let at = first + 1;
    for (; at < windows.length && windows[at].segment === number; at++) {
      if (names[labels[at - 1]] === names[labels[at]]) continue;
      const changeS = changeBetween(windows, labels, cosines, at);
      end(since, at, startS, changeS);
      [startS, since] = [changeS, at];
    }
    end(since, at, startS, segment.endS);
    first = at;
  }
  return turns;
}

/** Return when, between the middles of window `at` and the one before it, both speakers are equally near. */
function changeBetween(
  windows: readonly VoiceWindow[],
  labels: readonly number[],
  cosines: readonly Float32Array[],
  at: number,
): number {
  const [one, other] = [labels[at - 1], labels[at]];
  const ahead = Math.fround(cosines[at - 1][one] - cosines[at - 1][other]);
  const behind = Math.fround(cosines[at][other] - cosines[at][one]);
  const share = ahead > 0 && behind > 0 ? ahead / (ahead + behind) : 0.5;
  const [before, after] = [middleS(windows[at - 1]), middleS(windows[at])];
  return before + share * (after - before);
}

function middleS({ startS, endS }: Span): number {
  return (startS + endS) / 2;
}
