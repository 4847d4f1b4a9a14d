/**
 * A voice against everybody enrolled, in milliseconds: cosines first, likelihood ratios for the best few only.
 *
 * Score normalisation and calibration can change the order among the nearest, but hardly lift somebody from beyond the
 * fiftieth place.
 */

import { EnrollmentError } from "../errors";
import { MAX_REFERENCES, togetherOf, type Heard, type Matcher } from "./matching";
import { descending, dot, norm } from "./vectors";
import { isSameModel, modelText, NORM_TOLERANCE, type PrintModel, type Voiceprint } from "./voiceprint";
import { alphabetically } from "./wording";

/** People, the nearest by cosine, whose likelihood ratios are computed. */
export const MAX_CANDIDATES = 50;

/** One person who may be speaking. */
export interface Candidate {
  readonly person: string;
  /** Of all references together, natural logarithm. */
  readonly llr: number;
  /** The nearest reference. */
  readonly reference: Voiceprint;
  /** How many references there are; of many the nearest ones count. */
  readonly nReferences: number;
  /** What the references sounded like, each once, where that was noted. */
  readonly genders: readonly string[];
}

/** One person's voiceprints by one model: one or more. */
export interface Enrolled {
  readonly person: string;
  readonly references: readonly Voiceprint[];
}

/**
 * Return people with their references as candidates, the likeliest first; of equals in alphabetical order.
 *
 * @param people - each with one reference or more.
 * @throws EnrollmentError if the probe's length is not the references', or its norm is not 1.
 */
export function candidatesOf(people: readonly Enrolled[], probe: Heard, matcher: Matcher): Candidate[] {
  checkProbe(people, probe.embedding);
  const blends = people.map(({ references }) => togetherOf(probe, references));
  const llrs = matcher.together(probe, blends);
  const found = people.map(({ person, references }, at) => ({
    person,
    llr: llrs[at],
    reference: references[blends[at].nearest],
    nReferences: references.length,
    genders: [...new Set(references.flatMap(({ gender }) => (gender === null ? [] : [gender])))],
  }));
  return found.sort((one, other) => other.llr - one.llr || alphabetically(one.person, other.person));
}

/**
 * Return the people whose nearest reference is nearest to a voice, best first, at most {@link MAX_CANDIDATES}; of
 * equals those who were enrolled first. Of a person with many references only those that count are returned.
 */
export function nearestPeople(people: readonly Enrolled[], probe: Heard): Enrolled[] {
  const cosines = people.map(({ references }) => references.map((one) => dot(one.embedding, probe.embedding)));
  const best = cosines.map((own) => own.reduce((most, cosine) => Math.max(most, cosine), -Infinity));
  return descending(best)
    .slice(0, MAX_CANDIDATES)
    .map((at) => {
      const { person, references } = people[at];
      if (references.length <= MAX_REFERENCES) return people[at];
      const nearest = descending(cosines[at]).slice(0, MAX_REFERENCES);
      return { person, references: nearest.map((which) => references[which]) };
    });
}

/**
 * Return voiceprints person by person, in the order in which people appear.
 *
 * @param prints - everybody's.
 * @param model - whose embeddings will be compared.
 * @throws EnrollmentError if somebody has prints by another model alone, or lengths of embeddings differ.
 */
export function enrolledPeople(prints: readonly Voiceprint[], model: PrintModel): Enrolled[] {
  const people = new Map<string, Voiceprint[]>();
  for (const print of prints) {
    if (!isSameModel(print.model, model)) continue;
    const own = people.get(print.person);
    if (own === undefined) people.set(print.person, [print]);
    else own.push(print);
  }
  refuseOthers(prints, new Set(people.keys()), model);
  const found = [...people].map(([person, references]) => ({ person, references }));
  const all = found.flatMap(({ references }) => references);
  const odd = all.find(({ embedding }) => embedding.length !== all[0].embedding.length);
  if (odd !== undefined) {
    throw new EnrollmentError(
      `${odd.person}: an embedding of ${odd.embedding.length} numbers, others by ${modelText(model)} have ` +
        `${all[0].embedding.length}: forget and enroll again`,
    );
  }
  return found;
}

/**
 * Refuse prints of people whose voice cannot be compared with a model's embeddings.
 *
 * @param people - those who have prints by the model.
 * @throws EnrollmentError if somebody else has prints.
 */
export function refuseOthers(prints: readonly Voiceprint[], people: ReadonlySet<string>, model: PrintModel): void {
  const left = new Map<string, PrintModel>();
  for (const print of prints) if (!people.has(print.person)) left.set(print.person, print.model);
  const [first] = left;
  if (first === undefined) return;
  const [person, other] = [first[0], modelText(first[1])];
  const rest = left.size > 1 ? ` and ${left.size - 1} more` : "";
  const own = modelText(model);
  throw new EnrollmentError(
    `${person}${rest}: enrolled with the model ${other}, which cannot be compared with ${own}: ` +
      `enroll again with ${own}, or choose ${other}`,
  );
}

function checkProbe(people: readonly Enrolled[], probe: Float32Array): void {
  if (!(Math.abs(norm(probe) - 1) < NORM_TOLERANCE)) {
    throw new EnrollmentError("a probe that is not of unit norm: divide it by its norm");
  }
  const other = people.flatMap(({ references }) => references).find((one) => one.embedding.length !== probe.length);
  if (other === undefined) return;
  throw new EnrollmentError(
    `a probe of shape (${probe.length},) against references of ${other.embedding.length} numbers: ` +
      "use the model that they were enrolled with",
  );
}
