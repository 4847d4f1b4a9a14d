import { describe, expect, test } from "vitest";
import { mixDown } from "../../src/core/audio/mix-down";
import { AudioError, ModelError } from "../../src/core/errors";
import { readMetadata, type WaveformModel, vectorSize } from "../../src/core/model";
import { decideTrait, describeTrait } from "../../src/core/traits/deciding";
import { againstNeutral, traitFigures, traitModel, traitScores } from "../../src/core/traits/model";
import { hearTrait, TraitStream } from "../../src/core/traits/stream";
import { conform } from "../../src/core/audio/conformer";
import { windowMeans } from "../../src/core/voice/averaging";
import { voiceDetector } from "../../src/core/voice/detector";
import { VoiceStream } from "../../src/core/voice/stream";
import { VoiceWindows } from "../../src/core/voice/windows";
import { metadataOf, recordedTraitModel, recordedVoiceModel } from "./recorded-models";
import { INDEX, randomChunks, readFloats, recordingOf, soundNamed, SOUNDS, type TraitCases } from "./recording-vectors";

const NAMED = SOUNDS.map((sound) => [sound.name, sound] as const);

describe("deciding on a trait", () => {
  test.each(INDEX.traits.map((one, number) => [number, one] as const))("set %d gives Python's decisions", (_, set) => {
    const trait = traitOf(set);
    for (const one of set.cases) {
      const vector = Float32Array.from(one.vector);
      close(traitScores(trait, vector, one.speech_s), one.scores);
      close(traitFigures(trait, vector), one.figures);
      const { score, evidenceS, ...rest } = decideTrait(trait, vector, one.speech_s, ["a remark"]);
      expect(Math.abs(score - one.decision.score)).toBeLessThan(1e-5);
      expect(evidenceS).toBe(one.decision.evidence_s);
      expect(rest).toEqual({
        label: one.decision.label,
        threshold: one.decision.threshold,
        reasons: one.decision.reasons,
      });
    }
  });

  test("of no speech nothing is told", () => {
    const found = describeTrait(traitOf(INDEX.traits[1]), new Float32Array(6), 0);
    expect(found.scores).toEqual({});
    expect(found.figures).toEqual({});
    expect(found.decision.label).toBe("unsure");
  });

  test("models that do not fit are refused", () => {
    const model = constantModel("mood");
    expect(() => traitModel("gender", model)).toThrow(ModelError);
    expect(() => traitModel("voice", { ...model, metadata: metadataOf("voice") })).toThrow(/no scores of a trait/);
    expect(() => traitModel("mood", { ...model, metadata: { ...model.metadata, calibration: {} } })).toThrow(/short_slope/);
    expect(() => traitModel("mood", { ...model, metadata: { ...model.metadata, thresholds: {} } })).toThrow(/decide/);
    const outputs = model.metadata.outputs.filter((name) => !name.startsWith("against_neutral_"));
    const unlearned = { ...model, metadata: { ...model.metadata, outputs } };
    const said = new Float32Array(outputs.length);
    expect(() => againstNeutral(traitModel("mood", unlearned), [said])).toThrow(/has not learned to compare/);
    const learned = INDEX.traits.find((set) => set.neutral);
    expect(learned).toBeDefined();
    if (learned) expect(() => againstNeutral(traitModel("mood", modelOf(learned)), [])).toThrow(ModelError);
  });
});

describe("windows", () => {
  test("the mean of windows a step apart, the last at the end; short sound is repeated", async () => {
    const asked: number[][] = [];
    const model = constantModel("gender", (window) => {
      asked.push([window[0], window[47_999]]);
      return Float32Array.of(window[0], 0, 0);
    });
    const ramp = (n: number) => Float32Array.from({ length: n }, (_, k) => k);
    const [short, exact, long] = await windowMeans(model, [ramp(5), ramp(96_000), ramp(100_000)]);
    expect(asked).toEqual([[0, 47_999 % 5], [0, 47_999], [48_000, 95_999], [0, 47_999], [48_000, 95_999], [52_000, 99_999]]);
    expect(short[0]).toBe(0);
    expect(exact[0]).toBe(24_000);
    expect(long[0]).toBeCloseTo(100_000 / 3, 1);
    await expect(windowMeans(model, [new Float32Array(0)])).rejects.toThrow(AudioError);
  });

  test("do not depend on the portions in which sound and segments come", async () => {
    const sound = soundNamed("buzz");
    const detector = detectorOf(sound.name);
    const { channels, rateHz } = recordingOf(sound);
    const model = constantModel("gender", (window) => Float32Array.of(window[7], window[4_000], window[20_000]));
    const gather = async (chunks: readonly Float32Array[]) => {
      const voice = new VoiceStream(detector, rateHz);
      const windows = new VoiceWindows(model, 0.6, 0.25);
      for (const chunk of chunks) {
        const { segments, outlook } = await voice.push(chunk);
        await windows.push(chunk, segments, outlook);
      }
      return windows.flush(new Float32Array(0), (await voice.flush()).segments);
    };
    const whole = await gather([channels[0]]);
    expect(whole.voice.length).toBeGreaterThan(1);
    expect(whole.windows.length).toBeGreaterThan(6);
    expect(whole.bandwidthHz).toBeGreaterThan(2_000);
    expect(new Set(whole.windows.map((window) => window.segment)).size).toBe(whole.voice.length);
    for (const window of whole.windows) {
      const own = whole.voice[window.segment];
      expect(window.startS).toBeGreaterThanOrEqual(own.startS - 1e-9);
      expect(window.endS).toBeLessThanOrEqual(own.endS + 1e-9);
    }
    for (const seed of [1, 2, 3]) {
      expect(await gather(randomChunks(channels[0], 6_000, seed))).toEqual(whole);
    }
  });
});

describe("a recording's traits", () => {
  test.each(NAMED)("%s: a stream in any chunks finds what Python reports", async (_, sound) => {
    const detector = detectorOf(sound.name);
    const { channels, rateHz } = recordingOf(sound);
    for (const task of ["gender", "mood"]) {
      const trait = traitModel(task, recordedTraitModel(task, sound.windows[task]));
      const stream = new TraitStream(trait, rateHz);
      const voice = new VoiceStream(detector, rateHz);
      for (const chunk of randomChunks(mixDown(channels), rateHz / 2, 11)) await stream.push(chunk, await voice.push(chunk));
      const found = await stream.flush(await voice.flush());
      const wanted = sound.report[task] as {
        decision: { label: string; score: number };
        scores: Record<string, number>;
        segments: { label: string; score: number }[];
      };
      expect(found.decision.label).toBe(wanted.decision.label);
      close(found.scores, wanted.scores, 1e-4);
      expect(found.segments.map((segment) => segment.label)).toEqual(wanted.segments.map((segment) => segment.label));
    }
  });

  test.each(NAMED)("%s: the speech cut out is heard as Python hears it", async (_, sound) => {
    const samples = conform({ samples: readFloats(sound.conformed.file), rateHz: 16_000 }, 16_000).samples;
    const detector = voiceDetector(recordedVoiceModel([{ samples, logits: sound.speech.logits }]));
    const trait = traitModel("mood", recordedTraitModel("mood", sound.windows.mood));
    const heard = await hearTrait(trait, detector, recordingOf(sound));
    expect(heard.speechS).toBeCloseTo(sound.speech.speech_s, 9);
    expect(heard.remarks).toEqual(sound.speech.remarks);
    expect(heard.vector.length).toBe(vectorSize(metadataOf("mood")));
  });
});

function detectorOf(name: string) {
  const sound = soundNamed(name);
  return voiceDetector(recordedVoiceModel([{ samples: readFloats(sound.conformed.file), logits: sound.steps.logits }]));
}

function modelOf(set: TraitCases): WaveformModel {
  return { metadata: readMetadata(set.metadata, "a set"), inputSamples: 48_000, run: () => new Float32Array(0) };
}

function traitOf(set: TraitCases) {
  const model = modelOf(set);
  const trait = traitModel(model.metadata.task, model);
  return set.neutral ? againstNeutral(trait, set.neutral.map((row) => Float32Array.from(row))) : trait;
}

function constantModel(task: string, run: (window: Float32Array) => Float32Array = () => new Float32Array(0)): WaveformModel {
  return { metadata: metadataOf(task), inputSamples: 48_000, run };
}

function close(found: Readonly<Record<string, number>>, wanted: Readonly<Record<string, number>>, tolerance = 1e-5): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) expect(Math.abs(found[name] - value)).toBeLessThan(tolerance);
}
