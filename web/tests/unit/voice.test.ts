import { describe, expect, test } from "vitest";
import { conform } from "../../src/core/audio/conformer";
import { mixDown } from "../../src/core/audio/mix-down";
import { AudioError, ModelError, VoxliteError } from "../../src/core/errors";
import type { WaveformModel } from "../../src/core/model";
import type { Segment } from "../../src/core/values";
import {
  decideVoice,
  pooledLogit,
  timedScores,
  voiceDetector,
  voiceProbabilities,
} from "../../src/core/voice/detector";
import { pool } from "../../src/core/voice/pooling";
import { findSpeech, findSpeechParts } from "../../src/core/voice/speech";
import { joinSteps, type Steps } from "../../src/core/voice/steps";
import { findVoice, VoiceStream, type VoiceUpdate } from "../../src/core/voice/stream";
import { metadataOf, recordedVoiceModel } from "./recorded-models";
import {
  INDEX,
  levelDb,
  randomChunks,
  readFloats,
  recordingOf,
  seeded,
  type SegmentData,
  type SoundData,
  soundNamed,
  SOUNDS,
} from "./recording-vectors";

const NAMED = SOUNDS.map((sound) => [sound.name, sound] as const);

describe("the voice task", () => {
  test.each(NAMED)("%s: steps, probabilities, segments and verdict are Python's", async (_, sound) => {
    const detector = detectorOf(sound);
    const found = await findVoice(detector, monoOf(sound));
    checkSteps(found.steps, sound);
    const probabilities = voiceProbabilities(detector, found.steps);
    sound.steps.probabilities.forEach((value, k) => expect(Math.abs(probabilities[k] - value)).toBeLessThan(1e-6));
    checkSegments(found.segments, sound.segments);
    expect(Math.abs(pooledLogit(detector, found.steps) - sound.clip.pooled_logit)).toBeLessThan(1e-5);
    expect(Math.abs(found.decision.score - sound.clip.score)).toBeLessThan(1e-6);
    const { label, evidenceS, threshold, reasons } = found.decision;
    expect({ label, evidenceS, threshold, reasons }).toEqual({
      label: sound.clip.label,
      evidenceS: sound.clip.evidence_s,
      threshold: sound.clip.threshold,
      reasons: sound.clip.reasons,
    });
  });

  test.each(NAMED)("%s is the same in any chunks, and again after flush", async (_, sound) => {
    const detector = detectorOf(sound);
    const audio = monoOf(sound);
    const whole = await findVoice(detector, audio);
    const stream = new VoiceStream(detector, audio.rateHz);
    for (const seed of [5, 6]) {
      // Calls are made without waiting for each other.
      const calls = randomChunks(audio.samples, 0.3 * audio.rateHz, seed).map((chunk) => stream.push(chunk));
      const updates = await Promise.all([...calls, stream.flush()]);
      expect(updates.flatMap((update) => update.segments)).toEqual(whole.segments);
      expect(joinSteps(updates.map((update) => update.steps))).toEqual(whole.steps);
    }
  });

  test.each(NAMED.filter(([, sound]) => sound.portions.length))("%s: as early as Python's stream", async (_, sound) => {
    const audio = monoOf(sound);
    const stream = new VoiceStream(detectorOf(sound), audio.rateHz);
    const size = INDEX.portion_s * audio.rateHz;
    const updates: VoiceUpdate[] = [];
    for (let at = 0; at < audio.samples.length; at += size) {
      updates.push(await stream.push(audio.samples.subarray(at, at + size)));
    }
    updates.push(await stream.flush());
    expect(updates.length).toBe(sound.portions.length);
    updates.forEach((update, k) => {
      const wanted = sound.portions[k];
      checkSegments(update.segments, wanted.segments);
      if (k === updates.length - 1) return; // what is known of the next voice means nothing at the end
      expect(update.now).toBe(wanted.now);
      expect(update.outlook.firstS).toBeCloseTo(wanted.outlook_s[0], 9);
      expect(update.outlook.sureS).toBeCloseTo(wanted.outlook_s[1], 9);
    });
  });

  test("the length of the model's input cannot matter", async () => {
    const sound = soundNamed("voice-fr-telephone");
    const heard = [{ samples: readFloats(sound.conformed.file), logits: sound.steps.logits }];
    const whole = await findVoice(detectorOf(sound), monoOf(sound));
    for (const inputSamples of [11_920, 13_000, 40_000]) {
      const model = recordedVoiceModel(heard, inputSamples);
      expect((await findVoice(voiceDetector(model), monoOf(sound))).segments).toEqual(whole.segments);
    }
  });

  test("silence never reaches the model, and a step's score comes within the delay that is told", async () => {
    let calls = 0;
    const model = levelModel(() => calls++);
    const stream = new VoiceStream(voiceDetector(model), 16_000);
    await stream.push(new Float32Array(16_000));
    expect(calls).toBe(0);
    const random = seeded(2);
    const { steps, now } = await stream.push(Float32Array.from({ length: 16_000 }, () => random() - 0.5));
    expect(calls).toBeGreaterThan(0);
    expect(now).toBe("voice");
    expect(steps.logits.length).toBeGreaterThanOrEqual(Math.floor((1 - stream.delayS) / 0.04));
    expect(stream.delayS).toBeLessThan(0.16);
  });

  test("nothing, one sample, and less than a step", async () => {
    const detector = voiceDetector(levelModel());
    const empty = await new VoiceStream(detector, 48_000).flush();
    expect(empty.segments).toEqual([]);
    for (const [n, rateHz] of [[1, 48_000], [1, 8_000], [137, 16_000]]) {
      const found = await findVoice(detector, { samples: new Float32Array(n).fill(0.1), rateHz });
      expect(found.segments.length).toBe(1);
      expect(found.segments[0]).toMatchObject({ startS: 0, endS: n / rateHz });
      expect(found.scores.values.length).toBe(1);
      expect(found.scores.endS[0]).toBe(n / rateHz);
    }
  });

  test("NaN is refused, and the stream goes on", async () => {
    const stream = new VoiceStream(voiceDetector(levelModel()), 16_000);
    const noise = new Float32Array(8_000).fill(0.2);
    await stream.push(noise);
    await expect(stream.push(Float32Array.of(0, NaN))).rejects.toThrow(AudioError);
    await stream.push(noise);
    expect((await stream.flush()).segments.at(-1)?.endS).toBe(1);
  });

  test("a model's error is told to every later call until reset", async () => {
    let broken = true;
    const model = levelModel(() => {
      if (broken) throw new Error("out of memory");
    });
    const stream = new VoiceStream(voiceDetector(model), 16_000);
    const loud = Float32Array.from({ length: 16_000 }, (_, k) => Math.sin(k));
    await expect(stream.push(loud)).rejects.toThrow("out of memory");
    broken = false;
    await expect(stream.push(loud)).rejects.toThrow("out of memory");
    stream.reset();
    await stream.push(loud);
    expect((await stream.flush()).segments.at(-1)?.endS).toBe(1);
  });

  test("options take the place of the model's numbers, and nonsense is refused", () => {
    const detector = voiceDetector(levelModel(), { threshold: 0.8, padS: 0.1 });
    expect(detector.threshold).toBe(0.8);
    expect(detector.segmenter).toMatchObject({ threshold: 0.8, padS: 0.1, minGapS: 0.2 });
    expect(() => voiceDetector(levelModel(), { threshold: 1.5 })).toThrow(VoxliteError);
    expect(() => voiceDetector({ ...levelModel(), metadata: metadataOf("gender") })).toThrow(/task gender/);
  });

  test("a model that gives another number of scores is refused", async () => {
    const model = { ...levelModel(), run: () => new Float32Array(3) };
    const loud = new Float32Array(16_000).fill(0.3).map((value, k) => value * Math.sin(k));
    await expect(findVoice(voiceDetector(model), { samples: loud, rateHz: 16_000 })).rejects.toThrow(ModelError);
  });
});

describe("pooling", () => {
  test("is the mean of the highest steps within the best span", () => {
    expect(pool([1, 5, 3], 2, 3)).toBe(4);
    expect(pool([9, 0, 0, 0, 0, 8], 2, 3)).toBe(4.5);
    expect(pool([4], 2, 3)).toBe(-2);
    expect(pool([], 5, 25)).toBe(-8);
    const random = seeded(9);
    const logits = Array.from({ length: 300 }, () => Math.round(random() * 8) - 4);
    const spans = Array.from({ length: 276 }, (_, k) => logits.slice(k, k + 25).sort((a, b) => b - a).slice(0, 5));
    expect(pool(logits, 5, 25)).toBe(Math.max(...spans.map((best) => best.reduce((a, b) => a + b) / 5)));
  });

  test("too little sound is said", () => {
    const detector = voiceDetector(levelModel());
    const steps = { logits: Float32Array.of(3), silent: Uint8Array.of(0), power: Float64Array.of(0.1) };
    expect(decideVoice(detector, steps).reasons).toEqual(["only 0.04 s of sound to judge by"]);
    expect([...timedScores(detector, steps, 0.03).endS]).toEqual([0.03]);
  });
});

describe("speech", () => {
  test.each(NAMED)("%s: what is cut out is what Python cuts out", async (_, sound) => {
    const conformed = { samples: readFloats(sound.conformed.file), rateHz: 16_000 };
    const again = conform(conformed, 16_000).samples;
    const detector = voiceDetector(recordedVoiceModel([{ samples: again, logits: sound.speech.logits }]));
    const parts = await findSpeechParts(detector, conformed);
    expect(parts.parts.map((part) => part.length)).toEqual(sound.speech.part_lengths);
    expect(parts.speechS).toBeCloseTo(sound.speech.speech_s, 9);
    const found = await findSpeech(detector, recordingOf(sound), 16_000);
    expect(found.samples.length).toBe(sound.speech.n_samples);
    expect(found.speechS).toBeCloseTo(sound.speech.speech_s, 9);
    expect(found.remarks).toEqual(sound.speech.remarks);
    expect(found.bandwidthHz).toEqual(sound.speech.bandwidth_hz);
    expect(levelDb(found.samples)).toBeCloseTo(10 * Math.log10(sound.speech.mean_square + 1e-30), 2);
  });
});

/** A model that takes what is loud for voice. */
function levelModel(onRun: () => void = () => undefined): WaveformModel {
  const metadata = metadataOf("voice");
  const { step, before } = metadata.geometry;
  return {
    metadata,
    inputSamples: 16_000,
    run: (window) => {
      onRun();
      return Float32Array.from({ length: 7 }, (_, k) =>
        levelDb(window.subarray(before + k * step, before + (k + 1) * step)) > -40 ? 4 : -4,
      );
    },
  };
}

function detectorOf(sound: SoundData) {
  const samples = readFloats(sound.conformed.file);
  return voiceDetector(recordedVoiceModel([{ samples, logits: sound.steps.logits }]));
}

function monoOf(sound: SoundData) {
  const { channels, rateHz } = recordingOf(sound);
  return { samples: mixDown(channels), rateHz };
}

function checkSteps(steps: Steps, sound: SoundData): void {
  expect([...steps.silent]).toEqual(sound.steps.silent);
  expect([...steps.logits]).toEqual(sound.steps.logits.map((value) => value ?? -Infinity));
  const offDb = sound.steps.power.map((power, k) => Math.abs(10 * Math.log10((steps.power[k] + 1e-12) / (power + 1e-12))));
  expect(Math.max(...offDb)).toBeLessThan(0.05);
}

function checkSegments(found: readonly Segment[], wanted: readonly SegmentData[]): void {
  expect(found.map(({ startS, endS, label }) => [startS, endS, label])).toEqual(
    wanted.map((segment) => [segment.start_s, segment.end_s, segment.label]),
  );
  found.forEach((segment, k) => expect(Math.abs(segment.score - wanted[k].score)).toBeLessThan(1e-6));
}
