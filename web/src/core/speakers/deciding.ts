/** Decisions about who speaks, with their reasons in plain words. */

import type { Decision } from "../values";
import { ENOUGH_SPEECH_S } from "../voice/speech";
import { candidatesOf, nearestPeople, type Candidate, type Enrolled } from "./identifying";
import { isNarrow, type Matcher, type Speech } from "./matching";
import { operatingPoint, type OperatingPoint } from "./operating-point";
import { probability } from "./scoring";
import type { Voiceprint } from "./voiceprint";
import { quoted, share, tenths } from "./wording";

/** Answers of {@link verify}: the recording is of the person who is claimed, or is not. */
export const [ACCEPTED, REJECTED] = ["accepted", "rejected"] as const;
/** Answers of {@link identify} that are no name; `verify` gives the second one, too. */
export const [UNKNOWN, NOT_ENOUGH] = ["unknown", "not enough speech"] as const;

const TELEPHONE =
  "narrow band (telephone) against a wideband enrollment: enroll a recording of this line too, " +
  "or record as at enrollment";

/**
 * Say whether a recording is of an enrolled person.
 *
 * A recording that is played back, or a synthetic copy of the voice, is not told from the person. Where gender was
 * noted at enrollment and is told of the voice, a contradiction is a reason for doubt; it does not change the verdict.
 *
 * @param claimed - the person, with one reference or more by the matcher's model.
 * @param far - the chance that somebody else is accepted, above 0 and below 1; null takes the model's own.
 * @returns label "accepted", "rejected" or "not enough speech"; score and threshold are LLRs as probabilities.
 * @throws EnrollmentError if the speech's embedding is not of unit norm, or of another length than the references.
 * @throws ModelError, VoxliteError as `operatingPoint`.
 */
export function verify(claimed: Enrolled, speech: Speech, matcher: Matcher, far: number | null = null): Decision {
  const point = operatingPoint(matcher.scorer, far);
  if (speech.speechS < ENOUGH_SPEECH_S) return notEnough(speech, point);
  const [best] = candidatesOf([claimed], speech, matcher);
  const reasons = [`LLR ${tenths(best.llr)} against ${allOf(best)}; ${needed(point)}`, ...doubt(best, speech)];
  return decision(best.llr >= point.llr ? ACCEPTED : REJECTED, best, speech, point, reasons);
}

/**
 * Say which of the enrolled people speaks in a recording, or that it is none of them.
 *
 * @param people - everybody, in the order in which they were enrolled; see `enrolledPeople`.
 * @param far - the chance that a stranger is given any name, however many people there are; null takes the model's own.
 * @returns label a name, "unknown" or "not enough speech"; score and threshold as {@link verify}.
 * @throws EnrollmentError if the speech's embedding is not of unit norm, or of another length than the references.
 * @throws ModelError, VoxliteError as `operatingPoint`.
 */
export function identify(
  people: readonly Enrolled[],
  speech: Speech,
  matcher: Matcher,
  far: number | null = null,
): Decision {
  const point = operatingPoint(matcher.scorer, far, people.length);
  if (speech.speechS < ENOUGH_SPEECH_S) return notEnough(speech, point);
  if (people.length === 0) return without(UNKNOWN, "nobody is enrolled", speech, point);
  const [best, next] = candidatesOf(nearestPeople(people, speech), speech, matcher);
  const reasons = [`${best.person}: LLR ${tenths(best.llr)} against ${allOf(best)}; ${needed(point)}`];
  if (next !== undefined) reasons.push(`next is ${next.person}, LLR ${tenths(next.llr)}`);
  if (!(best.llr >= point.llr)) return decision(UNKNOWN, best, speech, point, reasons);
  return decision(best.person, best, speech, point, [...reasons, ...doubt(best, speech)]);
}

/** Return a reference in words. */
export function described(reference: Voiceprint): string {
  const source = reference.source === null ? "" : `${quoted(reference.source)} of `;
  return `the reference ${source}${reference.enrolledAt.slice(0, 10)} (${tenths(reference.speechS)} s)`;
}

function notEnough(speech: Speech, point: OperatingPoint): Decision {
  const reason = `only ${tenths(speech.speechS)} s of speech: ${ENOUGH_SPEECH_S} s is needed`;
  return without(NOT_ENOUGH, reason, speech, point);
}

/** Return an answer for which no voice was compared. */
function without(label: string, reason: string, speech: Speech, point: OperatingPoint): Decision {
  const threshold = probability(point.llr);
  return { label, score: 0, threshold, evidenceS: speech.speechS, reasons: [reason, ...speech.remarks] };
}

function decision(
  label: string,
  best: Candidate,
  speech: Speech,
  point: OperatingPoint,
  reasons: readonly string[],
): Decision {
  const line = isNarrow(speech) && !isNarrow(best.reference) ? [TELEPHONE] : [];
  return {
    label,
    score: probability(best.llr),
    threshold: probability(point.llr),
    evidenceS: speech.speechS,
    reasons: [...reasons, ...line, ...speech.remarks],
  };
}

/** Return what a voice's gender says against the person; it moves neither score nor verdict. */
function doubt(best: Candidate, speech: Speech): string[] {
  if (speech.gender === null || best.genders.length !== 1 || best.genders[0] === speech.gender) return [];
  return [`doubt: the voice sounds ${speech.gender}, ${best.person}'s enrolled voice ${best.genders[0]}`];
}

function allOf(best: Candidate): string {
  const nearest = described(best.reference);
  return best.nReferences === 1 ? nearest : `${best.nReferences} references, the nearest ${nearest}`;
}

function needed(point: OperatingPoint): string {
  const among = point.nPeople === 1 ? "" : ` among ${point.nPeople} people`;
  return `${tenths(point.llr)} is needed for a stranger's chance of ${share(point.far)}${among}`;
}
