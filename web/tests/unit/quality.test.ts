import { describe, expect, test } from "vitest";
import { AudioError } from "../../src/core/errors";
import { bandwidthOf } from "../../src/core/quality/bandwidth";
import { ClippingCounter } from "../../src/core/quality/clipping";
import { DropOutFinder, mergeGaps } from "../../src/core/quality/drop-outs";
import { PowerSpectrum } from "../../src/core/quality/fft";
import { kWeightingSections } from "../../src/core/quality/kweighting";
import { channelWeights, integratedLoudnessLufs } from "../../src/core/quality/loudness";
import type { QualityMeasures } from "../../src/core/quality/measures";
import { hopSamples, QualityMeter } from "../../src/core/quality/meter";
import { remarksOn } from "../../src/core/quality/remarks";
import { assessQuality } from "../../src/core/quality/report";
import { estimateSnrDb } from "../../src/core/quality/snr";
import { median, quantile } from "../../src/core/quality/statistics";
import { formatFixed, formatTwoDigits, roundHalfEven, roundTo } from "../../src/core/rounding";
import { randomBorders, recordingOf, seeded, SOUNDS } from "./recording-vectors";

const NAMED = SOUNDS.map((sound) => [sound.name, sound] as const);
/** Levels come from float64 here and from float32 there; a millidecibel is ten times the largest difference. */
const LEVEL_DB = 1e-3;

describe("a recording's figures", () => {
  test.each(NAMED)("%s: are Python's", (_, sound) => {
    const { channels, rateHz } = recordingOf(sound);
    const meter = new QualityMeter(rateHz, channels.length);
    meter.push(channels);
    const found = meter.flush();
    const wanted = sound.quality as Record<string, never>;
    for (const [name, value] of [["rms_dbfs", found.rmsDbfs], ["peak_dbfs", found.peakDbfs], ["loudness_lufs", found.loudnessLufs]] as const) {
      near(value, wanted[name], LEVEL_DB);
    }
    near(found.bandwidthHz, wanted.bandwidth_hz, 1e-9);
    near(found.dcOffset, wanted.dc_offset, 1e-7);
    expect(found.clippedShare).toBeCloseTo(wanted.clipped_share, 12);
    expect(found).toMatchObject({
      durationS: wanted.duration_s,
      rateHz: wanted.rate_hz,
      channels: wanted.channels,
      nDropOuts: wanted.n_drop_outs,
      deadChannels: wanted.dead_channels,
    });
    expect(found.dropOuts.map(({ startS, durationS }) => ({ start_s: startS, duration_s: durationS }))).toEqual(wanted.drop_outs);
  });

  test.each(NAMED)("%s: are the same in any chunks, and again after flush", (_, sound) => {
    const { channels, rateHz } = recordingOf(sound);
    const meter = new QualityMeter(rateHz, channels.length);
    meter.push(channels);
    const whole = meter.flush();
    for (const seed of [1, 2]) {
      const borders = randomBorders(channels[0].length, 9_000, seed);
      borders.slice(1).forEach((stop, k) => meter.push(channels.map((channel) => channel.subarray(borders[k], stop))));
      expect(meter.flush()).toEqual(whole);
    }
  });

  test("a full-scale sine of 997 Hz has -3.01 LUFS; at low rates the bilinear shelf lies a little off", () => {
    for (const rateHz of [8_000, 11_025, 44_100, 48_000, 192_000]) {
      const meter = new QualityMeter(rateHz, 1);
      meter.push([Float32Array.from({ length: 2 * rateHz }, (_, k) => Math.sin((2 * Math.PI * 997 * k) / rateHz))]);
      const found = meter.flush();
      expect(found.rmsDbfs).toBeCloseTo(-3.01, 2);
      expect(Math.abs((found.loudnessLufs ?? 0) + 3.01)).toBeLessThan(rateHz > 40_000 ? 0.02 : 0.25);
    }
  });

  test("nothing, one sample, NaN, channels that do not fit", () => {
    const meter = new QualityMeter(48_000, 1);
    expect(meter.flush()).toMatchObject({ durationS: 0, rmsDbfs: null, bandwidthHz: null, clippedShare: 0, deadChannels: [] });
    meter.push([Float32Array.of(0.5)]);
    expect(meter.flush()).toMatchObject({ peakDbfs: 20 * Math.log10(0.5), loudnessLufs: null, bandwidthHz: null });
    expect(() => meter.push([Float32Array.of(0, NaN)])).toThrow(/at 0\.000 s is NaN/);
    expect(() => meter.push([new Float32Array(1), new Float32Array(1)])).toThrow(AudioError);
    expect(() => new QualityMeter(48_000, 0)).toThrow(AudioError);
    expect(() => new QualityMeter(3_000, 1)).toThrow(AudioError);
  });

  test("hops divide into the reference's filter blocks", () => {
    expect([16_000, 11_025, 44_100, 48_000].map(hopSamples)).toEqual([1_600, 1_102, 4_410, 4_800]);
  });
});

describe("drop-outs", () => {
  const RATE = 16_000;
  const gapsOf = (zeros: [number, number][], level = 0.1, n = 32_000) => {
    const random = seeded(3);
    const samples = Float32Array.from({ length: n }, () => level * (random() - 0.5) + 1e-6);
    for (const [begin, length] of zeros) samples.fill(0, begin, begin + length);
    const finder = new DropOutFinder(RATE);
    finder.push(samples);
    return finder.gaps;
  };

  test("last 5 to 500 ms", () => {
    expect(gapsOf([[5_000, 80]])).toEqual([[5_000, 80]]);
    expect(gapsOf([[5_000, 79]])).toEqual([]);
    expect(gapsOf([[5_000, 8_000]])).toEqual([[5_000, 8_000]]);
    expect(gapsOf([[5_000, 8_001]])).toEqual([]);
  });

  test("are cut into active sound, not into faint sound, the begin or the end", () => {
    expect(gapsOf([[5_000, 800]], 0.005)).toEqual([]);
    expect(gapsOf([[0, 800], [31_000, 1_000], [31_900, 100]])).toEqual([]);
    expect(gapsOf([[5_000, 100], [5_200, 100]])).toEqual([[5_000, 100], [5_200, 100]]);
  });

  test("of several channels at one time are one", () => {
    expect(mergeGaps([[100, 50], [10, 20], [120, 40]])).toEqual([[10, 20], [100, 60]]);
  });
});

test("a clipped wave counts, the crest of a slow one does not", () => {
  const count = (limit: number, level: number) => {
    const samples = Float32Array.from({ length: 16_000 }, (_, k) =>
      Math.round(Math.max(-limit, Math.min(limit, level * Math.sin(k / 40))) * 32_768) / 32_768,
    );
    const tops = Float32Array.from({ length: 10 }, (_, k) => Math.max(...samples.subarray(k * 1_600, (k + 1) * 1_600)));
    const counter = new ClippingCounter(1);
    counter.push(samples, tops, 1_600);
    return counter.count / 16_000;
  };
  expect(count(0.5, 1)).toBeCloseTo(1 / 3, 2);
  expect(count(1, 0.4)).toBe(0);
});

test("the K-weighting is the recommendation's table at 48 kHz", () => {
  const [shelf, highPass] = kWeightingSections(48_000);
  const table = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585];
  shelf.forEach((value, k) => expect(value).toBeCloseTo(table[k], 8));
  [1, -2, 1, -1.99004745483398, 0.99007225036621].forEach((value, k) => expect(highPass[k]).toBeCloseTo(value, 8));
});

test("loudness gates", () => {
  expect(integratedLoudnessLufs(new Array<number>(10).fill(0.01))).toBeCloseTo(-20.691, 9);
  expect(integratedLoudnessLufs([0.01, 0.01, 0.01])).toBeNull();
  expect(integratedLoudnessLufs(new Array<number>(10).fill(1e-8))).toBeNull();
  const pauses = [...new Array<number>(20).fill(0.01), ...new Array<number>(200).fill(1e-5)];
  expect(integratedLoudnessLufs(pauses)).toBeGreaterThan(-21.3);
  expect(channelWeights(6)).toEqual([1, 1, 1, 0, 1.41, 1.41]);
});

test("a power spectrum is that of a plain discrete Fourier transform", () => {
  const random = seeded(1);
  const frame = Float32Array.from({ length: 50 }, () => random() - 0.5);
  const power = new Float64Array(33);
  new PowerSpectrum(64).add(frame, new Float32Array(50).fill(2), 0.5, power);
  power.forEach((value, bin) => {
    let re = 0;
    let im = 0;
    frame.forEach((x, n) => {
      re += 2 * x * Math.cos((2 * Math.PI * bin * n) / 64);
      im += 2 * x * Math.sin((2 * Math.PI * bin * n) / 64);
    });
    expect(value).toBeCloseTo(0.5 * (re * re + im * im), 9);
  });
});

test("white noise reaches Nyquist, a cliff ends the band, nothing has none", () => {
  expect(bandwidthOf(new Float64Array(257).fill(1), 16_000)).toBe(8_000);
  const cliff = bandwidthOf(Float64Array.from({ length: 257 }, (_, k) => (k < 110 ? 1 : 1e-4)), 16_000);
  expect(Math.abs((cliff ?? 0) - 109 * 31.25)).toBeLessThan(100);
  expect(bandwidthOf(new Float64Array(257), 16_000)).toBeNull();
});

test("the SNR is that of voice over background, within its limits", () => {
  expect(estimateSnrDb([-20, -20], [-40, -40])).toBeCloseTo(19.956, 3);
  expect(estimateSnrDb([-20], [-Infinity])).toBe(100);
  expect(estimateSnrDb([-40], [-20])).toBe(-20);
  expect(estimateSnrDb([], [-40])).toBeNull();
  expect(estimateSnrDb([-20], [])).toBeNull();
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(median([5, 1, 3, 2])).toBe(2.5);
});

describe("remarks", () => {
  const GOOD: QualityMeasures = {
    durationS: 10,
    rateHz: 16_000,
    channels: 2,
    rmsDbfs: -20,
    peakDbfs: -3,
    loudnessLufs: -20,
    clippedShare: 0,
    dcOffset: 0,
    bandwidthHz: 8_000,
    nDropOuts: 0,
    dropOuts: [],
    deadChannels: [],
  };

  test("are none where nothing is bad", () => {
    expect(remarksOn(GOOD, { silence: 0.1 }, 1, 30)).toEqual([]);
  });

  test("say what is wrong, the worst first", () => {
    const bad = {
      ...GOOD,
      clippedShare: 0.0123,
      nDropOuts: 2,
      dropOuts: [{ startS: 1.255, durationS: 0.1 }, { startS: 2, durationS: 0.1 }],
      deadChannels: [2],
      loudnessLufs: -40.2,
      bandwidthHz: 3_650,
      dcOffset: -0.04,
    };
    expect(remarksOn(bad, { silence: 0.9 }, 4.05, 4.4)).toEqual([
      "Clipped: 1.2 % of samples are cut off at the highest level, -3.0 dBFS; lower the input gain.",
      "2 drop-outs of digital silence inside the sound, the first at 1.25 s, 2.00 s; check the connection or the recorder's buffer.",
      "Dead channel: 2 of 2 is digital silence; check the cable or record fewer channels.",
      "Very quiet: -40 LUFS; raise the input gain or move closer to the microphone.",
      "Noisy: the voice is 4 dB above the background; move closer to the microphone or away from the noise.",
      "Narrow band: nothing above 3.6 kHz (telephone); record at 16 kHz or more where the line allows it.",
      "DC offset: 4 % of full scale; check the sound card or high-pass the recording at 20 Hz.",
      "Mostly silence: 90 % of the recording, 4.0 s at a stretch; check the microphone, or cut the silence out.",
    ]);
  });

  test("digital silence is all that is said of it", () => {
    expect(remarksOn({ ...GOOD, peakDbfs: null }, {}, 0, null)).toHaveLength(1);
  });

  test("silences that touch are one", () => {
    const silence = (startS: number, endS: number) => ({ startS, endS, label: "silence" as const, score: 1 });
    const report = assessQuality(GOOD, [silence(0, 1), silence(1, 3), { ...silence(3, 4), label: "voice" }, silence(4, 5)], null);
    expect(report.longestSilenceS).toBe(3);
    expect(report.shares).toEqual({ voice: 0.2, silence: 0.8, noise: 0 });
  });
});

test("rounding is Python's: exact, ties to even", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4999].map(roundHalfEven)).toEqual([0, 2, 2, 0, -2, 2]);
  expect([roundTo(0.03125, 4), roundTo(0.09375, 4), roundTo(0.125, 2), roundTo(2.675, 2), roundTo(1.005, 2)]).toEqual([
    0.0312, 0.0938, 0.12, 2.67, 1,
  ]);
  expect(roundTo(-0.03125, 4)).toBe(-0.0312);
  expect(formatFixed(0.25, 1)).toBe("0.2");
  expect([0.0512, 1.25, 9.96, 4, 0.36].map(formatTwoDigits)).toEqual(["0.051", "1.2", "10", "4", "0.36"]);
});

function near(found: number | null, wanted: number | null, tolerance: number): void {
  if (found === null || wanted === null) expect(found).toBe(wanted);
  else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(tolerance);
}
