/** Who speaks when, as Python tells it: the same merges, the same paths, turns equal but for rounding. */

import { describe, expect, test } from "vitest";
import { ModelError, VoxliteError } from "../../src/core/errors";
import { dot, norm } from "../../src/core/speakers/vectors";
import { centres, MOST_CLUSTERED, type Together } from "../../src/core/turns/clustering";
import { diarize, type NameOf, smoothed } from "../../src/core/turns/diarization";
import { averageLinkage } from "../../src/core/turns/linkage";
import { namesAmong, SpeakerStream } from "../../src/core/turns/stream";
import { metadataOf } from "./recorded-models";
import { apart, DIM, heard, matcher, prints, randomVoices } from "./speakers.vectors";
import { type ClusteredCase, type Question, rowsOf, TURNS, windowsOf } from "./turn-vectors";

const CLUSTERED = TURNS.clustered.map((one) => [one.name, one] as const);
const DIARIZED = TURNS.diarized.map((one) => [one.name, one] as const);
const NEAR = 1e-5;

describe("clusters", () => {
  test.each(CLUSTERED)("%s: are merged as SciPy merges them", (_, one) => {
    const found = averageLinkage(rowsOf(one.name, one.dim));
    expect(found.map(({ one: first, other, size }) => [first, other, size])).toEqual(
      one.tree.map(([first, other, , size]) => [first, other, size]),
    );
    expect(apart(found.map(({ height }) => height), one.tree.map(([, , height]) => height))).toBeLessThan(1e-12);
  });

  test.each(CLUSTERED)("%s: their centres are Python's", (_, one) => {
    const rows = rowsOf(one.name, one.dim);
    one.questions.forEach((question, number) => {
      const wanted = rowsOf(`${one.name}.${number}`, one.dim);
      const found = asked(rows, question);
      expect(found.length, `question ${number}`).toBe(question.n_centres);
      found.forEach((centre, k) => expect(apart(centre, wanted[k]), `question ${number}`).toBeLessThan(1e-6));
    });
  });

  test("there are cases of every kind", () => {
    const counts = new Set(TURNS.clustered.flatMap(({ questions }) => questions.map(({ n_centres: n }) => n)));
    expect([...counts].length).toBeGreaterThan(4);
    expect(TURNS.clustered.some(({ name, dim }) => rowsOf(name, dim).length > MOST_CLUSTERED)).toBe(true);
    const equal = TURNS.clustered.find(({ name }) => name === "equal") as ClusteredCase;
    expect(new Set(equal.tree.map(([, , height]) => height)).size).toBeLessThan(equal.tree.length / 2);
  });

  test("the order of rows does not matter where no distances are equal", () => {
    const rows = rowsOf("apart", 24);
    const backwards = [...rows].reverse();
    const heights = (of: readonly Float32Array[]): number[] => averageLinkage(of).map(({ height }) => height);
    expect(apart(heights(rows), heights(backwards))).toBeLessThan(1e-12);
  });
});

describe("turns", () => {
  test.each(TURNS.paths.map((path) => [path.labels.length, path] as const))("the best path of %d windows is Python's", (_, path) => {
    expect(smoothed(path.cosines.map((row) => Float32Array.from(row)), path.segment)).toEqual(path.labels);
  });

  test.each(DIARIZED)("%s: are Python's for every number of speakers", (_, one) => {
    const found = windowsOf(one, DIM);
    const { scorer } = matcher();
    for (const answer of one.answers) {
      const calls: { speech_s: number; bandwidth_hz: number | null }[] = [];
      const nameOf: NameOf = (embedding, speechS, bandwidthHz) => {
        calls.push({ speech_s: speechS, bandwidth_hz: bandwidthHz });
        expect(Math.abs(norm(embedding) - 1)).toBeLessThan(1e-6);
        return dot(embedding, found.windows[0].vector) >= (answer.alike ?? 0) ? "Ada" : null;
      };
      const turns = diarize(found, { nSpeakers: answer.n_speakers, nameOf: answer.alike === null ? null : nameOf }, scorer);
      expect(turns.map(({ speaker }) => speaker)).toEqual(answer.turns.map(({ speaker }) => speaker));
      for (const [name, own] of [["start_s", "startS"], ["end_s", "endS"], ["score", "score"]] as const) {
        expect(apart(turns.map((turn) => turn[own]), answer.turns.map((turn) => turn[name])), name).toBeLessThan(NEAR);
      }
      expect(calls.length).toBe(answer.asked.length);
      expect(apart(calls.map((call) => call.speech_s), answer.asked.map((call) => call.speech_s))).toBeLessThan(NEAR);
      expect(calls.map((call) => call.bandwidth_hz)).toEqual(answer.asked.map((call) => call.bandwidth_hz));
    }
  });

  test.each(DIARIZED)("%s: cover the voice and nothing else", (_, one) => {
    for (const nSpeakers of [null, 2, 7]) {
      const turns = diarize(windowsOf(one, DIM), { nSpeakers, nameOf: null }, matcher().scorer);
      const covered = one.voice_s.map(([startS, endS]) => {
        const own = turns.filter((turn) => turn.startS >= startS && turn.endS <= endS);
        own.forEach((turn, k) => expect(turn.startS).toBe(k ? own[k - 1].endS : startS));
        return own.at(-1)?.endS === endS ? own.length : NaN;
      });
      expect(covered.reduce((sum, n) => sum + n, 0)).toBe(turns.length);
    }
  });

  test("a number of speakers that cannot be is refused before anything is heard", () => {
    const [, call] = DIARIZED[0];
    for (const nSpeakers of [0, 21, 1.5, NaN]) {
      const options = { nSpeakers, nameOf: null };
      expect(() => diarize(windowsOf(call, DIM), options, matcher().scorer)).toThrow(VoxliteError);
      expect(() => stream(metadataOf("speaker"), nSpeakers)).toThrow(/1\.\.20/);
    }
  });

  test("a model that gives no embeddings is refused", () => {
    expect(() => stream(metadataOf("gender"), null)).toThrow(ModelError);
  });
});

describe("names", () => {
  test("are those that identify gives, and strangers have none", () => {
    const nameOf = namesAmong(prints, metadataOf("speaker"), matcher()) as NameOf;
    const { embedding, speechS, bandwidthHz } = heard("speaker-man-3");
    expect(nameOf(embedding, speechS, bandwidthHz)).toBe("O'Hara");
    expect(nameOf(embedding, 0.5, bandwidthHz)).toBeNull(); // not enough speech
    expect(nameOf(randomVoices(5).direction(), 8, 7_000)).toBeNull();
  });

  test("there are none by another model, or without anybody enrolled", () => {
    const metadata = metadataOf("speaker");
    expect(namesAmong([], metadata, matcher())).toBeNull();
    expect(namesAmong(prints, { ...metadata, version: `${metadata.version}.1` }, matcher())).toBeNull();
  });
});

function asked(rows: readonly Float32Array[], { least_windows: leastWindows, cosine, ...bounds }: Question): Float32Array[] {
  const together: Together = (one, other, n) => dot(one, other) >= (cosine ?? 0) - 0.5 / n;
  return centres(rows, leastWindows, bounds, cosine === null ? null : together);
}

function stream(metadata: ReturnType<typeof metadataOf>, nSpeakers: number | null): SpeakerStream {
  const model = { metadata, inputSamples: 16_000, run: () => new Float32Array(1) };
  return new SpeakerStream({ model, matcher: matcher(), options: { nSpeakers, nameOf: null } }, 16_000);
}
