/**
 * Drop-outs: short gaps of digital zeros cut into active sound.
 *
 * A gap counts when it lasts 5 to 500 ms, when the 5 ms before it and the 5 ms after it are both above -50 dBFS, and
 * when at least one of its ends is abrupt: the last (or first) millisecond of sound is above -50 dBFS and no weaker
 * than a third of the 5 ms it belongs to. A gate that closes and opens with a fade makes no drop-out, nor does the digital
 * silence between two recordings.
 */

import { SampleQueue } from "../audio/sample-queue";
import { roundHalfEven } from "../rounding";

const MIN_GAP_S = 0.005;
const MAX_GAP_S = 0.5;
const ACTIVE = 10 ** (-50 / 20);
const CONTEXT_S = 0.005;
const EDGE_S = 0.001;
const ABRUPT_SHARE = 1 / 3;

/** A stretch of samples: the number of its first, and how many. */
export type Gap = readonly [first: number, samples: number];

interface Edge {
  readonly active: boolean;
  readonly abrupt: boolean;
}

/** Finds the drop-outs of one channel. */
export class DropOutFinder {
  /** Those found so far. */
  readonly gaps: Gap[] = [];
  private readonly context: number;
  private readonly edge: number;
  private readonly shortest: number;
  private readonly longest: number;
  private readonly queue: SampleQueue;
  private at = 0; // next sample to look at
  private begin: number | null = null; // first zero of the gap that goes on
  private before: Edge | null = null;
  private closed: { begin: number; end: number; before: Edge } | null = null; // a gap whose end is not yet judged

  /** @param rateHz - samples per second. */
  constructor(rateHz: number) {
    this.context = Math.max(4, roundHalfEven(CONTEXT_S * rateHz));
    this.edge = Math.max(4, roundHalfEven(EDGE_S * rateHz));
    this.shortest = Math.max(2, roundHalfEven(MIN_GAP_S * rateHz));
    this.longest = roundHalfEven(MAX_GAP_S * rateHz);
    this.queue = new SampleQueue(-this.context);
    this.queue.appendZeros(this.context);
  }

  /** Take the next samples, Float32Array[n]; a gap is judged once the sound behind it is there. */
  push(samples: Float32Array): void {
    this.queue.append(samples);
    const first = this.queue.start;
    const sound = this.queue.view(first, this.queue.end);
    for (; this.at < this.queue.end; this.at++) {
      if (this.closed && this.at >= this.closed.end + this.context) this.judge();
      const zero = sound[this.at - first] === 0;
      if (zero && this.begin === null) {
        this.begin = this.at;
        this.before = null;
      } else if (!zero && this.begin !== null) {
        this.end(this.begin);
      }
      // What lies before a gap is judged while it is still there, and only where the gap is long enough to matter.
      if (this.begin !== null && this.at - this.begin + 1 === this.shortest) this.before = this.edgeBefore(this.begin);
    }
    this.queue.dropBefore(this.at - 2 * Math.max(this.context, this.shortest));
  }

  private end(begin: number): void {
    const length = this.at - begin;
    if (this.before?.active && length >= this.shortest && length <= this.longest) {
      this.closed = { begin, end: this.at, before: this.before };
    }
    this.begin = null;
  }

  private judge(): void {
    const gap = this.closed;
    this.closed = null;
    if (!gap) return;
    const after = this.edgeOf(gap.end, gap.end + this.context, gap.end, gap.end + this.edge);
    if (after.active && (gap.before.abrupt || after.abrupt)) this.gaps.push([gap.begin, gap.end - gap.begin]);
  }

  private edgeBefore(begin: number): Edge {
    return this.edgeOf(begin - this.context, begin, begin - this.edge, begin);
  }

  private edgeOf(start: number, stop: number, nearStart: number, nearStop: number): Edge {
    const level = rms(this.queue.view(start, stop));
    const near = rms(this.queue.view(nearStart, nearStop));
    return { active: level >= ACTIVE, abrupt: near >= Math.max(ACTIVE, ABRUPT_SHARE * level) };
  }
}

/** Return the union of the gaps of several channels, in order. */
export function mergeGaps(gaps: readonly Gap[]): Gap[] {
  const merged: Gap[] = [];
  for (const [begin, length] of [...gaps].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1);
    if (last && begin < last[0] + last[1]) merged.splice(-1, 1, [last[0], Math.max(last[1], begin + length - last[0])]);
    else merged.push([begin, length]);
  }
  return merged;
}

function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
