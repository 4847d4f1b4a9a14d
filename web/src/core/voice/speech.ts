/**
 * The speech in a recording, and what speaks against trusting it: what every question about a voice begins with.
 *
 * Only speech counts: the voice detector's segments are cut out, with a little of what lies beside them, and joined;
 * silence and noise are dropped. Where less than a second is speech, all of the sound stands for it, so that there is
 * always an answer. A telephone's band is told from the spectrum of the speech alone: hiss around it may reach higher.
 */

import { type Audio, channelLength, type Recording } from "../audio/audio";
import { conform, joined } from "../audio/conformer";
import { mixDown } from "../audio/mix-down";
import { QualityMeter } from "../quality/meter";
import { remarksOn } from "../quality/remarks";
import { SpectrumMeter } from "../quality/spectrum";
import { roundHalfEven } from "../rounding";
import { durationS, type Span } from "../values";
import type { VoiceDetector } from "./detector";
import { findVoice } from "./stream";

/** Net speech from which speech alone counts, and below which nothing is decided, seconds. */
export const ENOUGH_SPEECH_S = 1;
/** Sound kept before and after each voice: words begin and end below the detector's threshold; seconds. */
export const MARGIN_S = 0.2;
/** Level of a margin against its voice above which it is noise, and left out, dB. */
const MARGIN_DB = -10;

/** The stretches of speech in a sound. */
export interface SpeechParts {
  /** Float32Array[n] each: voice with `MARGIN_S` on either side where that is quiet; the whole where it is short. */
  readonly parts: readonly Float32Array[];
  /** Seconds of voice. */
  readonly speechS: number;
}

/** What of a recording is speech. */
export interface FoundSpeech {
  /** Float32Array[n] at the rate asked for, the stretches of speech joined. */
  readonly samples: Float32Array;
  /** Net speech, seconds; 0 where none was found. */
  readonly speechS: number;
  /** Frequency up to which the speech carries sound, Hz; null for digital silence. */
  readonly bandwidthHz: number | null;
  /** Plain words on the quality of the recording, the worst first; empty when nothing is bad. */
  readonly remarks: readonly string[];
}

/**
 * Return the speech in a recording.
 *
 * @param recording - at least one sample.
 * @param rateHz - of the result, 4 000..32 000.
 * @throws AudioError if the recording cannot be analysed.
 */
export async function findSpeech(detector: VoiceDetector, recording: Recording, rateHz: number): Promise<FoundSpeech> {
  const meter = new QualityMeter(recording.rateHz, recording.channels.length);
  channelLength(recording.channels);
  meter.push(recording.channels);
  const audio = conform({ samples: mixDown(recording.channels), rateHz: recording.rateHz }, rateHz);
  const voice = await voiceSpans(detector, audio);
  const { parts, speechS } = withMargins(audio, voice);
  const heard = speechS >= ENOUGH_SPEECH_S ? voice.map((span) => cut(audio, span)) : [audio.samples];
  const bandwidthHz = bandwidthOf(heard, rateHz, Math.min(recording.rateHz, rateHz) / 2);
  const remarks = remarksOn({ ...meter.flush(), bandwidthHz }, {}, 0, null);
  return { samples: joined(parts), speechS, bandwidthHz, remarks };
}

/** Return what of mono sound from memory is speech. */
export async function findSpeechParts(detector: VoiceDetector, audio: Audio): Promise<SpeechParts> {
  return withMargins(audio, await voiceSpans(detector, audio));
}

async function voiceSpans(detector: VoiceDetector, audio: Audio): Promise<Span[]> {
  const { segments } = await findVoice(detector, audio);
  return segments.filter((segment) => segment.label === "voice");
}

function withMargins(audio: Audio, voice: readonly Span[]): SpeechParts {
  const speechS = voice.reduce((total, span) => total + durationS(span), 0);
  if (speechS < ENOUGH_SPEECH_S) return { parts: [audio.samples], speechS };
  const wide: Span[] = [];
  for (const { startS, endS } of voice) {
    const loud = rms(cut(audio, { startS, endS })) * 10 ** (MARGIN_DB / 20);
    const before = { startS: Math.max(0, startS - MARGIN_S), endS: startS };
    const after = { startS: endS, endS: endS + MARGIN_S };
    let beginS = rms(cut(audio, before)) <= loud ? before.startS : startS;
    const last = wide.at(-1);
    if (last && beginS <= last.endS) {
      beginS = last.startS;
      wide.pop();
    }
    wide.push({ startS: beginS, endS: rms(cut(audio, after)) <= loud ? after.endS : endS });
  }
  return { parts: wide.map((span) => cut(audio, span)), speechS };
}

function cut(audio: Audio, span: Span): Float32Array {
  return audio.samples.subarray(roundHalfEven(span.startS * audio.rateHz), roundHalfEven(span.endS * audio.rateHz));
}

/** Return where the spectrum of some stretches ends; no frame reaches over a cut, whose click would count. */
function bandwidthOf(parts: readonly Float32Array[], rateHz: number, mostHz: number): number | null {
  const hop = Math.floor(rateHz / 10);
  const meter = new SpectrumMeter(rateHz, hop);
  let total = 0;
  for (const part of parts) {
    total += part.length;
    const nValid = part.length < hop ? part.length : Math.floor(part.length / hop) * hop;
    const padded = new Float32Array(Math.ceil(nValid / hop) * hop);
    padded.set(part.subarray(0, nValid));
    meter.push([padded], nValid);
  }
  const found = meter.flush(total / rateHz);
  return found === null ? null : Math.min(found, mostHz);
}

function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length ? Math.sqrt(sum / samples.length) : 0;
}
