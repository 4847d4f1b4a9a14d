/**
 * From samples to step logits, in any portions: gate, context, model.
 *
 * The sound is cut into steps on a fixed grid from its first sample. A step that the gate finds silent never reaches
 * the model. Everything before the first and after the last sample is taken as digital silence.
 */

import { SilenceGate } from "../activity/gate";
import { SampleQueue } from "../audio/sample-queue";
import { inputLength, type StepGeometry, type WaveformModel, windowSamples } from "../model";
import { modelRows } from "./engine";

/** Length of the frames that the gate judges, seconds; a step holds a whole number of them. */
export const GATE_FRAME_S = 0.01;

/** Consecutive steps. */
export interface Steps {
  /** Float32Array[n]; -Infinity where silent. */
  readonly logits: Float32Array;
  /** Uint8Array[n], 1 where the gate found silence. */
  readonly silent: Uint8Array;
  /** Float64Array[n], mean square of each step. */
  readonly power: Float64Array;
}

/** Return consecutive portions as one. */
export function joinSteps(parts: readonly Steps[]): Steps {
  const n = parts.reduce((total, part) => total + part.logits.length, 0);
  const all = { logits: new Float32Array(n), silent: new Uint8Array(n), power: new Float64Array(n) };
  let at = 0;
  for (const part of parts) {
    all.logits.set(part.logits, at);
    all.silent.set(part.silent, at);
    all.power.set(part.power, at);
    at += part.logits.length;
  }
  return all;
}

/** Scores sound at the model's rate that arrives in any portions; the next call must wait for the last one's end. */
export class StepScorer {
  private readonly geometry: StepGeometry;
  private readonly gate: SilenceGate;
  private queue = new SampleQueue();
  private nSamples = 0;
  private done = 0; // steps given out
  private silent: number[] = []; // of steps done.. that the gate has seen
  private power: number[] = [];

  /** @param model - gives one logit per step. */
  constructor(private readonly model: WaveformModel) {
    this.geometry = model.metadata.geometry;
    this.gate = new SilenceGate(Math.round(GATE_FRAME_S * model.metadata.frontEnd.rateHz));
    this.reset();
  }

  /** Seconds of sound behind a step that its logit waits for. */
  get delayS(): number {
    return this.geometry.after / this.model.metadata.frontEnd.rateHz;
  }

  /** Take further samples, Float32Array[n], and return the steps that now have all they need. */
  async push(samples: Float32Array): Promise<Steps> {
    this.nSamples += samples.length;
    this.queue.append(samples);
    return this.advance(Math.floor(this.nSamples / this.geometry.step));
  }

  /** Return the remaining steps, the last one filled up with digital silence, and start anew. */
  async flush(): Promise<Steps> {
    const { step, after } = this.geometry;
    const last = Math.ceil(this.nSamples / step);
    this.queue.appendZeros(last * step - this.nSamples + after);
    const rest = await this.advance(last);
    this.reset();
    return rest;
  }

  /** Forget everything heard so far. */
  reset(): void {
    this.gate.reset();
    this.queue = new SampleQueue(-this.geometry.before);
    this.queue.appendZeros(this.geometry.before);
    this.nSamples = this.done = 0;
    this.silent = [];
    this.power = [];
  }

  /** Score steps up to `last`, as far as the sound behind them is there. */
  private async advance(last: number): Promise<Steps> {
    const { step, after } = this.geometry;
    this.judge(last);
    const ready = Math.min(last, Math.floor((this.queue.end - after) / step));
    const n = Math.max(0, ready - this.done);
    const silent = Uint8Array.from(this.silent.splice(0, n));
    const power = Float64Array.from(this.power.splice(0, n));
    const logits = new Float32Array(n).fill(-Infinity);
    const first = this.done;
    this.done += n;
    for (const [start, stop] of soundingRuns(silent, Math.floor(windowSamples(this.geometry) / step))) {
      const from = (first + start) * step - this.geometry.before;
      const stretch = this.queue.view(from, from + inputLength(this.geometry, stop - start)).slice();
      const rows = await modelRows(this.model, stretch);
      for (let k = start; k < stop; k++) if (!silent[k]) logits[k] = rows[k - start];
    }
    this.queue.dropBefore(this.done * step - this.geometry.before);
    return { logits, silent, power };
  }

  /** Pass whole steps that the gate has not seen to it; a step is silent when all its frames are. */
  private judge(last: number): void {
    const { step } = this.geometry;
    const start = this.done + this.silent.length;
    if (last <= start) return;
    const frames = this.gate.push(this.queue.view(start * step, last * step));
    const perStep = step / this.gate.frame;
    for (let k = 0; k < last - start; k++) {
      const own = [k * perStep, (k + 1) * perStep] as const;
      this.silent.push(frames.silent.subarray(...own).every((flag) => flag === 1) ? 1 : 0);
      this.power.push(frames.power.subarray(...own).reduce((sum, value) => sum + value, 0) / perStep);
    }
  }
}

/**
 * Return [start, stop) of runs of steps that are not silent, joined over gaps of fewer than `bridge` steps: starting
 * anew behind a gap costs as much as computing that many steps, because of the context before a step.
 */
function soundingRuns(silent: Uint8Array, bridge: number): [number, number][] {
  const runs: [number, number][] = [];
  for (let k = 0; k < silent.length; k++) {
    if (silent[k]) continue;
    const last = runs.at(-1);
    if (last && k - last[1] < bridge) last[1] = k + 1;
    else runs.push([k, k + 1]);
  }
  return runs;
}
