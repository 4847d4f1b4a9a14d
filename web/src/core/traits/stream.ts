/** A trait's task over a recording in portions; what a model says of windows is all it keeps. */

import { Conformer } from "../audio/conformer";
import type { Recording } from "../audio/audio";
import { vectorSize, windowSamples } from "../model";
import { durationS, type Span, type Trait } from "../values";
import { windowMeans } from "../voice/averaging";
import type { VoiceDetector } from "../voice/detector";
import { findSpeech } from "../voice/speech";
import type { VoiceUpdate } from "../voice/stream";
import { type FoundWindows, VoiceWindows } from "../voice/windows";
import { decideTrait, describeTrait } from "./deciding";
import type { TraitModel } from "./model";

/** A trait of the voices in a recording that comes in portions of any size; known at its end. */
export class TraitStream {
  private readonly conformer: Conformer;
  private readonly windows: VoiceWindows;

  /**
   * @param trait - the model.
   * @param rateHz - rate of the samples that will be pushed.
   * @throws AudioError if the rate is out of range.
   */
  constructor(
    private readonly trait: TraitModel,
    rateHz: number,
  ) {
    const { frontEnd, geometry } = trait.metadata;
    this.conformer = new Conformer(rateHz, frontEnd.rateHz);
    const windowS = windowSamples(geometry) / frontEnd.rateHz;
    this.windows = new VoiceWindows(trait.model, windowS, windowS);
  }

  /** Take further mono samples, Float32Array[n], and what `VoiceStream` told of them; wait for one call's end. */
  async push(samples: Float32Array, update: VoiceUpdate): Promise<void> {
    await this.windows.push(this.conformer.push(samples), update.segments, update.outlook);
  }

  /** Take what `VoiceStream` told last, return what was found in the recording and start anew. */
  async flush(update: VoiceUpdate): Promise<Trait> {
    return this.describe(await this.windows.flush(this.conformer.flush(), update.segments));
  }

  /** Forget everything and start a new recording. */
  reset(): void {
    this.conformer.reset();
    this.windows.reset();
  }

  private describe(found: FoundWindows): Trait {
    const { trait } = this;
    const size = vectorSize(trait.metadata);
    const segments = found.voice.map((span, number) => {
      const own = found.windows.filter((window) => window.segment === number);
      const { label, score } = decideTrait(trait, weightedMean(own, size), durationS(span));
      return { ...span, label, score };
    });
    const speechS = segments.reduce((sum, segment) => sum + durationS(segment), 0);
    return describeTrait(trait, weightedMean(found.windows, size), speechS, [], segments);
  }
}

/** What a model says of the speech in a recording, not yet calibrated. */
export interface TraitEvidence {
  /** Float32Array[outputs]. */
  readonly vector: Float32Array;
  /** Net speech, seconds. */
  readonly speechS: number;
  /** Plain words on the recording's quality. */
  readonly remarks: readonly string[];
}

/**
 * Return what a model says of the speech in a recording from memory; of all of it when less than a second is speech.
 *
 * @throws AudioError if the recording cannot be analysed.
 */
export async function hearTrait(
  trait: TraitModel,
  detector: VoiceDetector,
  recording: Recording,
): Promise<TraitEvidence> {
  const { samples, speechS, remarks } = await findSpeech(detector, recording, trait.metadata.frontEnd.rateHz);
  const [vector] = await windowMeans(trait.model, [samples]);
  return { vector, speechS, remarks };
}

/** Return the mean of windows' vectors weighted by their lengths, zeros where there is none. */
function weightedMean(windows: readonly (Span & { vector: Float32Array })[], size: number): Float32Array {
  const total = Math.max(windows.reduce((sum, window) => sum + durationS(window), 0), 1e-9);
  const mean = new Float64Array(size);
  for (const window of windows) {
    for (let k = 0; k < size; k++) mean[k] += (durationS(window) / total) * window.vector[k];
  }
  return Float32Array.from(mean);
}
