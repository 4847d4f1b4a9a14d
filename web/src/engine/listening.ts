/**
 * Listening: chunks from a microphone in, labels, segments and speakers out.
 *
 * Whatever arrives while the model works is taken together at its next run: a slow phone hears in larger portions, which
 * cost less per second, and falls behind only where even those take longer than they last. Who is speaking is asked once per second of voice, over its latest seconds.
 */

import { Conformer, joined } from "../core/audio/conformer";
import { SampleQueue } from "../core/audio/sample-queue";
import { identify } from "../core/speakers/deciding";
import { embed } from "../core/speakers/embedding";
import { enrolledPeople, type Enrolled } from "../core/speakers/identifying";
import { isSameModel, type Voiceprint } from "../core/speakers/voiceprint";
import { type Decision, durationS, type Label, type Span } from "../core/values";
import { voiceProbabilities, type VoiceDetector } from "../core/voice/detector";
import type { Steps } from "../core/voice/steps";
import { VoiceStream, type VoiceUpdate } from "../core/voice/stream";
import type { SpeakerTask } from "./models";
import type { Heard } from "./protocol";

/** Sound that a speaker is told from: at least, and at most, seconds. */
const LEAST_VOICE_S = 1;
const MOST_VOICE_S = 4;
const ASK_EVERY_S = 1;
/** A pause after which somebody else may be speaking, seconds. */
const LONG_PAUSE_S = 1.5;

/** One stretch of listening. */
export class Listening {
  private readonly stream: VoiceStream;
  private readonly speakers: LiveSpeakers | null;
  private waiting: Float32Array[] = [];
  private working: Promise<void> | null = null;
  private failure: unknown = null;
  private nHeard = 0;
  private nSteps = 0;
  private latest = 0;

  /**
   * @param detector - the voice model.
   * @param rateHz - of the chunks.
   * @param who - the speaker model and everybody's prints; null if nobody is to be told.
   * @param tell - called with what became known.
   */
  constructor(
    private readonly detector: VoiceDetector,
    private readonly rateHz: number,
    who: { readonly task: SpeakerTask; readonly prints: readonly Voiceprint[] } | null,
    private readonly tell: (heard: Heard) => void,
  ) {
    this.stream = new VoiceStream(detector, rateHz);
    this.speakers = who ? new LiveSpeakers(who.task, who.prints, rateHz) : null;
  }

  /** Take a chunk, Float32Array[n], mono; what it brings is told later. */
  push(samples: Float32Array): void {
    this.waiting.push(samples);
    this.working ??= this.work().finally(() => (this.working = null));
  }

  /** End the sound: tell the rest, return the seconds that were heard. */
  async flush(): Promise<number> {
    await this.working;
    if (this.failure) throw this.failure;
    await this.take(await this.stream.flush(), new Float32Array(), performance.now());
    return this.nHeard / this.rateHz;
  }

  private async work(): Promise<void> {
    try {
      while (this.waiting.length && !this.failure) {
        const started = performance.now();
        const chunk = joined(this.waiting);
        this.waiting = [];
        this.nHeard += chunk.length;
        await this.take(await this.stream.push(chunk), chunk, started);
      }
    } catch (error) {
      this.failure = error;
    }
  }

  private async take(update: VoiceUpdate, chunk: Float32Array, started: number): Promise<void> {
    const values = voiceProbabilities(this.detector, update.steps);
    this.nSteps += values.length;
    if (values.length) this.latest = values[values.length - 1];
    const { stepS } = this.detector;
    const heard: Heard = {
      now: update.now,
      score: this.latest,
      heardS: this.nHeard / this.rateHz,
      labelledS: this.nSteps * stepS,
      steps: stepLabels(values, update.steps, this.detector.segmenter.threshold),
      stepS,
      segments: update.segments,
      speaker: null,
      tookMs: performance.now() - started,
    };
    this.tell(heard);
    const speaker = await this.speakers?.take(chunk, update);
    if (speaker) this.tell({ ...heard, steps: [], segments: [], speaker });
  }
}

/** Return the label of each step by itself; segments, which look further, are final. */
function stepLabels(values: Float32Array, steps: Steps, threshold: number): Label[] {
  return Array.from(values, (value, k) => (value >= threshold ? "voice" : steps.silent[k] ? "silence" : "noise"));
}

/** Asks who speaks: of the latest seconds of voice, where no long pause lies between them. */
class LiveSpeakers {
  private readonly people: readonly Enrolled[];
  private readonly conformer: Conformer;
  private readonly modelHz: number;
  private readonly sound = new SampleQueue();
  private ended: Span[] = []; // voices that are final and not far back
  private endedS = 0; // seconds of all final voices
  private askedS = 0; // seconds of voice at the latest question

  constructor(
    private readonly task: SpeakerTask,
    prints: readonly Voiceprint[],
    rateHz: number,
  ) {
    const { name, version, frontEnd } = task.model.metadata;
    const model = { name, version };
    // Somebody who was enrolled with another model cannot be recognised; Speakers says so.
    this.people = enrolledPeople(prints.filter((print) => isSameModel(print.model, model)), model);
    this.modelHz = frontEnd.rateHz;
    this.conformer = new Conformer(rateHz, this.modelHz);
  }

  /** Take further sound and what is known of its voice; return who speaks, null where that is not asked again. */
  async take(chunk: Float32Array, { segments, outlook }: VoiceUpdate): Promise<Decision | null> {
    if (chunk.length) this.sound.append(this.conformer.push(chunk));
    for (const segment of segments) {
      if (segment.label !== "voice") continue;
      this.ended.push(segment);
      this.endedS += durationS(segment);
    }
    const going = outlook.sureS > outlook.firstS ? [{ startS: outlook.firstS, endS: outlook.sureS }] : [];
    const voices = latest([...this.ended, ...going]);
    this.ended = this.ended.filter(({ endS }) => voices.length && endS >= voices[0].startS);
    this.sound.dropBefore(Math.floor(Math.min(outlook.firstS, voices[0]?.startS ?? Infinity) * this.modelHz));
    const heardS = this.endedS + (going.length ? durationS(going[0]) : 0);
    const speechS = voices.reduce((sum, voice) => sum + durationS(voice), 0);
    if (heardS - this.askedS < ASK_EVERY_S || speechS < LEAST_VOICE_S) return null;
    this.askedS = heardS;
    const samples = joined(voices.map(({ startS, endS }) => this.sound.view(this.at(startS), this.at(endS)).slice()));
    const [embedding] = await embed(this.task.model, [samples]);
    const speech = { embedding, speechS, bandwidthHz: null, remarks: [], gender: null };
    return identify(this.people, speech, this.task.matcher);
  }

  private at(timeS: number): number {
    return Math.round(timeS * this.modelHz);
  }
}

/** Return the last of some stretches up to `MOST_VOICE_S` in all, none of them beyond a pause of `LONG_PAUSE_S`. */
function latest(voices: readonly Span[]): Span[] {
  const kept: Span[] = [];
  let leftS = MOST_VOICE_S;
  for (const voice of [...voices].reverse()) {
    const next = kept[0];
    if (leftS <= 0 || (next && next.startS - voice.endS > LONG_PAUSE_S)) break;
    kept.unshift({ startS: Math.max(voice.startS, voice.endS - leftS), endS: voice.endS });
    leftS -= durationS(voice);
  }
  return kept;
}
