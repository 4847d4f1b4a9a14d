import { describe, expect, test } from "vitest";
import { decibels, GATE, SilenceGate } from "../../src/core/activity/gate";
import { SEGMENTER, stepRules, type StepRules } from "../../src/core/activity/rules";
import { Segmenter, type StepSegment } from "../../src/core/activity/segmenter";
import { VoxliteError } from "../../src/core/errors";
import { INDEX, randomBorders, readFloats, seeded, type SegmenterCase, SOUNDS } from "./recording-vectors";

const FRAME = 160;
const STEP = 640;

describe("the gate", () => {
  test("has Python's numbers", () => {
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(Object.fromEntries(Object.entries(GATE).map(([name, value]) => [snake(name), value]))).toEqual(INDEX.gate);
  });

  test.each(SOUNDS.map((sound) => [sound.name, sound] as const))("%s: levels, thresholds and flags", (_, sound) => {
    const samples = filledUp(readFloats(sound.conformed.file));
    const found = new SilenceGate(FRAME).push(samples);
    expect(found.power.length).toBe(sound.gate.level_db.length);
    found.power.forEach((power, k) => expect(decibels(power)).toBeCloseTo(sound.gate.level_db[k], 4));
    found.thresholdDb.forEach((value, k) => expect(value).toBeCloseTo(sound.gate.threshold_db[k], 4));
    const wanted = sound.gate.level_db.map((level, k) => (level < sound.gate.threshold_db[k] ? 1 : 0));
    expect([...found.silent]).toEqual(wanted);
  });

  test("portions cannot matter", () => {
    const samples = filledUp(readFloats("moving-noise.conformed.f32"));
    const whole = new SilenceGate(FRAME).push(samples);
    const gate = new SilenceGate(FRAME);
    const borders = randomBorders(samples.length / FRAME, 30, 3);
    const parts = borders.slice(1).map((stop, k) => gate.push(samples.subarray(borders[k] * FRAME, stop * FRAME)));
    expect(parts.flatMap((part) => [...part.silent])).toEqual([...whole.silent]);
    expect(parts.flatMap((part) => [...part.thresholdDb])).toEqual([...whole.thresholdDb]);
    gate.reset();
    expect(gate.push(samples)).toEqual(whole);
  });
});

describe("the segmenter", () => {
  const cases = INDEX.segmenter.map((one, number) => [number, one] as const);

  test.each(cases)("case %d gives Python's segments", (_, one) => {
    const segmenter = new Segmenter(rulesOf(one));
    same([...segmenter.push(one.values, one.silent), ...segmenter.flush()], one);
    same([...segmenter.push(one.values, one.silent), ...segmenter.flush()], one); // flush started anew
  });

  test.each(cases)("case %d gives them in any portions", (number, one) => {
    const segmenter = new Segmenter(rulesOf(one));
    const borders = randomBorders(one.values.length, 9, number + 1);
    const found = borders
      .slice(1)
      .flatMap((stop, k) => segmenter.push(one.values.slice(borders[k], stop), one.silent.slice(borders[k], stop)));
    same([...found, ...segmenter.flush()], one);
  });

  test("a night without voice keeps nothing and stays one segment", () => {
    const rules = stepRules(SEGMENTER, 0.04);
    const segmenter = new Segmenter(rules);
    const nSteps = 20_000;
    for (let k = 0; k < nSteps; k++) expect(segmenter.push([0.01], [1])).toEqual([]);
    expect(segmenter["values"].length).toBeLessThanOrEqual(rules.padSteps);
    expect(segmenter.flush()).toMatchObject([{ start: 0, stop: nSteps, label: "silence" }]);
  });

  test("the outlook keeps its word", () => {
    for (const one of INDEX.segmenter) {
      const segmenter = new Segmenter(rulesOf(one));
      let given = 0;
      let promise: { first: number; sure: number } | null = null;
      const check = (found: readonly StepSegment[]) => {
        for (const segment of found) {
          expect(segment.start).toBe(given);
          given = segment.stop;
          if (segment.label !== "voice") continue;
          if (promise) expect(segment.start).toBeGreaterThanOrEqual(promise.first);
          if (promise && promise.sure > promise.first) {
            expect(segment.start).toBe(promise.first);
            expect(segment.stop).toBeGreaterThanOrEqual(promise.sure);
          }
          promise = null;
        }
      };
      one.values.forEach((value, k) => {
        check(segmenter.push([value], [one.silent[k]]));
        promise = segmenter.outlook();
      });
      check(segmenter.flush());
      expect(given).toBe(one.values.length);
    }
  });

  test("random steps: segments cover all, and nothing given out is taken back", () => {
    const random = seeded(8);
    const segmenter = new Segmenter(stepRules({ ...SEGMENTER, padS: 0.1 }, 0.04));
    const silent = Array.from({ length: 5_000 }, () => (random() < 0.4 ? 1 : 0));
    const values = silent.map((flag) => (flag ? 0 : random() ** 0.7));
    const found = [...values.flatMap((value, k) => segmenter.push([value], [silent[k]])), ...segmenter.flush()];
    expect(found[0].start).toBe(0);
    expect(found.at(-1)?.stop).toBe(5_000);
    for (let k = 1; k < found.length; k++) {
      expect(found[k].start).toBe(found[k - 1].stop);
      expect(found[k].label).not.toBe(found[k - 1].label);
    }
  });

  test("durations are rounded to even steps, as Python does", () => {
    expect(stepRules({ ...SEGMENTER, padS: 0.1, minVoiceS: 0.14 }, 0.04)).toMatchObject({ padSteps: 2, minVoiceSteps: 4 });
    expect(stepRules({ ...SEGMENTER, minVoiceS: 0, minGapS: 0 }, 0.04)).toMatchObject({ minVoiceSteps: 1, minGapSteps: 1 });
  });

  test.each([{ threshold: 0 }, { threshold: 1 }, { threshold: NaN }, { padS: -1 }, { minGapS: 61 }])("%o is refused", (bad) => {
    expect(() => stepRules({ ...SEGMENTER, ...bad }, 0.04)).toThrow(VoxliteError);
  });
});

function rulesOf(one: SegmenterCase): StepRules {
  const { rules } = one;
  return {
    threshold: rules.threshold,
    offThreshold: rules.off_threshold,
    minVoiceSteps: rules.min_voice_steps,
    minGapSteps: rules.min_gap_steps,
    minRestSteps: rules.min_rest_steps,
    padSteps: rules.pad_steps,
  };
}

function same(found: readonly StepSegment[], one: SegmenterCase): void {
  expect(found.map(({ start, stop, label }) => [start, stop, label])).toEqual(
    one.segments.map((segment) => [segment.start_step, segment.end_step, segment.label]),
  );
  found.forEach((segment, k) => expect(segment.score).toBeCloseTo(one.segments[k].score, 12));
}

/** Samples with zeros behind them up to whole steps. */
function filledUp(samples: Float32Array): Float32Array {
  const result = new Float32Array(Math.ceil(samples.length / STEP) * STEP);
  result.set(samples);
  return result;
}
