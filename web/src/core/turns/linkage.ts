/**
 * Agglomerative clustering with average linkage on cosine distances, merge for merge as SciPy does it: clusters that are
 * nearest to each other are merged along a chain of nearest neighbours (Murtagh 1985), then the merges are put in order
 * of their height.
 *
 *     d(new, i) = (n_x d(x, i) + n_y d(y, i)) / (n_x + n_y)
 */

import { norm } from "../speakers/vectors";

/** Two clusters become one: rows are clusters 0 .. n - 1, the k-th merge makes cluster n + k. */
export interface Merge {
  /** The smaller number, and the greater. */
  readonly one: number;
  readonly other: number;
  /** Mean distance of their rows, 0..2. */
  readonly height: number;
  /** Rows of both together. */
  readonly size: number;
}

/**
 * Return the merges that make one cluster of all rows, the lowest first; of equals that which was found first.
 *
 * @param rows - float32[dim] each, none of them zeros, one or more; memory grows with the square of their number.
 */
export function averageLinkage(rows: readonly Float32Array[]): Merge[] {
  const n = rows.length;
  const found = chained(distancesOf(rows), n);
  found.sort((first, second) => first.height - second.height); // stable
  return numbered(found, n);
}

/** Return 1 - cosine of every pair, row by row above the diagonal, in double precision. */
function distancesOf(rows: readonly Float32Array[]): Float64Array {
  const n = rows.length;
  const norms = rows.map(norm);
  const found = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < rows[i].length; k++) sum += rows[i][k] * rows[j][k];
      const cosine = sum / (norms[i] * norms[j]);
      found[at++] = 1 - Math.max(-1, Math.min(1, cosine));
    }
  }
  return found;
}

interface Found {
  /** A row of each side. */
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** Return the merges in the order in which chains of nearest neighbours find them; writes into the distances. */
function chained(distances: Float64Array, n: number): Found[] {
  const size = new Int32Array(n).fill(1); // 0 once a cluster has gone into that of a greater number
  const place = (i: number, j: number): number =>
    i < j ? n * i - (i * (i + 1)) / 2 + (j - i - 1) : n * j - (j * (j + 1)) / 2 + (i - j - 1);
  const chain: number[] = [];
  const found: Found[] = [];
  while (found.length < n - 1) {
    if (!chain.length) chain.push(size.findIndex((count) => count > 0));
    const { x, y, height } = mutual(chain, distances, size, place);
    const [gone, kept] = x < y ? [x, y] : [y, x];
    found.push({ x: gone, y: kept, height });
    for (let i = 0; i < n; i++) {
      if (size[i] === 0 || i === gone || i === kept) continue;
      const of = place(i, kept);
      distances[of] = (size[gone] * distances[place(i, gone)] + size[kept] * distances[of]) / (size[gone] + size[kept]);
    }
    size[kept] += size[gone];
    size[gone] = 0;
  }
  return found;
}

/** Lengthen a chain until two clusters are each other's nearest, take them off it and return them. */
function mutual(
  chain: number[],
  distances: Float64Array,
  size: Int32Array,
  place: (i: number, j: number) => number,
): Found {
  for (;;) {
    const x = chain[chain.length - 1];
    const before = chain.length > 1 ? chain[chain.length - 2] : -1; // of equals it is preferred, or chains would circle
    let y = before;
    let height = before < 0 ? Infinity : distances[place(x, before)];
    for (let i = 0; i < size.length; i++) {
      if (size[i] === 0 || i === x) continue;
      const distance = distances[place(x, i)];
      if (distance < height) [height, y] = [distance, i];
    }
    if (y === before) {
      chain.length -= 2;
      return { x, y, height };
    }
    chain.push(y);
  }
}

/** Return merges with the numbers of the clusters that rows lie in at that time. */
function numbered(found: readonly Found[], n: number): Merge[] {
  const parent = Int32Array.from({ length: 2 * n - 1 }, (_, at) => at);
  const sizes = new Int32Array(2 * n - 1).fill(1);
  const rootOf = (row: number): number => {
    let root = row;
    while (parent[root] !== root) root = parent[root];
    for (let at = row; at !== root; ) [at, parent[at]] = [parent[at], root]; // shorter for the next who asks
    return root;
  };
  return found.map(({ x, y, height }, k) => {
    const roots = [rootOf(x), rootOf(y)];
    const own = n + k;
    for (const root of roots) parent[root] = own;
    sizes[own] = sizes[roots[0]] + sizes[roots[1]];
    return { one: Math.min(...roots), other: Math.max(...roots), height, size: sizes[own] };
  });
}
