/**
 * What an enrollment must have, and what it warns of.
 *
 * Each recording becomes a reference of its own. Together with what the person has already they must hold five seconds
 * of speech; below fifteen, decisions get noticeably worse. References are one person's where a chain of pairs with an
 * LLR above 0 links them: the largest such group is taken for the person, everything outside it is named.
 */

import { EnrollmentError } from "../errors";
import { ENOUGH_SPEECH_S } from "../voice/speech";
import { NOT_ENOUGH, UNKNOWN } from "./deciding";
import { isNarrow, type Heard, type Matcher, type Speech } from "./matching";
import { sameBytes } from "./vectors";
import { personName, voiceprint, type Voiceprint } from "./voiceprint";
import { counted, folded, quoted, tenths } from "./wording";

/** Net speech that a person must have, seconds. */
export const LEAST_SPEECH_S = 5;
/** Net speech from which more makes little difference, seconds. */
export const GOOD_SPEECH_S = 15;

/** One recording of an enrollment. */
export interface Take {
  /** What warnings call it. */
  readonly name: string;
  readonly speech: Speech;
}

/** What the person agreed to, and what the recordings were made with. */
export interface EnrollmentTerms {
  /** When the person agreed: a date, or ISO 8601 with a time zone. */
  readonly consentAt: string | Date;
  /** What the person agreed to, in words. */
  readonly purpose: string;
  /** When the references are made; likewise. */
  readonly enrolledAt: string | Date;
  /** What it was recorded with ("headset", "phone"); null if unknown. */
  readonly source: string | null;
}

/** What an enrollment brings, to be stored. */
export interface Enrollment {
  /** Name as it is kept. */
  readonly person: string;
  /** References that are new. */
  readonly prints: readonly Voiceprint[];
  /** Net speech of all the person's references, seconds. */
  readonly speechS: number;
  /** Plain words, the most important first; empty when nothing is wrong. */
  readonly warnings: readonly string[];
}

/**
 * Make references of a person's recordings; none unless all of it is usable.
 *
 * @param name - of the person, 1 to 200 printable characters; somebody known gets further references.
 * @param takes - recordings; those with less than a second of speech are left out.
 * @param earlier - the references by the matcher's model that the person has already.
 * @throws EnrollmentError if the person would have less than 5 s of speech, or a field is not usable.
 */
export function enrollment(
  name: string,
  takes: readonly Take[],
  earlier: readonly Heard[],
  terms: EnrollmentTerms,
  matcher: Matcher,
): Enrollment {
  const person = freeName(name);
  const kept = usable(person, takes, earlier);
  const { name: modelName, version } = matcher.scorer.speaker.metadata;
  const prints = kept.map(({ speech }) =>
    voiceprint({
      ...terms,
      person,
      embedding: speech.embedding,
      model: { name: modelName, version },
      speechS: speech.speechS,
      bandwidthHz: speech.bandwidthHz || null,
      gender: speech.gender,
    }),
  );
  const warnings = warningsAbout(takes, kept, earlier, matcher);
  return { person, prints, speechS: totalS([...earlier, ...prints]), warnings };
}

/**
 * Return a person's name in the form that is kept.
 *
 * @throws EnrollmentError if it is not usable, or an answer that means nobody.
 */
export function freeName(name: string): string {
  const person = personName(name);
  if ([UNKNOWN, NOT_ENOUGH].some((answer) => answer === folded(person))) {
    throw new EnrollmentError(
      `${quoted(person)} is what identify says when it is nobody: choose another name`,
    );
  }
  return person;
}

/**
 * Return the recordings with enough speech to be a reference, each once.
 *
 * @param person - named in errors.
 * @param earlier - the references that the person has already.
 * @throws EnrollmentError if they do not hold enough speech together.
 */
export function usable(person: string, takes: readonly Take[], earlier: readonly Heard[]): Take[] {
  const found: Heard[] = [...earlier];
  const kept: Take[] = [];
  for (const take of takes) {
    const { speech } = take;
    if (speech.speechS < ENOUGH_SPEECH_S) continue;
    if (found.some((one) => sameBytes(one.embedding, speech.embedding))) continue;
    found.push(speech);
    kept.push(take);
  }
  const speechS = totalS(found);
  if (speechS < LEAST_SPEECH_S) {
    throw new EnrollmentError(
      `${person}: ${tenths(speechS)} s of speech in ${counted(found.length, "usable recording")}: enroll with ` +
        `${LEAST_SPEECH_S} s or more, best ${GOOD_SPEECH_S} s, in recordings that hold ${ENOUGH_SPEECH_S} s ` +
        "or more of speech each",
    );
  }
  return kept;
}

/** Return what is wrong with an enrollment of `kept`, out of `takes`, the most important first. */
export function warningsAbout(
  takes: readonly Take[],
  kept: readonly Take[],
  earlier: readonly Heard[],
  matcher: Matcher,
): string[] {
  const all = [...kept.map((take) => take.speech), ...earlier];
  const speechS = totalS(all);
  const strangers = strangersAmong(kept, earlier, matcher).map(
    (name) => `${name}: does not sound like the other recordings: check that it is the same person`,
  );
  const short = `only ${tenths(speechS)} s of speech: ${GOOD_SPEECH_S} s or more make decisions surer`;
  const leftOut = takes.filter((take) => !kept.some((one) => one.name === take.name && one.speech === take.speech));
  const telephone =
    "every recording has a telephone's band alone: add one at 16 kHz if wideband voices will come";
  return [
    ...strangers,
    ...(speechS < GOOD_SPEECH_S ? [short] : []),
    ...leftOut.map(whyLeftOut),
    ...(kept.length > 0 && all.every(isNarrow) ? [telephone] : []),
    ...kept.flatMap(({ name, speech }) =>
      speech.remarks.filter((remark) => !remark.includes("Narrow")).map((remark) => `${name}: ${remark}`),
    ),
  ];
}

/** Return the names of recordings outside the largest group of references that sound alike. */
export function strangersAmong(kept: readonly Take[], earlier: readonly Heard[], matcher: Matcher): string[] {
  const group = groups([...kept.map((take) => take.speech), ...earlier], matcher);
  const sizes = group.map((_, number) => group.filter((other) => other === number).length);
  const most = Math.max(0, ...sizes);
  // nobody sounds like anybody: there is no telling who is right
  if (most === 1 && group.length > 1) return kept.map((take) => take.name);
  // of equals the group with earlier references: they come last
  const largest = sizes.lastIndexOf(most);
  return kept.filter((_, at) => group[at] !== largest).map((take) => take.name);
}

/** Return for each piece of speech the number of its group: the place of the group's first member. */
function groups(heard: readonly Heard[], matcher: Matcher): number[] {
  const llrs = heard.map((one) => matcher.llrs(one, heard));
  const group = heard.map((_, at) => at);
  heard.forEach((_, first) =>
    heard.forEach((_, second) => {
      const [one, other] = [group[first], group[second]];
      if (one === other || !(llrs[first][second] > 0 || llrs[second][first] > 0)) return;
      const [joined, gone] = [Math.min(one, other), Math.max(one, other)];
      group.forEach((number, at) => (group[at] = number === gone ? joined : number));
    }),
  );
  return group;
}

function whyLeftOut({ name, speech }: Take): string {
  if (speech.speechS >= ENOUGH_SPEECH_S) return `${name}: enrolled already: left out`;
  return `${name}: only ${tenths(speech.speechS)} s of speech: left out`;
}

function totalS(heard: readonly Heard[]): number {
  return heard.reduce((sum, one) => sum + one.speechS, 0);
}
