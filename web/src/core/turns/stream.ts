/** The speaker task over a recording that comes in portions; embeddings of windows are all it keeps. */

import { Conformer } from "../audio/conformer";
import { ModelError } from "../errors";
import type { ModelMetadata, WaveformModel } from "../model";
import { identify, NOT_ENOUGH, UNKNOWN } from "../speakers/deciding";
import { unitNorm } from "../speakers/embedding";
import { enrolledPeople } from "../speakers/identifying";
import type { Matcher } from "../speakers/matching";
import { isSameModel, type Voiceprint } from "../speakers/voiceprint";
import type { VoiceUpdate } from "../voice/stream";
import { VoiceWindows } from "../voice/windows";
import { checkOptions, diarize, type NameOf, type SpeakerOptions } from "./diarization";
import type { Turn } from "./turns";

/** What tells speakers apart. */
export interface Diarizer {
  readonly model: WaveformModel;
  readonly matcher: Matcher;
  readonly options: SpeakerOptions;
}

/** Turns of a recording that comes in portions of any size; known at its end. */
export class SpeakerStream {
  private readonly conformer: Conformer;
  private readonly windows: VoiceWindows;

  /**
   * @param diarizer - the speaker model, and what is known before.
   * @param rateHz - rate of the samples that will be pushed.
   * @throws ModelError if the model gives no embeddings.
   * @throws VoxliteError if the number of speakers is out of range.
   * @throws AudioError if the rate is out of range.
   */
  constructor(
    private readonly diarizer: Diarizer,
    rateHz: number,
  ) {
    const { name, embeddingSize, frontEnd } = diarizer.model.metadata;
    if (!embeddingSize) throw new ModelError(`${name}: gives no embeddings: name a speaker model`);
    checkOptions(diarizer.options);
    this.conformer = new Conformer(rateHz, frontEnd.rateHz);
    this.windows = new VoiceWindows(diarizer.model);
  }

  /** Take further mono samples, Float32Array[n], and what `VoiceStream` told of them; wait for one call's end. */
  async push(samples: Float32Array, update: VoiceUpdate): Promise<void> {
    await this.windows.push(this.conformer.push(samples), update.segments, update.outlook);
  }

  /** Take what `VoiceStream` told last, return the turns of the recording and start anew. */
  async flush(update: VoiceUpdate): Promise<Turn[]> {
    const found = await this.windows.flush(this.conformer.flush(), update.segments);
    const windows = found.windows.map((window) => ({ ...window, vector: unitNorm(window.vector) }));
    return diarize({ ...found, windows }, this.diarizer.options, this.diarizer.matcher.scorer);
  }

  /** Forget everything and start a new recording. */
  reset(): void {
    this.conformer.reset();
    this.windows.reset();
  }
}

/**
 * Return what finds enrolled people, as `identify` decides; null if there is nobody.
 *
 * @param prints - everybody's; those by other models cannot be compared and are left out.
 * @param model - whose embeddings will be compared.
 */
export function namesAmong(prints: readonly Voiceprint[], model: ModelMetadata, matcher: Matcher): NameOf | null {
  const people = enrolledPeople(prints.filter((print) => isSameModel(print.model, model)), model);
  if (!people.length) return null;
  return (embedding, speechS, bandwidthHz) => {
    const { label } = identify(people, { embedding, speechS, bandwidthHz, remarks: [], gender: null }, matcher);
    return label === UNKNOWN || label === NOT_ENOUGH ? null : label;
  };
}
