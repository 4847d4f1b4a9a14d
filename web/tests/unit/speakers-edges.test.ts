/** What holds of voices whatever they are, and what happens at the edges. */

import { describe, expect, it } from "vitest";
import { blended, costOf } from "../../src/core/speakers/blending";
import { cohortRows, cohortStatistics, normalised } from "../../src/core/speakers/cohort";
import { identify, verify } from "../../src/core/speakers/deciding";
import { candidatesOf, enrolledPeople, nearestPeople } from "../../src/core/speakers/identifying";
import { Matcher, togetherOf, type Speech } from "../../src/core/speakers/matching";
import { operatingPoint, perComparison } from "../../src/core/speakers/operating-point";
import { octaves, PairScorer, probability } from "../../src/core/speakers/scoring";
import { norm } from "../../src/core/speakers/vectors";
import type { Voiceprint } from "../../src/core/speakers/voiceprint";
import { EnrollmentError, ModelError, VoxliteError } from "../../src/core/errors";
import { apart, DIM, matcher, prints, randomVoices, speaker, speeches } from "./speakers.vectors";

const { direction, shuffled, voice } = randomVoices(42);
const people = enrolledPeople(prints, prints[0].model);

describe("blending", () => {
  it("gives a reference of unit norm, whatever the order of the references", () => {
    for (let trial = 0; trial < 20; trial++) {
      const [probe, rows] = [direction(), Array.from({ length: 1 + trial % 9 }, () => direction())];
      const found = blended(probe, rows);
      expect(Math.abs(norm(found) - 1)).toBeLessThan(1e-6);
      expect(apart(blended(probe, shuffled(rows)), found)).toBeLessThan(1e-6);
    }
  });

  it("gives the one reference there is, and the nearest where they cancel each other", () => {
    const [probe, row] = [direction(), direction()];
    expect(apart(blended(probe, [row]), row)).toBeLessThan(1e-6);
    const [left, right, up] = [Float32Array.of(1, 0), Float32Array.of(-1, 0), Float32Array.of(0, 1)];
    expect(blended(up, [left, right])).toEqual(left);
    expect(costOf(1)).toBe(0);
  });

  it("is of the eight nearest, with all their speech", () => {
    const probe = voice(direction());
    const references = Array.from({ length: 12 }, (_, at) => voice(direction(), { speechS: at + 1 }));
    const found = togetherOf(probe, references);
    const nearest = [...references].sort((one, other) => cosine(other, probe) - cosine(one, probe)).slice(0, 8);
    expect(found.speechS).toBe(nearest.reduce((sum, one) => sum + one.speechS, 0));
    expect(references[found.nearest]).toBe(nearest[0]);
    expect(found.cost).toBe(costOf(8));
  });
});

function cosine(one: Speech, other: Speech): number {
  return one.embedding.reduce((sum, value, at) => sum + value * other.embedding[at], 0);
}

describe("a cohort", () => {
  it("without strangers leaves cosines as they are", () => {
    const empty = cohortRows(new Int8Array(0), DIM, "x");
    const statistics = cohortStatistics(direction(), empty, 50);
    expect(statistics).toEqual({ mean: 0, deviation: 1 });
    expect(normalised(0.25, statistics, statistics)).toBe(0.25);
  });

  it("of strangers who are all the same has a deviation that can be divided by", () => {
    const same = cohortRows(Int8Array.of(127, 0, 127, 0, 127, 0), 2, "x");
    const found = cohortStatistics(Float32Array.of(1, 0), same, 2);
    expect(found.mean).toBe(1);
    expect(found.deviation).toBeCloseTo(1e-3, 9);
  });

  it("is refused where it does not fit", () => {
    expect(() => cohortRows(new Int8Array(5), 2, "x")).toThrow(ModelError);
    expect(() => cohortRows(new Int8Array(4), 0, "x")).toThrow(ModelError);
    expect(() => cohortRows(Int8Array.of(1, 1, 0, 0), 2, "x")).toThrow("empty embedding");
  });
});

describe("scores", () => {
  it("are the same from either side", () => {
    const own = matcher();
    for (let trial = 0; trial < 30; trial++) {
      const [one, other] = shuffled(speeches);
      expect(own.llrs(one, [other])[0]).toBeCloseTo(own.llrs(other, [one])[0], 5);
    }
  });

  it("of many are those of each", () => {
    const [own, [probe, ...references]] = [matcher(), shuffled(speeches)];
    const found = own.llrs(probe, references);
    references.forEach((one, at) => expect(own.llrs(probe, [one])[0]).toBe(found[at]));
    expect(own.llrs(probe, [])).toEqual(new Float32Array(0));
  });

  it("follow a user's slope and offset", () => {
    const own = new Matcher(new PairScorer(speaker), { slope: 2, offset: 0.5, nPeople: 3, nRecordings: 9 });
    const [plain, mapped] = [matcher().llrs(speeches[0], speeches), own.llrs(speeches[0], speeches)];
    expect(apart(mapped, plain.map((llr) => 2 * llr + 0.5))).toBeLessThan(1e-5);
  });

  it("need a calibrated model", () => {
    const { wide_slope: _, ...rest } = speaker.metadata.calibration;
    const bare = { ...speaker, metadata: { ...speaker.metadata, calibration: rest } };
    expect(() => new PairScorer(bare)).toThrow(ModelError);
    const { cohort_top: __, ...without } = speaker.metadata.calibration;
    expect(() => new PairScorer({ ...speaker, metadata: { ...speaker.metadata, calibration: without } })).toThrow(ModelError);
  });

  it("stay within their limits", () => {
    expect([probability(-1e9), probability(0), probability(1e9)]).toEqual([probability(-80), 0.5, 1]);
    expect([octaves(0), octaves(1e9)]).toEqual([octaves(1), octaves(8)]);
    expect(octaves(3)).toBe(0);
  });
});

describe("an operating point", () => {
  const scorer = new PairScorer(speaker);

  it("rises with the number of people and with the rarity of an error", () => {
    let before = -Infinity;
    for (const n of [1, 2, 5, 50, 5000, 5e6]) {
      const { llr } = operatingPoint(scorer, 0.05, n);
      expect(llr).toBeGreaterThan(before);
      before = llr;
    }
    for (let far = 0.2; far > 1e-9; far /= 3) {
      expect(operatingPoint(scorer, far / 3).llr).toBeGreaterThanOrEqual(operatingPoint(scorer, far).llr);
    }
    expect(perComparison(0.01, 1)).toBeCloseTo(0.01, 12);
  });

  it("is refused out of range, and where a model names none", () => {
    for (const far of [0, 1, -0.1, 2, Number.NaN]) expect(() => operatingPoint(scorer, far)).toThrow(VoxliteError);
    const bare = new PairScorer({ ...speaker, metadata: { ...speaker.metadata, thresholds: {} } });
    expect(() => operatingPoint(bare)).toThrow(ModelError);
    expect(operatingPoint(bare, 0.01).far).toBe(0.01);
  });

  it("without measured rates is what the odds say", () => {
    const calibration = Object.fromEntries(Object.entries(speaker.metadata.calibration).filter(([name]) => !name.startsWith("llr_at")));
    const bare = new PairScorer({ ...speaker, metadata: { ...speaker.metadata, calibration } });
    expect(bare.llrAtFar(0.01)).toBeCloseTo(Math.log(100), 12);
  });
});

describe("identifying", () => {
  it("does not depend on the order of people", () => {
    for (const speech of speeches.slice(0, 12)) {
      expect(identify(shuffled(people), speech, matcher())).toEqual(identify(people, speech, matcher()));
    }
  });

  it("looks at the fifty nearest", () => {
    const found = nearestPeople(people, speeches[0]);
    expect(found).toHaveLength(50);
    expect(people.length).toBeGreaterThan(50);
    expect(found[0].person).toBe("Armelle");
    expect(candidatesOf(found, speeches[0], matcher())[0].person).toBe("Armelle");
  });

  it("answers nothing of a voice that is no vector of unit norm and of the model's length", () => {
    const [nothing, long] = [new Float32Array(DIM).fill(Number.NaN), new Float32Array(DIM).fill(1)];
    for (const embedding of [nothing, long, new Float32Array(DIM), direction(DIM - 1), new Float32Array(0)]) {
      expect(() => identify(people, voice(embedding), matcher())).toThrow(EnrollmentError);
      expect(() => verify(people[0], voice(embedding), matcher())).toThrow(EnrollmentError);
    }
  });

  it("doubts a gender only where all references that note one note another", () => {
    const print = (gender: string | null): Voiceprint => ({ ...prints[0], gender });
    const doubts = (genders: (string | null)[], sounds: string | null) => {
      const claimed = { person: "Ada", references: genders.map(print) };
      const speech = voice(prints[0].embedding, { gender: sounds });
      return [verify(claimed, speech, matcher()), identify([claimed], speech, matcher())]
        .map(({ reasons }) => reasons.filter((reason) => reason.startsWith("doubt")));
    };
    const told = "doubt: the voice sounds male, Ada's enrolled voice female";
    expect(doubts(["female", null], "male")).toEqual([[told], [told]]);
    for (const [genders, sounds] of [[["female", "male"], "male"], [["female"], "female"], [[null], "male"], [["female"], null]] as const) {
      expect(doubts([...genders], sounds)).toEqual([[], []]);
    }
    const other = { ...voice(direction()), gender: "male" };
    const answer = identify([{ person: "Ada", references: [print("female")] }], other, matcher());
    expect([answer.label, answer.reasons.some((reason) => reason.startsWith("doubt"))]).toEqual(["unknown", false]);
  });

  it("keeps people of another model apart", () => {
    const other = { ...prints[0], person: "Eve", model: { name: "campplus", version: "1" } };
    expect(() => enrolledPeople([...prints, other], prints[0].model)).toThrow("Eve: enrolled with the model campplus 1");
    expect(enrolledPeople([], prints[0].model)).toEqual([]);
    const odd = { ...prints[0], embedding: Float32Array.of(1) };
    expect(() => enrolledPeople([...prints, odd], prints[0].model)).toThrow(EnrollmentError);
  });
});
