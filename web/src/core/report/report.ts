/** Everything that was found in one recording, as plain data with a versioned schema. */

import type { QualityMeasures } from "../quality/measures";
import { labelShares, type QualityReport } from "../quality/report";
import { roundTo } from "../rounding";
import type { Turn } from "../turns/turns";
import { type Decision, durationS, type Scores, type Segment, type Span, type Trait, type TraitSegment } from "../values";

/** Schema of the JSON; a key that a task adds leaves the number alone, one that changes or goes would raise it. */
export const REPORT_SCHEMA = "voxlite.report/1";

/** A model that was used. */
export interface UsedModel {
  readonly task: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** The findings of one recording. */
export interface Report {
  /** Name of the file; null for sound in memory. */
  readonly source: string | null;
  /** Of the recording itself, before any conversion. */
  readonly durationS: number;
  readonly rateHz: number;
  readonly channels: number;
  /** Whether there is a human voice anywhere; null when the task was not asked for. */
  readonly voice: Decision | null;
  /** Voice, silence and noise, partitioning the recording; empty when the task was not asked for. */
  readonly segments: readonly Segment[];
  /** Probability of voice per step; null when the task was not asked for. */
  readonly scores: Scores | null;
  /** Media quality; null when the task was not asked for. */
  readonly quality: QualityReport | null;
  /** One entry per model used. */
  readonly models: readonly UsedModel[];
  /** Who speaks when, in order of time; the turns partition the voice segments. Null when the task was not asked for. */
  readonly speakers: readonly Turn[] | null;
  /** What the voices sound like, one entry for each of the tasks gender and mood that was asked for. */
  readonly traits: readonly Trait[];
}

/** Return how long each speaker speaks, seconds, in order of appearance. */
export function speakerTimesS(turns: readonly Turn[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const turn of turns) times.set(turn.speaker, (times.get(turn.speaker) ?? 0) + durationS(turn));
  return times;
}

/** Data that JSON can hold. */
export type Plain = null | string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** Return a report as the plain data that `voxlite analyze --format json` writes: no NaN, times in seconds. */
export function reportData(report: Report): { [key: string]: Plain } {
  const result: { [key: string]: Plain } = {
    schema: REPORT_SCHEMA,
    source: report.source,
    duration_s: roundTo(report.durationS, 4),
    rate_hz: report.rateHz,
    channels: report.channels,
    models: report.models.map(({ task, name, version, licence }) => ({ task, name, version, licence })),
  };
  if (report.voice) {
    result.voice = decisionData(report.voice);
    result.shares = rounded(labelShares(report.segments));
    result.segments = report.segments.map(labelledData);
  }
  if (report.speakers) {
    result.speakers = report.speakers.map((turn) => ({ ...spanData(turn), speaker: turn.speaker, ...score(turn) }));
  }
  for (const trait of report.traits) result[trait.task] = traitData(trait);
  if (report.quality) result.quality = qualityData(report.quality);
  return result;
}

/** Return a report as JSON text without a line end. */
export function reportJson(report: Report): string {
  return JSON.stringify(reportData(report), null, 2);
}

/** Return a decision as the plain data of a report. */
export function decisionData(decision: Decision): { [key: string]: Plain } {
  return {
    label: decision.label,
    score: roundTo(decision.score, 4),
    threshold: decision.threshold,
    evidence_s: roundTo(decision.evidenceS, 3),
    reasons: decision.reasons,
  };
}

function traitData(trait: Trait): Plain {
  return {
    decision: decisionData(trait.decision),
    scores: rounded(trait.scores),
    ...rounded(trait.figures),
    segments: trait.segments.map(labelledData),
  };
}

function qualityData(quality: QualityReport): Plain {
  return {
    ...measuresData(quality.measures),
    shares: rounded(quality.shares),
    longest_silence_s: roundTo(quality.longestSilenceS, 4),
    snr_db: maybe(quality.snrDb, 1),
    remarks: quality.remarks,
  };
}

function measuresData(measures: QualityMeasures): { [key: string]: Plain } {
  return {
    duration_s: roundTo(measures.durationS, 4),
    rate_hz: measures.rateHz,
    channels: measures.channels,
    rms_dbfs: maybe(measures.rmsDbfs, 2),
    peak_dbfs: maybe(measures.peakDbfs, 2),
    loudness_lufs: maybe(measures.loudnessLufs, 2),
    clipped_share: roundTo(measures.clippedShare, 6),
    dc_offset_share: roundTo(measures.dcOffset, 5) + 0, // no minus zero
    bandwidth_hz: maybe(measures.bandwidthHz, 0),
    n_drop_outs: measures.nDropOuts,
    drop_outs: measures.dropOuts.map((gap) => ({
      start_s: roundTo(gap.startS, 4),
      duration_s: roundTo(gap.durationS, 4),
    })),
    dead_channels: measures.deadChannels,
  };
}

function labelledData(segment: Segment | TraitSegment): Plain {
  return { ...spanData(segment), label: segment.label, ...score(segment) };
}

function spanData(span: Span): { start_s: number; end_s: number } {
  return { start_s: roundTo(span.startS, 4), end_s: roundTo(span.endS, 4) };
}

function score(of: { readonly score: number }): { score: number } {
  return { score: roundTo(of.score, 4) };
}

function rounded(values: Readonly<Record<string, number>>): { [key: string]: number } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, roundTo(value, 4)]));
}

function maybe(value: number | null, digits: number): number | null {
  return value === null ? null : roundTo(value, digits);
}
