import { describe, expect, test } from "vitest";
import { AudioError, VoxliteError } from "../../src/core/errors";
import { Analysis, type AnalysisPlan, analyze } from "../../src/core/report/analysis";
import { reportData, reportJson, speakerTimesS } from "../../src/core/report/report";
import { traitModel } from "../../src/core/traits/model";
import { voiceDetector } from "../../src/core/voice/detector";
import { matcher } from "./speakers.vectors";
import { recordedTraitModel, recordedVoiceModel } from "./recorded-models";
import { randomBorders, readFloats, recordingOf, type SoundData, soundNamed, SOUNDS } from "./recording-vectors";

/** Half a unit of a report's last digit, for figures that differ a little before they are rounded. */
const TOLERANCES: Record<string, number> = {
  score: 1.01e-4,
  snr_db: 0.1001,
  rms_dbfs: 0.01001,
  peak_dbfs: 0.01001,
  loudness_lufs: 0.01001,
  dc_offset_share: 1.01e-5,
};
const OF_PROBABILITIES = 1.01e-4;

const NAMED = SOUNDS.map((sound) => [sound.name, sound] as const);

describe("a report", () => {
  test.each(NAMED)("%s: is Python's, field for field", async (_, sound) => {
    const done: number[] = [];
    const report = await analyze(planOf(sound), recordingOf(sound), (seconds) => done.push(seconds));
    same(JSON.parse(reportJson(report)), sound.report, "report");
    expect(done.at(-1)).toBe(report.durationS);
  });

  test.each(NAMED)("%s: is the same in any chunks, and again after flush", async (_, sound) => {
    const { channels, rateHz } = recordingOf(sound);
    const analysis = new Analysis(planOf(sound), rateHz, channels.length);
    const whole = reportData(await analyze(planOf(sound), { channels, rateHz }));
    for (const seed of [1, 2]) {
      const borders = randomBorders(channels[0].length, 20_000, seed);
      for (let k = 1; k < borders.length; k++) {
        await analysis.push(channels.map((channel) => channel.subarray(borders[k - 1], borders[k])));
      }
      expect(reportData(await analysis.flush())).toEqual(whole);
    }
  });

  test("has the keys of what was asked for, in Python's order", async () => {
    const sound = soundNamed("buzz");
    const { detector, speakers, traits } = planOf(sound);
    if (!detector || !speakers) throw new Error("no models");
    const keys = async (plan: AnalysisPlan) => Object.keys(reportData(await analyze(plan, recordingOf(sound))));
    const first = ["schema", "source", "duration_s", "rate_hz", "channels", "models"];
    expect(await keys({ voice: false, quality: true })).toEqual([...first, "quality"]);
    expect(await keys({ voice: true, quality: false, detector })).toEqual([...first, "voice", "shares", "segments"]);
    expect(await keys({ voice: false, quality: false, detector, traits: traits ?? [] })).toEqual([...first, "gender", "mood"]);
    expect(await keys({ voice: false, quality: false, detector, speakers })).toEqual([...first, "speakers"]);
    expect(Object.keys(sound.report).sort()).toEqual((await keys(planOf(sound))).sort());
    const quality = await analyze({ voice: false, quality: true, source: "a.wav" }, recordingOf(sound));
    expect(reportData(quality)).toMatchObject({ source: "a.wav", models: [], quality: { snr_db: null } });
  });

  test("how long each speaks is told in order of appearance", () => {
    const turn = (startS: number, endS: number, speaker: string) => ({ startS, endS, speaker, score: 1 });
    const times = speakerTimesS([turn(0, 1, "b"), turn(2, 2.5, "a"), turn(3, 5, "b")]);
    expect([...times]).toEqual([["b", 3], ["a", 0.5]]);
  });

  test("speakers have their place in it", async () => {
    const report = await analyze({ voice: false, quality: true }, recordingOf(soundNamed("sine")));
    const turns = [{ startS: 0, endS: 0.50005, speaker: "speaker 1", score: 0.87654 }];
    expect(reportData({ ...report, speakers: turns }).speakers).toEqual([
      { start_s: 0, end_s: 0.5, speaker: "speaker 1", score: 0.8765 },
    ]);
  });

  test("what makes no sense is refused", async () => {
    expect(() => new Analysis({ voice: false, quality: false }, 16_000, 1)).toThrow(VoxliteError);
    expect(() => new Analysis({ voice: true, quality: false }, 16_000, 1)).toThrow(/need a voice model/);
    const { speakers } = planOf(soundNamed("buzz"));
    if (!speakers) throw new Error("no models");
    expect(() => new Analysis({ voice: false, quality: true, speakers }, 16_000, 1)).toThrow(/need a voice model/);
    expect(() => new Analysis({ voice: false, quality: true }, 1_000, 1)).toThrow(AudioError);
    await expect(analyze({ voice: false, quality: true }, { channels: [new Float32Array(0)], rateHz: 8_000 })).rejects.toThrow(
      /empty/,
    );
    const analysis = new Analysis({ voice: false, quality: true }, 16_000, 1);
    await expect(analysis.push([Float32Array.of(NaN)])).rejects.toThrow(AudioError);
  });
});

function planOf(sound: SoundData): AnalysisPlan {
  const heard = { samples: readFloats(sound.conformed.file), logits: sound.steps.logits };
  return {
    voice: true,
    quality: true,
    detector: voiceDetector(recordedVoiceModel([heard])),
    speakers: {
      model: recordedTraitModel("speaker", sound.windows.speaker),
      matcher: matcher(),
      options: { nSpeakers: null, nameOf: null },
    },
    traits: ["gender", "mood"].map((task) => traitModel(task, recordedTraitModel(task, sound.windows[task]))),
  };
}

function same(found: unknown, wanted: unknown, path: string): void {
  if (typeof wanted === "number" && typeof found === "number") {
    const name = path.split(".").at(-1) ?? "";
    const tolerance = TOLERANCES[name] ?? (/\.(scores\.\w+|arousal)$/.test(path) ? OF_PROBABILITIES : 0);
    expect(Math.abs(found - wanted), path).toBeLessThanOrEqual(tolerance);
  } else if (Array.isArray(wanted) && Array.isArray(found)) {
    expect(found.length, path).toBe(wanted.length);
    wanted.forEach((value, k) => same(found[k], value, `${path}[${k}]`));
  } else if (isRecord(wanted) && isRecord(found)) {
    expect(Object.keys(found).sort(), path).toEqual(Object.keys(wanted).sort());
    for (const [key, value] of Object.entries(wanted)) same(found[key], value, `${path}.${key}`);
  } else {
    expect(found, path).toEqual(wanted);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
