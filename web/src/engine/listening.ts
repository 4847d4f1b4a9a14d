/**
 * Listening: chunks from a microphone in, labels, segments and speakers out.
 *
 * Whatever arrives while the model works is taken together at its next run, so that a slow phone hears in larger
 * portions instead of falling behind. Who is speaking is asked once per second of voice, over its latest seconds.
 */

import { Conformer, joined } from "../core/audio/conformer";
import { SampleQueue } from "../core/audio/sample-queue";
import { identify } from "../core/speakers/deciding";
import { embed } from "../core/speakers/embedding";
import { enrolledPeople, type Enrolled } from "../core/speakers/identifying";
import { isSameModel, type Voiceprint } from "../core/speakers/voiceprint";
import type { Decision, Label } from "../core/values";
import { voiceProbabilities, type VoiceDetector } from "../core/voice/detector";
import type { Steps } from "../core/voice/steps";
import { type Outlook, VoiceStream, type VoiceUpdate } from "../core/voice/stream";
import type { SpeakerTask } from "./models";
import type { Heard } from "./protocol";

/** Sound that a speaker is told from: at least, and at most, seconds. */
const LEAST_VOICE_S = 1;
const MOST_VOICE_S = 4;
const ASK_EVERY_S = 1;

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
    const speaker = await this.speakers?.take(chunk, update.outlook);
    if (speaker) this.tell({ ...heard, steps: [], segments: [], speaker });
  }
}

/** Return the label of each step by itself; segments, which look further, are final. */
function stepLabels(values: Float32Array, steps: Steps, threshold: number): Label[] {
  return Array.from(values, (value, k) => (value >= threshold ? "voice" : steps.silent[k] ? "silence" : "noise"));
}

/** Asks who speaks while a voice goes on. */
class LiveSpeakers {
  private readonly people: readonly Enrolled[];
  private readonly conformer: Conformer;
  private readonly modelHz: number;
  private sound = new SampleQueue();
  private askedS = 0; // up to where the voice has been asked about

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
  async take(chunk: Float32Array, { firstS, sureS }: Outlook): Promise<Decision | null> {
    if (chunk.length) this.sound.append(this.conformer.push(chunk));
    const keptS = Math.max(firstS, sureS - MOST_VOICE_S);
    this.sound.dropBefore(Math.min(this.sound.end, Math.floor(keptS * this.modelHz)));
    if (this.askedS < firstS) this.askedS = firstS;
    if (sureS - this.askedS < ASK_EVERY_S || sureS - firstS < LEAST_VOICE_S) return null;
    this.askedS = sureS;
    const start = Math.max(this.sound.start, Math.round(keptS * this.modelHz));
    const samples = joined([this.sound.view(start, Math.min(this.sound.end, Math.round(sureS * this.modelHz)))]);
    const [embedding] = await embed(this.task.model, [samples]);
    const speech = { embedding, speechS: samples.length / this.modelHz, bandwidthHz: null, remarks: [], gender: null };
    return identify(this.people, speech, this.task.matcher);
  }
}
