/** Media quality of a recording: figures of its raw sound, shares of what it holds, remarks on what is bad. */

import { durationS, type Label, LABELS, type Segment } from "../values";
import type { QualityMeasures } from "./measures";
import { remarksOn } from "./remarks";

/** Everything about the quality of one recording. */
export interface QualityReport {
  /** Figures of the raw recording. */
  readonly measures: QualityMeasures;
  /** Share of the time that is voice, silence and noise, 0..1 each; all 0 without segments. */
  readonly shares: Readonly<Record<Label, number>>;
  /** Longest unbroken silence, seconds. */
  readonly longestSilenceS: number;
  /** Estimated signal-to-noise ratio of the voice, dB, -20..100 (100: the background is digital silence), or null. */
  readonly snrDb: number | null;
  /** Plain words, one per thing that is bad, the worst first. */
  readonly remarks: readonly string[];
}

/**
 * Put the figures together and say in words what is bad.
 *
 * @param measures - what `QualityMeter.flush` gave.
 * @param segments - the recording's segments in order of time; may be empty.
 * @param snrDb - what `estimateSnrDb` gave.
 */
export function assessQuality(
  measures: QualityMeasures,
  segments: readonly Segment[],
  snrDb: number | null,
): QualityReport {
  const shares = labelShares(segments);
  const longest = longestSilenceS(segments);
  return { measures, shares, longestSilenceS: longest, snrDb, remarks: remarksOn(measures, shares, longest, snrDb) };
}

/** Return the share of the time per label, 0..1; zeros when there are no segments. */
export function labelShares(segments: readonly Segment[]): Record<Label, number> {
  const total = segments.reduce((sum, segment) => sum + durationS(segment), 0);
  const shares: Record<Label, number> = { voice: 0, silence: 0, noise: 0 };
  for (const label of LABELS) {
    const own = segments.filter((segment) => segment.label === label);
    shares[label] = total > 0 ? own.reduce((sum, segment) => sum + durationS(segment), 0) / total : 0;
  }
  return shares;
}

/** Return the longest run of silence; segments that touch are one. */
function longestSilenceS(segments: readonly Segment[]): number {
  let longest = 0;
  let begin = 0;
  let end = -1;
  for (const segment of segments) {
    if (segment.label !== "silence") continue;
    if (segment.startS > end) begin = segment.startS;
    end = segment.endS;
    longest = Math.max(longest, end - begin);
  }
  return longest;
}
