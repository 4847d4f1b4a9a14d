/** What is said of a voice from the probabilities of a trait's labels. */

import { formatFixed } from "../rounding";
import type { Decision, Trait, TraitSegment } from "../values";
import { ENOUGH_SPEECH_S } from "../voice/speech";
import { type TraitModel, traitFigures, traitScores } from "./model";

/** The label of a decision that is left open. */
export const UNSURE = "unsure";

const CHILD = "child";

interface Verdict {
  readonly label: string;
  readonly score: number;
  readonly reasons: readonly string[];
}

/**
 * Return the verdict on what a model says of some speech.
 *
 * @param vector - Float32Array[outputs].
 * @param speechS - seconds of speech that it rests on; of less than one nothing is decided.
 * @param remarks - reasons for doubt that the recording gives.
 */
export function decideTrait(
  trait: TraitModel,
  vector: Float32Array,
  speechS: number,
  remarks: readonly string[] = [],
): Decision {
  const scores = traitScores(trait, vector, speechS);
  const verdict = trait.task === "gender" ? genderOf(trait, scores) : likeliestOf(trait, scores);
  const enough = speechS >= ENOUGH_SPEECH_S;
  const doubts = enough ? [] : [`only ${formatFixed(speechS, 1)} s of speech`];
  return {
    label: enough ? verdict.label : UNSURE,
    score: verdict.score,
    threshold: trait.threshold,
    evidenceS: speechS,
    reasons: [...doubts, ...verdict.reasons, ...remarks],
  };
}

/**
 * Return all that can be said of some speech.
 *
 * @param vector - Float32Array[outputs].
 * @param speechS - seconds of speech that it rests on.
 * @param remarks - reasons for doubt that the recording gives.
 * @param segments - the stretches that it is made of.
 */
export function describeTrait(
  trait: TraitModel,
  vector: Float32Array,
  speechS: number,
  remarks: readonly string[] = [],
  segments: readonly TraitSegment[] = [],
): Trait {
  return {
    task: trait.task,
    decision: decideTrait(trait, vector, speechS, remarks),
    scores: speechS ? traitScores(trait, vector, speechS) : {},
    figures: speechS ? traitFigures(trait, vector) : {},
    segments,
  };
}

/** The likeliest label where it is likely enough. */
function likeliestOf(trait: TraitModel, scores: Readonly<Record<string, number>>): Verdict {
  const [best, second] = [...trait.labels].sort((a, b) => scores[b] - scores[a]);
  const score = scores[best];
  if (score >= trait.threshold) return { label: best, score, reasons: [] };
  return { label: UNSURE, score, reasons: [`${best} or ${second}`] };
}

/** The likelier gender given that the voice is an adult's; children's voices are left open. */
function genderOf(trait: TraitModel, scores: Readonly<Record<string, number>>): Verdict {
  const adult = trait.labels.filter((label) => label !== CHILD);
  const best = adult.reduce((most, label) => (scores[label] > scores[most] ? label : most));
  const all = adult.reduce((sum, label) => sum + scores[label], 0);
  const score = scores[best] / Math.max(all, 1e-9);
  const limit = trait.metadata.thresholds[CHILD]?.value ?? 1;
  if ((scores[CHILD] ?? 0) >= limit) return { label: UNSURE, score, reasons: ["may be a child's voice"] };
  if (score < trait.threshold) return { label: UNSURE, score, reasons: [[...adult].sort().join(" or ")] };
  return { label: best, score, reasons: [] };
}
