/**
 * From step scores to segments: one state machine for files and streams.
 *
 * Two levels. First voice against the rest: voice begins when the probability reaches `threshold` and lasts until it
 * has stayed below `offThreshold` for `minGapSteps`; a voice shorter than `minVoiceSteps` is dropped. What remains is
 * silence or noise step by step, where a change must last `minRestSteps` to count. Voice is widened by `padSteps` on
 * both sides. A segment is final once nothing that can still come may change it; the machine holds back no longer.
 */

import type { Label } from "../values";
import { Rest } from "./rest";
import type { StepRules } from "./rules";

/** A stretch of whole steps [start, stop), its label, and the mean probability of that label. */
export interface StepSegment {
  readonly start: number;
  readonly stop: number;
  readonly label: Label;
  readonly score: number;
}

/**
 * What is known of the next voice: it begins at step `first` or later, and lasts until `sure` at least. Where `sure` is
 * above `first`, the voice goes on or waits to be given out, and `first` is its very first step.
 */
export interface StepOutlook {
  readonly first: number;
  readonly sure: number;
}

interface Voice {
  start: number;
  stop: number;
}

/** Turns step scores that arrive in any portions into final segments. */
export class Segmenter {
  private values: number[] = []; // of steps from `base` on: those before are known to be rest
  private silent: boolean[] = [];
  private base = 0;
  private rest: Rest; // steps `emitted` .. `base`
  private emitted = 0; // steps given out
  private next = 0; // steps seen
  private open: number | null = null; // first step of the voice that is going on, or may be
  private lastHigh = -1; // last step at which that voice was heard
  private confirmed = false;
  private done: Voice[] = []; // finished voices not yet given out
  private label: Label = "silence";

  /** @param rules - all that the machine goes by. */
  constructor(private readonly rules: StepRules) {
    this.rest = new Rest(rules.minRestSteps);
  }

  /** The label of the latest step; the segments may still revise it. */
  get now(): Label {
    return this.label;
  }

  /**
   * Take further steps and return the segments that are now final.
   *
   * @param values - probability of voice per step, 0..1; 0 where silent.
   * @param silent - whether the gate found the step silent, 1 or 0; of the same length.
   */
  push(values: ArrayLike<number>, silent: ArrayLike<number>): StepSegment[] {
    for (let k = 0; k < values.length; k++) this.step(values[k], silent[k] !== 0);
    return this.give(false);
  }

  /** End the recording, return the rest, and start anew. */
  flush(): StepSegment[] {
    if (this.open !== null) this.close(this.open);
    const rest = this.give(true);
    this.reset();
    return rest;
  }

  /** Forget everything heard so far. */
  reset(): void {
    this.values = [];
    this.silent = [];
    this.base = this.emitted = this.next = 0;
    this.rest = new Rest(this.rules.minRestSteps);
    this.open = null;
    this.lastHigh = -1;
    this.confirmed = false;
    this.done = [];
    this.label = "silence";
  }

  /** Return what is known of the next voice. */
  outlook(): StepOutlook {
    let first = this.open ?? this.next;
    let sure = this.open !== null && this.confirmed ? this.lastHigh + 1 : 0;
    if (this.done.length) {
      first = this.done[0].start;
      sure = this.done[0].stop;
    }
    first = Math.max(first - this.rules.padSteps, this.emitted);
    return { first, sure: Math.max(first, sure) };
  }

  private step(value: number, quiet: boolean): void {
    const { threshold, offThreshold, minGapSteps, minVoiceSteps } = this.rules;
    const index = this.next++;
    this.values.push(value);
    this.silent.push(quiet);
    if (this.open === null) {
      if (value >= threshold) {
        this.open = this.lastHigh = index;
        this.confirmed = false;
      }
    } else if (value >= offThreshold) {
      this.lastHigh = index;
    } else if (index - this.lastHigh >= minGapSteps) {
      this.close(this.open);
    }
    if (this.open !== null && this.lastHigh + 1 - this.open >= minVoiceSteps) this.confirmed = true;
    const heard = this.open !== null && value >= offThreshold;
    this.label = heard ? "voice" : quiet ? "silence" : "noise";
  }

  private close(start: number): void {
    if (this.confirmed) this.done.push({ start, stop: this.lastHigh + 1 });
    this.open = null;
  }

  /** Give out all that is settled: padded voices, and the rest before the earliest voice that may come. */
  private give(final: boolean): StepSegment[] {
    const result: StepSegment[] = [];
    while (this.done.length && this.giveVoice(final, result));
    if (this.done.length) return result;
    const pad = this.rules.padSteps;
    if (final) {
      this.giveRest(this.next, true, result);
    } else if (this.open !== null && this.confirmed) {
      this.giveRest(Math.max(this.open - pad, this.emitted), true, result);
    } else {
      this.giveRest((this.open ?? this.next) - pad, false, result);
    }
    return result;
  }

  /** Give out the first finished voice, or join it with the next; return false where it is not settled yet. */
  private giveVoice(final: boolean, result: StepSegment[]): boolean {
    const pad = this.rules.padSteps;
    const voice = this.done[0];
    const stop = voice.stop + pad;
    const following = this.done.length > 1 ? this.done[1].start : this.open;
    if (following !== null && following - pad <= stop) {
      if (this.done.length === 1) return false; // it may join the voice that is going on
      this.done.splice(0, 2, { start: voice.start, stop: this.done[1].stop }); // padding joins two voices
      return true;
    }
    if (!final && stop + pad >= this.next) return false; // a voice that begins now would still touch this one
    const start = Math.max(voice.start - pad, this.emitted);
    this.giveRest(start, true, result);
    this.emitVoice(Math.min(stop, this.next), result);
    this.done.shift();
    return true;
  }

  /** Split the steps up to `limit` into silence and noise; without `ended`, keep what may still change or grow. */
  private giveRest(limit: number, ended: boolean, result: StepSegment[]): void {
    if (this.emitted >= limit) return;
    for (let k = 0; k < limit - this.base; k++) this.rest.push(this.values[k], this.silent[k]);
    this.drop(limit);
    for (const { silent, nSteps, total } of ended ? this.rest.finish() : this.rest.settled()) {
      this.put(nSteps, silent ? "silence" : "noise", 1 - total / nSteps, result);
    }
  }

  /** Give out a voice that begins with the first step not given out. */
  private emitVoice(stop: number, result: StepSegment[]): void {
    const values = this.values.slice(0, stop - this.base);
    this.put(values.length, "voice", values.reduce((total, value) => total + value, 0) / values.length, result);
    this.drop(stop);
  }

  private put(nSteps: number, label: Label, score: number, result: StepSegment[]): void {
    const start = this.emitted;
    this.emitted += nSteps;
    result.push({ start, stop: this.emitted, label, score });
  }

  /** Forget the steps before `limit`. */
  private drop(limit: number): void {
    if (limit <= this.base) return;
    this.values.splice(0, limit - this.base);
    this.silent.splice(0, limit - this.base);
    this.base = limit;
  }
}
