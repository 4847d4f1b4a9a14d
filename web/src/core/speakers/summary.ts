/** Who is enrolled, in one line each. */

import { modelText, type Voiceprint } from "./voiceprint";
import { alphabetically } from "./wording";

/** What is known of one enrolled person; lists without repetition, in alphabetical order. */
export interface EnrolledVoice {
  readonly person: string;
  /** Enrolled recordings. */
  readonly nReferences: number;
  /** Net speech of all of them, seconds. */
  readonly speechS: number;
  /** Names and versions of the models that made them. */
  readonly models: readonly string[];
  /** What they were recorded with, where known. */
  readonly sources: readonly string[];
  /** What they sound like, where that was noted. */
  readonly genders: readonly string[];
  /** What the person agreed to. */
  readonly purposes: readonly string[];
  /** When the person agreed, the latest time: ISO 8601, UTC. */
  readonly consentAt: string;
  /** When the latest reference was made; likewise. */
  readonly enrolledAt: string;
}

/** Return everybody who has prints, in alphabetical order. */
export function enrolledVoices(prints: readonly Voiceprint[]): EnrolledVoice[] {
  return each(prints.map((print) => print.person)).map((person) => {
    const own = prints.filter((print) => print.person === person);
    return {
      person,
      nReferences: own.length,
      speechS: own.reduce((sum, print) => sum + print.speechS, 0),
      models: each(own.map((print) => modelText(print.model))),
      sources: each(own.map((print) => print.source)),
      genders: each(own.map((print) => print.gender)),
      purposes: each(own.map((print) => print.purpose)),
      consentAt: latest(own.map((print) => print.consentAt)),
      enrolledAt: latest(own.map((print) => print.enrolledAt)),
    };
  });
}

function each(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.filter((text) => text !== null))].sort(alphabetically);
}

function latest(times: readonly string[]): string {
  return times.reduce((last, time) => (time > last ? time : last), "");
}
