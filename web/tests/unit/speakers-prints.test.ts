/** Enrollments, voiceprints and words at the edges. */

import { describe, expect, it } from "vitest";
import { EnrollmentError } from "../../src/core/errors";
import { enrollment, freeName, strangersAmong, usable } from "../../src/core/speakers/enrolling";
import type { Speech } from "../../src/core/speakers/matching";
import { enrolledVoices } from "../../src/core/speakers/summary";
import { norm } from "../../src/core/speakers/vectors";
import { modelText, voiceprint } from "../../src/core/speakers/voiceprint";
import { alphabetically, quoted } from "../../src/core/speakers/wording";
import { matcher, prints, randomVoices } from "./speakers.vectors";

const { direction, shuffled, voice } = randomVoices(43);

describe("enrolling", () => {
  const take = (name: string, speech: Speech) => ({ name, speech });
  const terms = { consentAt: "2026-05-01T12:30:00+02:00", purpose: "tests", enrolledAt: "2026-05-02T00:00:00Z", source: "headset" };

  it("counts what a person has already, and takes no recording twice", () => {
    const row = direction();
    expect(() => usable("Ada", [take("a", voice(row, { speechS: 4.9 }))], [])).toThrow(EnrollmentError);
    expect(usable("Ada", [take("a", voice(row, { speechS: 4.9 }))], [voice(direction(), { speechS: 0.1 })])).toHaveLength(1);
    expect(usable("Ada", [take("a", voice(row)), take("b", voice(Float32Array.from(row)))], [])).toHaveLength(1);
    expect(usable("Ada", [take("a", voice(row, { speechS: 0.99 })), take("b", voice(direction()))], []).map(({ name }) => name)).toEqual(["b"]);
  });

  it("makes prints of the model with everything that is known", () => {
    const speech = voice(direction(), { gender: "female", bandwidthHz: null });
    const { prints: [print], ...rest } = enrollment(" Ada ", [take("a", speech)], [], terms, matcher());
    expect(rest).toEqual({ person: "Ada", speechS: 5, warnings: ["only 5.0 s of speech: 15 s or more make decisions surer"] });
    expect(print).toMatchObject({ person: "Ada", gender: "female", bandwidthHz: null, source: "headset", consentAt: "2026-05-01T10:30:00+00:00" });
    expect(print.model).toEqual(prints[0].model);
    expect(print.embedding).toEqual(speech.embedding);
    expect(print.embedding).not.toBe(speech.embedding);
    const silent = enrollment("Ada", [take("a", { ...speech, bandwidthHz: 0 })], [], terms, matcher());
    expect(silent.prints[0].bandwidthHz).toBeNull();
  });

  it("refuses names that mean nobody, in any case", () => {
    for (const name of ["unknown", " UNKNOWN ", "Not Enough Speech", "not enough \u017fpeech"]) expect(() => freeName(name)).toThrow("choose another name");
    expect(freeName("Unknown lady")).toBe("Unknown lady");
  });

  it("holds with those who were there before where two groups are equal", () => {
    const [own, other] = [direction(), direction()];
    const like = (row: Float32Array) => voice(row.map((value) => value / norm(row)));
    const nudged = (row: Float32Array) => like(row.map((value, at) => (at === 0 ? value + 0.01 : value)));
    const kept = [take("a", like(other)), take("b", nudged(other))];
    expect(strangersAmong(kept, [like(own), nudged(own)], matcher())).toEqual(["a", "b"]);
    expect(strangersAmong(kept, [like(own)], matcher())).toEqual([]);
    expect(strangersAmong([kept[0]], [like(own)], matcher())).toEqual(["a"]);
  });

  it("finds no stranger where there is nobody, and links a chain", () => {
    expect(strangersAmong([], [], matcher())).toEqual([]);
    expect(strangersAmong([take("a", voice(direction()))], [], matcher())).toEqual([]);
    // each is like its neighbour, the first not like the last
    const [start, end] = [direction(), direction()];
    const chain = Array.from({ length: 9 }, (_, at) => {
      const row = start.map((value, place) => value * Math.cos((at * Math.PI) / 16) + end[place] * Math.sin((at * Math.PI) / 16));
      return take(`take ${at}`, voice(row.map((value) => value / norm(row))));
    });
    expect(matcher().llrs(chain[0].speech, [chain[8].speech])[0]).toBeLessThan(0);
    expect(strangersAmong(chain, [], matcher())).toEqual([]);
    expect(strangersAmong(shuffled([...chain, take("odd", voice(direction()))]), [], matcher())).toEqual(["odd"]);
  });
});

describe("a voiceprint", () => {
  it("keeps an embedding of its own, and takes dates", () => {
    const embedding = Float32Array.of(0.6, 0.8);
    const made = voiceprint({ ...prints[0], embedding, consentAt: new Date(999), enrolledAt: new Date("2026-01-01T00:00:00.999Z") });
    embedding[0] = 5;
    expect(made.embedding[0]).toBeCloseTo(0.6);
    expect([made.consentAt, made.enrolledAt]).toEqual(["1970-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"]);
    expect(Object.isFrozen(made)).toBe(true);
    expect(() => voiceprint({ ...prints[0], consentAt: new Date(Number.NaN) })).toThrow(EnrollmentError);
    expect(() => voiceprint({ ...prints[0], embedding: [Number.NaN, 1] })).toThrow(EnrollmentError);
  });

  it("is listed by person", () => {
    const voices = enrolledVoices(prints);
    expect(voices.map(({ person }) => person)).toEqual([...new Set(prints.map(({ person }) => person))].sort(alphabetically));
    const armelle = voices[0];
    const own = prints.filter(({ person }) => person === armelle.person);
    expect(armelle).toMatchObject({ person: "Armelle", nReferences: own.length, models: [modelText(prints[0].model)], genders: ["female"], enrolledAt: own[1].enrolledAt });
    expect(armelle.speechS).toBeCloseTo(own.reduce((sum, one) => sum + one.speechS, 0), 9);
  });
});

describe("words", () => {
  it("are quoted as Python quotes them", () => {
    expect(["it's", 'a "b"', `it's "b"`, "a\\b", "\u200b\n\u0001\u{e0001}"].map(quoted)).toEqual([
      `"it's"`, `'a "b"'`, `'it\\'s "b"'`, "'a\\\\b'", "'\\u200b\\n\\x01\\U000e0001'",
    ]);
  });

  it("lie in an alphabetical order that takes no notice of case", () => {
    expect(["bob", "Zoë", "ada", "Ada", "\u{1f600}", "\uffe0", "Straße", "STRASSE", "strassen"].sort(alphabetically)).toEqual([
      "Ada", "ada", "bob", "STRASSE", "Straße", "strassen", "Zoë", "\uffe0", "\u{1f600}",
    ]);
  });
});
