/**
 * What a model says of short windows of the voice in a recording, gathered while the sound goes by.
 *
 * A voice segment is cut into windows whose begins lie a hop apart from the segment's; what is left over at its end
 * gets a window that ends with it, and a segment shorter than a window is one. Windows never reach over a segment's borders.
 * Which windows there are depends on the segments alone, not on the portions in which sound comes: a segment that goes
 * on is cut as far as it is certain, so that no more sound is kept than a window and what is not decided yet.
 */

import { joined } from "../audio/conformer";
import { SampleQueue } from "../audio/sample-queue";
import type { WaveformModel } from "../model";
import { SpectrumMeter } from "../quality/spectrum";
import { roundHalfEven } from "../rounding";
import type { Segment, Span } from "../values";
import { windowMeans } from "./averaging";
import type { Outlook } from "./stream";

/** Length of a window and distance between two where speakers are told apart, seconds. */
export const WINDOW_S = 1.5;
/** See `WINDOW_S`. */
export const HOP_S = 0.5;
/** Share of a hop from which the rest of a segment gets a window of its own. */
const LEAST_REST = 0.25;

/** A window of voice. */
export interface VoiceWindow extends Span {
  /** Number of the voice segment that it lies in, from 0. */
  readonly segment: number;
  /** Float32Array[vector size], what the model says of it. */
  readonly vector: Float32Array;
}

/** The windows of a recording in order of time. */
export interface FoundWindows {
  readonly windows: readonly VoiceWindow[];
  /** The voice segments; each has a window at least. */
  readonly voice: readonly Span[];
  /** Up to where the voice carries sound, Hz; null where there is no window of full length. */
  readonly bandwidthHz: number | null;
}

interface Queued extends Span {
  readonly segment: number;
  readonly sound: Float32Array;
}

/** Cuts windows and asks a model of them while sound and segments come in, in any portions. */
export class VoiceWindows {
  private readonly rateHz: number;
  private readonly window: number;
  private readonly hop: number;
  private sound = new SampleQueue();
  private begin: number | null = null; // first sample of the voice that is being cut
  private next = 0; // where its next window begins
  private waiting: Queued[] = [];
  private found: VoiceWindow[] = [];
  private voice: Span[] = [];
  private meter: SpectrumMeter;
  private nMetered = 0;

  /**
   * @param model - asked of the windows.
   * @param windowS - length of a window, seconds.
   * @param hopS - distance between two, seconds.
   */
  constructor(
    private readonly model: WaveformModel,
    windowS: number = WINDOW_S,
    hopS: number = HOP_S,
  ) {
    this.rateHz = model.metadata.frontEnd.rateHz;
    this.window = roundHalfEven(windowS * this.rateHz);
    this.hop = roundHalfEven(hopS * this.rateHz);
    this.meter = this.newMeter();
  }

  /**
   * Take further sound, and what the detector knows of it by now; the next call must wait for this one's end.
   *
   * @param samples - Float32Array[n] at the model's rate.
   * @param segments - those that became final.
   * @param outlook - what `VoiceStream` told with them.
   */
  async push(samples: Float32Array, segments: readonly Segment[], outlook: Outlook): Promise<void> {
    this.sound.append(samples);
    for (const segment of segments) if (segment.label === "voice") this.cut(segment, true);
    let keep = roundHalfEven(outlook.firstS * this.rateHz);
    if (outlook.sureS > outlook.firstS) {
      this.cut({ startS: outlook.firstS, endS: outlook.sureS }, false);
      const sure = roundHalfEven(outlook.sureS * this.rateHz);
      keep = Math.max(keep, Math.min(this.next, sure - this.window));
    }
    this.sound.dropBefore(keep);
    const asked = this.waiting;
    this.waiting = [];
    const vectors = await windowMeans(this.model, asked.map((one) => one.sound));
    asked.forEach(({ startS, endS, segment }, k) => this.found.push({ startS, endS, segment, vector: vectors[k] }));
  }

  /** Take the last sound and segments, return all windows and start anew. */
  async flush(samples: Float32Array, segments: readonly Segment[]): Promise<FoundWindows> {
    await this.push(samples, segments, { firstS: 0, sureS: 0 });
    const bandwidthHz = this.meter.flush((this.nMetered * this.window) / this.rateHz);
    const result = { windows: this.found, voice: this.voice, bandwidthHz };
    this.reset();
    return result;
  }

  /** Forget everything and start a new recording. */
  reset(): void {
    this.sound = new SampleQueue();
    this.begin = null;
    this.next = this.nMetered = 0;
    this.waiting = [];
    this.found = [];
    this.voice = [];
    this.meter = this.newMeter();
  }

  /** Queue the windows of a voice that are certain; with `final`, those at its end too. */
  private cut(span: Span, final: boolean): void {
    const stop = Math.min(roundHalfEven(span.endS * this.rateHz), this.sound.end);
    if (this.begin === null) this.begin = this.next = roundHalfEven(span.startS * this.rateHz);
    for (; this.next + this.window <= stop; this.next += this.hop) this.queue(this.next, this.next + this.window);
    if (!final) return;
    const done = this.next - this.hop + this.window;
    if (this.next === this.begin) this.queue(Math.max(this.sound.start, Math.min(this.begin, stop - 1)), stop);
    else if (stop - done >= LEAST_REST * this.hop) this.queue(stop - this.window, stop);
    this.begin = null;
    this.voice.push({ startS: span.startS, endS: span.endS });
  }

  private queue(start: number, stop: number): void {
    const sound = joined([this.sound.view(start, stop)]);
    this.waiting.push({
      startS: start / this.rateHz,
      endS: stop / this.rateHz,
      segment: this.voice.length,
      sound: sound.length ? sound : new Float32Array(1),
    });
    if (sound.length !== this.window) return;
    const hop = this.meterHop();
    const whole = Math.floor(sound.length / hop) * hop;
    this.meter.push([sound.subarray(0, whole)], whole);
    this.nMetered++;
  }

  private newMeter(): SpectrumMeter {
    return new SpectrumMeter(this.rateHz, this.meterHop());
  }

  private meterHop(): number {
    return Math.floor(this.rateHz / 10);
  }
}
