/**
 * Embeddings of short windows to one centre per speaker: agglomerative clustering with average linkage on cosines.
 *
 * What is decided here is where to cut the tree. From the root down, the clusters that hold enough speech are counted;
 * strays, windows of noise or of two voices, stay small and count for nothing. With a given number of speakers the first
 * cut with so many clusters is taken. Otherwise clusters are added as long as every two of them are rather two persons
 * than one by the model's own calibrated likelihood ratio.
 */

import { roundHalfEven } from "../rounding";
import { unitNorm } from "../speakers/embedding";
import { descending } from "../speakers/vectors";
import { averageLinkage } from "./linkage";

/** Of a long recording so many windows, evenly spread, are clustered: memory grows with the square. */
export const MOST_CLUSTERED = 2_000;
/** Cuts that are looked at: below, clusters are too many to be persons. */
const MOST_LEVELS = 150;

/** Tells whether two centres, the smaller one of so many windows, rather belong to one person. */
export type Together = (one: Float32Array, other: Float32Array, nWindows: number) => boolean;

/** A number of speakers: at least, and at most. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Return one centre per speaker, float32[dim] of unit norm each, the larger cluster first.
 *
 * @param rows - float32[dim] of unit norm each, one or more.
 * @param leastWindows - how many windows make a speaker; fewer are asked for where that leaves too few speakers.
 * @param bounds - number of speakers, at least 1; fewer where there are not enough windows.
 * @param together - decides between the bounds; null where they are equal.
 */
export function centres(
  rows: readonly Float32Array[],
  leastWindows: number,
  { least, most }: Bounds,
  together: Together | null,
): Float32Array[] {
  const kept = spread(rows);
  const levels = levelsOf(kept);
  let need = Math.max(1, leastWindows);
  let cuts = cutsOf(levels, need);
  while (Math.max(...cuts.keys()) < Math.min(least, kept.length) && need > 1) {
    need = Math.floor((need + 1) / 2);
    cuts = cutsOf(levels, need);
  }
  const counts = [...cuts.keys()].sort((one, other) => one - other);
  const membersAt = (count: number): number[][] => membersOf(levels[cuts.get(count) ?? 0], need);
  let found = membersAt(counts[0]);
  for (const count of counts) {
    const members = membersAt(count);
    if (count > most || (count > least && together && anyTogether(kept, members, together))) break;
    found = members;
  }
  return meansOf(kept, found);
}

/** Return the mean of some rows, brought to unit norm. */
export function centreOf(rows: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(rows[0].length);
  for (let k = 0; k < mean.length; k++) mean[k] = rows.reduce((sum, row) => sum + row[k], 0) / rows.length;
  return unitNorm(mean);
}

/** Return at most so many rows as are clustered. */
function spread(rows: readonly Float32Array[]): readonly Float32Array[] {
  if (rows.length <= MOST_CLUSTERED) return rows;
  const step = (rows.length - 1) / (MOST_CLUSTERED - 1);
  return Array.from({ length: MOST_CLUSTERED }, (_, k) => rows[roundHalfEven(k * step)]);
}

/** Return the cluster of each row, for 1, 2, 3, ... clusters. */
function levelsOf(rows: readonly Float32Array[]): Int32Array[] {
  const n = rows.length;
  const merges = averageLinkage(rows);
  const labels = new Int32Array(n);
  const levels = [labels.slice()];
  for (let number = 1; number < Math.min(n, MOST_LEVELS); number++) {
    const below = [merges[n - 1 - number].other];
    for (let node = below.pop(); node !== undefined; node = below.pop()) {
      if (node < n) labels[node] = number;
      else below.push(merges[node - n].one, merges[node - n].other);
    }
    levels.push(labels.slice());
  }
  return levels;
}

/** Return, for each number of clusters with `need` rows or more, the first level that has so many. */
function cutsOf(levels: readonly Int32Array[], need: number): Map<number, number> {
  const cuts = new Map<number, number>();
  levels.forEach((labels, level) => {
    const count = sizesOf(labels).filter((size) => size >= need).length;
    if (count && !cuts.has(count)) cuts.set(count, level);
  });
  return cuts.size ? cuts : new Map([[1, 0]]);
}

/** Return the rows of each cluster with `need` rows or more, the largest first; all rows where none has. */
function membersOf(labels: Int32Array, need: number): number[][] {
  const sizes = sizesOf(labels);
  const large = descending(sizes).filter((label) => sizes[label] >= need);
  const all = Array.from(labels, (_, row) => row);
  return large.length ? large.map((label) => all.filter((row) => labels[row] === label)) : [all];
}

function sizesOf(labels: Int32Array): number[] {
  const sizes = new Array<number>(labels.reduce((most, label) => Math.max(most, label), 0) + 1).fill(0);
  for (const label of labels) sizes[label]++;
  return sizes;
}

function anyTogether(rows: readonly Float32Array[], members: readonly number[][], together: Together): boolean {
  const means = meansOf(rows, members);
  return means.some((mean, one) =>
    means.slice(0, one).some((other, at) => together(mean, other, Math.min(members[one].length, members[at].length))),
  );
}

function meansOf(rows: readonly Float32Array[], members: readonly number[][]): Float32Array[] {
  return members.map((own) => centreOf(own.map((row) => rows[row])));
}
