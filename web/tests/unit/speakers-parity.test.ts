/** What the Python client computes about voices, computed here: scores within 1e-4, words and labels equal. */

import { describe, expect, it } from "vitest";
import { AudioError, EnrollmentError, ModelError } from "../../src/core/errors";
import { costOf } from "../../src/core/speakers/blending";
import { identify, verify } from "../../src/core/speakers/deciding";
import { embed } from "../../src/core/speakers/embedding";
import { usable, warningsAbout, enrollment } from "../../src/core/speakers/enrolling";
import { enrolledPeople } from "../../src/core/speakers/identifying";
import { togetherOf } from "../../src/core/speakers/matching";
import { operatingPoint } from "../../src/core/speakers/operating-point";
import { octaves, PairScorer, probability } from "../../src/core/speakers/scoring";
import { factsOf, voiceprintFrom } from "../../src/core/speakers/voiceprint";
import { general, share, tenths } from "../../src/core/speakers/wording";
import type { Decision } from "../../src/core/values";
import type { WaveformModel } from "../../src/core/model";
import { apart, DIM, heard, matcher, prints, rows, speaker, speeches, vectors } from "./speakers.vectors";

const LLR = 1e-4;
const VECTOR = 1e-6;
const scorer = new PairScorer(speaker);

describe("embeddings", () => {
  it("average a sound's windows, which start where they start in Python", async () => {
    const [windows, means] = [rows("windows", DIM), rows("means", DIM)];
    const { window_samples: window, step_samples: step } = vectors.model;
    let first = 0;
    for (const [at, { n_samples: nSamples, starts }] of vectors.sounds.entries()) {
      const own = windows.slice(first, (first += starts.length));
      const seen: number[] = [];
      const run = (samples: Float32Array) => {
        expect(samples.length).toBe(window);
        seen.push(samples[0]);
        return own[starts.indexOf(samples[0])];
      };
      const metadata = { name: "compact", embeddingSize: DIM, outputs: [], resizable: false, geometry: { step, before: 0, after: window - step } };
      const model = { metadata, inputSamples: window, run } as unknown as WaveformModel;
      const [found] = await embed(model, [Float32Array.from({ length: nSamples }, (_, place) => place)]);
      expect(apart(found, means[at])).toBeLessThan(VECTOR);
      expect(seen).toEqual(starts);
    }
    expect(first).toBe(windows.length);
  });

  it("need a model that gives them, and sound", async () => {
    const metadata = { name: "voice", embeddingSize: 0, outputs: [], geometry: { step: 1, before: 0, after: 0 } };
    const model = { metadata, inputSamples: 1, run: () => new Float32Array(1) } as unknown as WaveformModel;
    await expect(embed(model, [new Float32Array(1)])).rejects.toThrow(ModelError);
    const speakers = { ...model, metadata: { ...metadata, embeddingSize: 1 } } as unknown as WaveformModel;
    await expect(embed(speakers, [new Float32Array(0)])).rejects.toThrow(AudioError);
    expect(await embed(speakers, [new Float32Array(1)])).toEqual([new Float32Array(1)]);
  });
});

describe("scores", () => {
  it("have the cohort of the model's file", () => {
    expect(apart(speaker.cohort.data, rows("cohort", speaker.cohort.data.length)[0])).toBeLessThan(VECTOR);
  });

  it("rest on the same strangers", () => {
    const [means, deviations] = rows("statistics", speeches.length);
    const found = speeches.map(({ embedding }) => scorer.statistics(embedding));
    expect(apart(found.map((one) => one.mean), means)).toBeLessThan(VECTOR);
    expect(apart(found.map((one) => one.deviation), deviations)).toBeLessThan(VECTOR);
  });

  it("agree for every pair, with a user's own calibration", () => {
    const own = matcher(vectors.own_calibration);
    const expected = rows("llrs", speeches.length);
    speeches.forEach((speech, at) => expect(apart(own.llrs(speech, speeches), expected[at])).toBeLessThan(LLR));
  });

  it("blend the same references", () => {
    const expected = rows("blends", DIM);
    vectors.blends.forEach((blend, at) => {
      const found = togetherOf(speeches[blend.probe], blend.references.map((one) => speeches[one]));
      expect(apart(found.embedding, expected[at])).toBeLessThan(VECTOR);
      expect(found.speechS).toBeCloseTo(blend.speech_s, 9);
      expect([found.bandwidthHz, found.nearest]).toEqual([blend.bandwidth_hz, blend.nearest]);
      expect(found.cost).toBeCloseTo(blend.cost, 9);
    });
  });

  it("follow the same formulas", () => {
    const { formulas } = vectors;
    for (const [n, cost] of formulas.cost_of) expect(costOf(n)).toBeCloseTo(cost, 12);
    for (const [lengthS, octave] of formulas.octaves) expect(Math.abs(octaves(lengthS) - octave)).toBeLessThan(VECTOR);
    for (const [llr, chance] of formulas.probability) expect(Math.abs(probability(llr) - chance)).toBeLessThan(VECTOR);
    for (const point of formulas.points) {
      const found = operatingPoint(scorer, point.asked, point.n);
      expect(Math.abs(found.llr - point.llr)).toBeLessThan(1e-9);
      expect([found.far, found.nPeople]).toEqual([point.far, point.n_people]);
    }
  });

  it("are written alike", () => {
    for (const [value, text] of vectors.formulas.tenths) expect(tenths(value)).toBe(text);
    expect(tenths(-0)).toBe("-0.0"); // JSON keeps the sign, but only if somebody writes it
    for (const [rate, text] of vectors.formulas.shares) expect(share(rate)).toBe(text);
    expect([general(1.5, 1), general(2.5, 1), general(-0.00012345, 4), general(123456, 4)]).toEqual([
      "2", "2", "-0.0001234", "1.235e+05",
    ]);
  });
});

describe("answers", () => {
  const same = (found: Decision, wanted: (typeof vectors.answers)[0]["identify"][0]) => {
    expect([found.label, found.reasons, found.evidenceS]).toEqual([wanted.label, wanted.reasons, wanted.evidence_s]);
    expect(Math.abs(found.score - wanted.score)).toBeLessThan(LLR);
    expect(Math.abs(found.threshold - wanted.threshold)).toBeLessThan(LLR);
  };

  it.each(vectors.answers.map((store) => [store.n_prints, store] as const))("of a store of %d prints", (_, store) => {
    const people = enrolledPeople(prints.slice(0, store.n_prints), { name: "compact", version: vectors.model.version });
    const by = matcher(store.calibration);
    speeches.forEach((speech, at) => {
      same(identify(people, speech, by, store.far), store.identify[at]);
      const [wanted, claim] = [store.verify[at], people.find(({ person }) => person === store.claims[at])];
      if (wanted === null || claim === undefined) return expect(people).toEqual([]);
      same(verify(claim, speech, by, store.far), wanted);
    });
  });

  it("cover doubts, telephones, names and nobody", () => {
    const all = vectors.answers.flatMap((store) => [...store.identify, ...store.verify.filter((one) => one !== null)]);
    const reasons = all.flatMap((one) => one.reasons);
    for (const part of ["doubt: ", "narrow band (telephone)", "nobody is enrolled", "10 references", "among 66"]) {
      expect(reasons.some((reason) => reason.includes(part)), part).toBe(true);
    }
    const labels = new Set(all.map((one) => one.label));
    for (const label of ["accepted", "rejected", "unknown", "not enough speech", "O'Hara"]) expect(labels).toContain(label);
  });
});

describe("enrollments", () => {
  it.each(vectors.enrollments)("of $takes after $earlier", (wanted) => {
    const takes = wanted.takes.map((name) => ({ name, speech: heard(name) }));
    const earlier = wanted.earlier.map(heard);
    if (wanted.error !== undefined) return expect(() => usable("Ada", takes, earlier)).toThrow(new EnrollmentError(wanted.error));
    const kept = usable("Ada", takes, earlier);
    expect(kept.map((take) => take.name)).toEqual(wanted.kept);
    expect(warningsAbout(takes, kept, earlier, matcher())).toEqual(wanted.warnings);
    const terms = { consentAt: "2026-05-01T12:30:00Z", purpose: "tests", enrolledAt: new Date(0), source: null };
    const done = enrollment(" Ada ", takes, earlier, terms, matcher());
    expect(done.warnings).toEqual(wanted.warnings);
    expect(done.prints.map(({ person, embedding }) => [person, embedding])).toEqual(
      kept.map(({ speech }) => ["Ada", speech.embedding]),
    );
    expect(done.speechS).toBeCloseTo([...kept.map((take) => take.speech), ...earlier].reduce((sum, one) => sum + one.speechS, 0), 9);
  });
});

describe("checks of a voiceprint", () => {
  it.each(vectors.checks)("of $change", ({ change, facts, error }) => {
    const row = (change["embedding"] ?? [1]) as number[];
    const make = () => voiceprintFrom({ ...factsOf(prints[0]), ...change }, row);
    if (error === undefined) return expect(factsOf(make())).toEqual(facts);
    // Python shows a time without a zone as its own kind of object
    const text = error.replace(/datetime\.datetime\([^)]*\)/, `'${String(change["consent_at"])}'`);
    expect(make).toThrow(new EnrollmentError(text));
  });
});
