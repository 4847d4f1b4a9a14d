/**
 * Who speaks when: voice segments cut into turns, each with a speaker.
 *
 * Windows of the voice are clustered into speakers, then each window is given to a speaker anew: the path through time
 * with the largest sum of cosines to the speakers' centres, less a price for every change of speaker (Viterbi), which is
 * lower where a pause lies between. Where two neighbouring windows of one segment differ, the turn changes between their
 * middles, at the point where both speakers would be equally near. One person speaks at a time: of two at once, the
 * louder is told. Turns partition the voice segments.
 */

import { VoxliteError } from "../errors";
import { isNarrowBand } from "../quality/remarks";
import { roundHalfEven } from "../rounding";
import type { PairScorer } from "../speakers/scoring";
import { dot } from "../speakers/vectors";
import { durationS } from "../values";
import { type FoundWindows, HOP_S, type VoiceWindow } from "../voice/windows";
import { type Bounds, centreOf, centres } from "./clustering";
import { type Turn, turnsOf } from "./turns";

/** Most speakers that are told apart. */
export const MOST_SPEAKERS = 20;
/** Speech that makes a cluster a speaker. */
const LEAST_SPEAKER_S = 3;
/** Windows shorter than this say too little to found a cluster. */
const ANCHOR_S = 1;
/** What a change of speaker costs, in cosine, within a segment and between two. */
const CHANGE = 0.3;
const CHANGE_OVER_PAUSE = 0.1;
const ROUNDS = 2;

/** Finds an enrolled person: (embedding, seconds of speech, bandwidth in Hz) to a name, or null for a stranger. */
export type NameOf = (embedding: Float32Array, speechS: number, bandwidthHz: number | null) => string | null;

/** What is known of the speakers before listening. */
export interface SpeakerOptions {
  /** Their number, 1..20; null if unknown. */
  readonly nSpeakers: number | null;
  /** Finds enrolled people; null if nobody is enrolled. */
  readonly nameOf: NameOf | null;
}

/**
 * Refuse a number of speakers that cannot be told apart.
 *
 * @throws VoxliteError if it is no integer in 1..20.
 */
export function checkOptions({ nSpeakers }: SpeakerOptions): void {
  if (nSpeakers === null || (Number.isInteger(nSpeakers) && nSpeakers >= 1 && nSpeakers <= MOST_SPEAKERS)) return;
  throw new VoxliteError(`the number of speakers must be 1..${MOST_SPEAKERS}, got ${nSpeakers}`);
}

/**
 * Say who speaks when.
 *
 * @param found - the windows with vectors of unit norm.
 * @param options - number of speakers, enrolled names.
 * @param scorer - the model's; decides how many speakers there are where that is not given.
 * @returns in order of time; together they cover exactly the voice segments.
 */
export function diarize(found: FoundWindows, options: SpeakerOptions, scorer: PairScorer): Turn[] {
  checkOptions(options);
  const { windows } = found;
  if (!windows.length) return [];
  let own = centresOf(found, options, scorer);
  let labels: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const chosen = smoothed(cosinesTo(windows, own), windows.map(({ segment }) => segment));
    const present = [...new Set(chosen)].sort((one, other) => one - other);
    labels = chosen.map((label) => present.indexOf(label));
    own = present.map((_, at) => centreOf(windows.filter((__, k) => labels[k] === at).map(({ vector }) => vector)));
  }
  return turnsOf(found, labels, cosinesTo(windows, own), namesOf(found, labels, own, options));
}

/**
 * Return the best path through speakers, one for each window.
 *
 * @param cosines - float32[speakers] for each window, to each speaker's centre; one window or more.
 * @param segment - the segment that each window lies in.
 */
export function smoothed(cosines: readonly Float32Array[], segment: readonly number[]): number[] {
  let best = Array.from(cosines[0]);
  const came: number[][] = [[]];
  for (let at = 1; at < cosines.length; at++) {
    const price = segment[at] === segment[at - 1] ? CHANGE : CHANGE_OVER_PAUSE;
    const leader = greatest(best);
    const changed = best[leader] - price;
    came.push(best.map((value, speaker) => (changed > value ? leader : speaker)));
    best = best.map((value, speaker) => Math.max(value, changed) + cosines[at][speaker]);
  }
  const labels = [greatest(best)];
  for (let at = cosines.length - 1; at > 0; at--) labels.push(came[at][labels[labels.length - 1]]);
  return labels.reverse();
}

function centresOf({ windows, bandwidthHz }: FoundWindows, { nSpeakers }: SpeakerOptions, scorer: PairScorer): Float32Array[] {
  const longest = windows.reduce((most, window) => Math.max(most, durationS(window)), 0);
  const least = Math.min(ANCHOR_S, longest) - 1e-6;
  const anchors = windows.filter((window) => durationS(window) >= least).map(({ vector }) => vector);
  const bounds: Bounds = nSpeakers === null ? { least: 1, most: MOST_SPEAKERS } : { least: nSpeakers, most: nSpeakers };
  const narrow = isNarrowBand(bandwidthHz);
  const together = (one: Float32Array, other: Float32Array, nWindows: number): boolean =>
    scorer.llrs(one, [other], [nWindows * HOP_S], [narrow])[0] >= 0;
  return centres(anchors, roundHalfEven(LEAST_SPEAKER_S / HOP_S), bounds, nSpeakers === null ? together : null);
}

function cosinesTo(windows: readonly VoiceWindow[], own: readonly Float32Array[]): Float32Array[] {
  return windows.map(({ vector }) => Float32Array.from(own, (centre) => dot(vector, centre)));
}

/** Return a name per speaker: an enrolled one, or "speaker 1", ... in order of appearance. */
function namesOf(
  found: FoundWindows,
  labels: readonly number[],
  own: readonly Float32Array[],
  { nameOf }: SpeakerOptions,
): string[] {
  const speechS = speechOf(found, labels, own.length);
  const names = own.map(() => "");
  let nStrangers = 0;
  for (const label of new Set(labels)) {
    const known = nameOf?.(own[label], speechS[label], found.bandwidthHz);
    names[label] = known ?? `speaker ${++nStrangers}`;
  }
  return names;
}

/** Return the speech of each speaker in seconds, every segment's shared out by its windows. */
function speechOf({ windows, voice }: FoundWindows, labels: readonly number[], nSpeakers: number): number[] {
  const nWindows = voice.map(() => 0);
  for (const { segment } of windows) nWindows[segment]++;
  const speechS = new Array<number>(nSpeakers).fill(0);
  windows.forEach(({ segment }, k) => (speechS[labels[k]] += durationS(voice[segment]) / nWindows[segment]));
  return speechS;
}

function greatest(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
}
