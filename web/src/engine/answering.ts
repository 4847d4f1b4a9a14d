/** What the worker does for each call; everything but listening, which lasts. */

import { joinSteps } from "../core/voice/steps";
import { portions } from "../core/audio/conformer";
import { mixDown } from "../core/audio/mix-down";
import { Analysis, type AnalysisPlan } from "../core/report/analysis";
import { enrollment } from "../core/speakers/enrolling";
import { identify, verify } from "../core/speakers/deciding";
import { embed } from "../core/speakers/embedding";
import { enrolledPeople } from "../core/speakers/identifying";
import type { Speech } from "../core/speakers/matching";
import { EnrollmentError } from "../core/errors";
import { decideTrait, UNSURE } from "../core/traits/deciding";
import { type Diarizer, namesAmong } from "../core/turns/stream";
import type { Scores } from "../core/values";
import { windowMeans } from "../core/voice/averaging";
import { timedScores } from "../core/voice/detector";
import { findSpeech, type FoundSpeech } from "../core/voice/speech";
import { VoiceStream } from "../core/voice/stream";
import type { Models } from "./models";
import { pictureOf } from "./picture";
import type { Analysed, Calls, EngineFacts, KnownSpeakers, Progress } from "./protocol";

/** How a call tells how far it is, and learns that nobody waits for it any more. */
export interface Watch {
  readonly progress: (progress: Progress) => void;
  /** @throws an error named `CANCELLED` once the page has cancelled the call. */
  readonly check: () => void;
}

const BLOCK_S = 2;

/** Load the models of some tasks. */
export async function prepare(models: Models, { tasks }: Calls["prepare"]["input"], watch: Watch): Promise<EngineFacts> {
  const facts = await models.facts();
  for (const [done, task] of tasks.entries()) {
    watch.progress({ stage: "models", share: done / tasks.length });
    await models.prepare(task);
  }
  return facts;
}

/** Analyse a recording, with a picture of it. */
export async function analyse(models: Models, input: Calls["analyse"]["input"], watch: Watch): Promise<Analysed> {
  watch.progress({ stage: "models", share: 0 });
  const detector = await models.voice();
  const traits = await Promise.all(input.traits.map((task) => models.trait(task)));
  const speakers = input.speakers ? await diarizerOf(models, input.speakers) : undefined;
  const plan: AnalysisPlan = { voice: true, quality: true, detector, traits, source: input.source, ...(speakers && { speakers }) };
  const { channels, rateHz } = input.recording;
  const analysis = new Analysis(plan, rateHz, channels.length);
  const n = channels[0].length;
  const block = BLOCK_S * rateHz;
  for (let at = 0; at < n; at += block) {
    watch.check();
    watch.progress({ stage: "sound", share: at / n });
    await analysis.push(channels.map((channel) => channel.subarray(at, at + block)));
  }
  watch.check();
  return { report: await analysis.flush(), picture: pictureOf(input.recording) };
}

/** Return the probability of voice of each step of a recording. */
export async function scores(models: Models, { recording }: Calls["scores"]["input"]): Promise<Scores> {
  const detector = await models.voice();
  const samples = mixDown(recording.channels);
  const stream = new VoiceStream(detector, recording.rateHz);
  const updates = [];
  for (const part of portions(samples, BLOCK_S * recording.rateHz)) updates.push(await stream.push(part));
  updates.push(await stream.flush());
  return timedScores(detector, joinSteps(updates.map(({ steps }) => steps)), samples.length / recording.rateHz);
}

/** Return what a recording says about who speaks in it. */
export async function speech(models: Models, input: Calls["speech"]["input"], watch: Watch): Promise<Speech> {
  watch.progress({ stage: "models", share: 0 });
  const [detector, { model }] = await Promise.all([models.voice(), models.speaker()]);
  const { recording } = input;
  watch.progress({ stage: "sound", share: 0.3 });
  const found = await findSpeech(detector, recording, model.metadata.frontEnd.rateHz);
  watch.check();
  const [embedding] = await embed(model, [found.samples]);
  const gender = input.withGender ? await genderOf(models, found) : null;
  return { embedding, speechS: found.speechS, bandwidthHz: found.bandwidthHz, remarks: found.remarks, gender };
}

/** Make references of recordings. */
export async function enroll(models: Models, input: Calls["enroll"]["input"]): Promise<Calls["enroll"]["output"]> {
  const { matcher } = await models.speaker();
  return enrollment(input.name, input.takes, input.earlier, input.terms, matcher);
}

/** Say whether a recording is of a person. */
export async function verifyPerson(models: Models, input: Calls["verify"]["input"]): Promise<Calls["verify"]["output"]> {
  const { matcher, model } = await models.speaker();
  const people = enrolledPeople(input.prints, model.metadata);
  const claimed = people.find(({ person }) => person === input.person);
  if (!claimed) throw new EnrollmentError(`${input.person}: not enrolled: enroll first`);
  return verify(claimed, input.speech, matcher);
}

/** Say who speaks in a recording. */
export async function identifyPerson(models: Models, input: Calls["identify"]["input"]): Promise<Calls["identify"]["output"]> {
  const { matcher, model } = await models.speaker();
  return identify(enrolledPeople(input.prints, model.metadata), input.speech, matcher);
}

async function diarizerOf(models: Models, { prints, nSpeakers }: KnownSpeakers): Promise<Diarizer> {
  const { model, matcher } = await models.speaker();
  return { model, matcher, options: { nSpeakers, nameOf: namesAmong(prints, model.metadata, matcher) } };
}

/** Return what gender the speech of a recording sounds like; null where that is unsure. */
async function genderOf(models: Models, found: FoundSpeech): Promise<string | null> {
  const trait = await models.trait("gender");
  const [vector] = await windowMeans(trait.model, [found.samples]);
  const { label } = decideTrait(trait, vector, found.speechS);
  return label === UNSURE ? null : label;
}
