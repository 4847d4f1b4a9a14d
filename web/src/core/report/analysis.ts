/**
 * One pass over a recording, any tasks, one report.
 *
 * Quality is measured on what was recorded, before anything is mixed or converted; the voice task hears it mixed down
 * and conformed, and so do the speaker task and traits where the voice task finds a voice. Memory does not grow with the
 * recording but for one score per step, one embedding per half second of voice, and a few numbers per three seconds of it
 * for each trait.
 */

import { channelLength, checkRate, type Recording } from "../audio/audio";
import { joined } from "../audio/conformer";
import { mixDown } from "../audio/mix-down";
import { AudioError, VoxliteError } from "../errors";
import type { ModelMetadata } from "../model";
import { QualityMeter } from "../quality/meter";
import { assessQuality } from "../quality/report";
import { estimateSnrDb } from "../quality/snr";
import { roundHalfEven } from "../rounding";
import type { TraitModel } from "../traits/model";
import { TraitStream } from "../traits/stream";
import { type Diarizer, SpeakerStream } from "../turns/stream";
import type { Turn } from "../turns/turns";
import type { Segment, Trait } from "../values";
import { decideVoice, timedScores, type VoiceDetector } from "../voice/detector";
import { joinSteps, type Steps } from "../voice/steps";
import { VoiceStream, type VoiceUpdate } from "../voice/stream";
import type { Report, UsedModel } from "./report";

const PORTION_S = 20; // sound given to the model at a time
const BLOCK_SAMPLES = 65_536;
const LEVEL_FLOOR = 1e-12; // -120 dBFS

/** What is looked for. */
export interface AnalysisPlan {
  /** Whether the report tells of voice, silence and noise. */
  readonly voice: boolean;
  /** Whether it tells of media quality; its shares and its SNR need `voice`. */
  readonly quality: boolean;
  /** The voice model; needed for `voice`, for speakers and for traits. */
  readonly detector?: VoiceDetector;
  /** Who speaks when: the speaker model, and what is known before. */
  readonly speakers?: Diarizer;
  /** Models of traits, in the order of the report. */
  readonly traits?: readonly TraitModel[];
  /** Name of the recording for the report. */
  readonly source?: string;
}

/** Analyses a recording that comes in blocks of any size. One call must have ended before the next begins. */
export class Analysis {
  private readonly meter: QualityMeter | null;
  private readonly stream: VoiceStream | null;
  private readonly speakers: SpeakerStream | null;
  private readonly traits: readonly TraitStream[];
  private waiting: Float32Array[] = [];
  private nWaiting = 0;
  private nSamples = 0;
  private segments: Segment[] = [];
  private steps: Steps[] = [];

  /**
   * @param plan - what is looked for.
   * @param rateHz - samples per second and channel, 4 000..192 000.
   * @param channels - of every block, at least 1.
   * @throws AudioError if the rate or the number of channels is out of range.
   * @throws ModelError if the speaker model gives no embeddings.
   * @throws VoxliteError if nothing is looked for, the voice model is missing, or the number of speakers is out of range.
   */
  constructor(
    private readonly plan: AnalysisPlan,
    private readonly rateHz: number,
    private readonly channels: number,
  ) {
    checkRate(rateHz);
    const traits = plan.traits ?? [];
    const wanted = plan.voice || plan.speakers !== undefined || traits.length > 0;
    if (!wanted && !plan.quality) {
      throw new VoxliteError("nothing to look for: ask for voice, quality, speaker, gender or mood");
    }
    if (wanted && !plan.detector) {
      throw new VoxliteError("voice, speaker, gender and mood need a voice model: give a detector");
    }
    this.meter = plan.quality ? new QualityMeter(rateHz, channels) : null;
    this.stream = wanted && plan.detector ? new VoiceStream(plan.detector, rateHz) : null;
    this.speakers = plan.speakers ? new SpeakerStream(plan.speakers, rateHz) : null;
    this.traits = traits.map((trait) => new TraitStream(trait, rateHz));
  }

  /**
   * Take the next samples.
   *
   * @param block - one Float32Array[n] per channel, full scale -1..1, any n; not needed any more once this returns.
   * @throws AudioError if the channels do not fit, or a sample is NaN, infinite or absurdly large.
   */
  async push(block: readonly Float32Array[]): Promise<void> {
    this.meter?.push(block);
    this.nSamples += channelLength(block);
    if (!this.stream) return;
    const mono = mixDown(block);
    this.waiting.push(block.length === 1 ? mono.slice() : mono);
    this.nWaiting += mono.length;
    if (this.nWaiting >= PORTION_S * this.rateHz) await this.passOn(this.stream);
  }

  /** End the recording, return what was found and start anew. */
  async flush(): Promise<Report> {
    const { turns, traits } = this.stream ? await this.finish(this.stream) : { turns: null, traits: [] };
    const { plan, rateHz, channels } = this;
    const detector = plan.voice ? plan.detector : undefined;
    const steps = joinSteps(this.steps);
    const durationS = this.nSamples / rateHz;
    const segments = detector ? this.segments : [];
    const snrDb = detector ? snr(steps, segments, detector.stepS) : null;
    const report: Report = {
      source: plan.source ?? null,
      durationS,
      rateHz,
      channels,
      voice: detector ? decideVoice(detector, steps) : null,
      segments,
      scores: detector ? timedScores(detector, steps, durationS) : null,
      quality: this.meter ? assessQuality(this.meter.flush(), segments, snrDb) : null,
      models: this.models(),
      speakers: turns,
      traits,
    };
    this.reset();
    return report;
  }

  /** Forget everything and start a new recording. */
  reset(): void {
    this.meter?.reset();
    this.stream?.reset();
    this.speakers?.reset();
    for (const trait of this.traits) trait.reset();
    this.waiting = [];
    this.nWaiting = this.nSamples = 0;
    this.segments = [];
    this.steps = [];
  }

  private async finish(stream: VoiceStream): Promise<{ turns: Turn[] | null; traits: Trait[] }> {
    if (this.waiting.length) await this.passOn(stream);
    const update = await stream.flush();
    this.keep(update);
    const turns = this.speakers ? await this.speakers.flush(update) : null;
    const traits: Trait[] = [];
    for (const trait of this.traits) traits.push(await trait.flush(update));
    return { turns, traits };
  }

  private async passOn(stream: VoiceStream): Promise<void> {
    const portion = joined(this.waiting);
    this.waiting = [];
    this.nWaiting = 0;
    const update = await stream.push(portion);
    this.keep(update);
    await this.speakers?.push(portion, update);
    for (const trait of this.traits) await trait.push(portion, update);
  }

  private keep(update: VoiceUpdate): void {
    this.segments.push(...update.segments);
    this.steps.push(update.steps);
  }

  private models(): UsedModel[] {
    const { detector, speakers, traits = [] } = this.plan;
    const voice = this.stream && detector ? [detector.model.metadata] : [];
    const speaker = speakers ? [speakers.model.metadata] : [];
    return [...voice, ...speaker, ...traits.map((trait) => trait.metadata)].map(summary);
  }
}

/**
 * Analyse a recording from memory.
 *
 * @param onProgress - called now and then with the seconds of sound that are done.
 * @throws AudioError, VoxliteError as `Analysis`.
 */
export async function analyze(
  plan: AnalysisPlan,
  recording: Recording,
  onProgress: (doneS: number) => void = () => undefined,
): Promise<Report> {
  const analysis = new Analysis(plan, recording.rateHz, recording.channels.length);
  const n = channelLength(recording.channels);
  if (!n) throw new AudioError("the audio is empty (0 samples): nothing to analyse");
  for (let at = 0; at < n; at += BLOCK_SAMPLES) {
    await analysis.push(recording.channels.map((channel) => channel.subarray(at, at + BLOCK_SAMPLES)));
    onProgress(Math.min(n, at + BLOCK_SAMPLES) / recording.rateHz);
  }
  return analysis.flush();
}

function summary({ task, name, version, licence }: ModelMetadata): UsedModel {
  return { task, name, version, licence };
}

/** Estimate the SNR from the levels of steps inside and outside of voice segments. */
function snr(steps: Steps, segments: readonly Segment[], stepS: number): number | null {
  const inVoice = new Uint8Array(steps.power.length);
  for (const { label, startS, endS } of segments) {
    if (label === "voice") inVoice.fill(1, roundHalfEven(startS / stepS), roundHalfEven(endS / stepS));
  }
  const levels = Array.from(steps.power, (power) => 10 * Math.log10(Math.max(power, LEVEL_FLOOR)));
  return estimateSnrDb(
    levels.filter((_, k) => inVoice[k] === 1),
    levels.filter((_, k) => inVoice[k] === 0),
  );
}
