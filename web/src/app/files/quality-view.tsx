/** Quality figures with their units, and what is bad in words. */

import type { JSX } from "preact";
import type { QualityReport } from "../../core/quality/report";
import { text } from "../../text/en";
import { grouped, percent, seconds } from "../format";

const words = text.files;

/** Figures as (name, value with unit), in the order of the Python client's reports. */
export function qualityLines({ measures, snrDb, longestSilenceS }: QualityReport): [string, string][] {
  const names = words.figures;
  const lines: [string, string | null][] = [
    [names.rms, decibels(measures.rmsDbfs, "dBFS")],
    [names.peak, decibels(measures.peakDbfs, "dBFS")],
    [names.loudness, decibels(measures.loudnessLufs, "LUFS")],
    [names.snr, decibels(snrDb, "dB")],
    [names.bandwidth, measures.bandwidthHz === null ? null : `${grouped(Math.round(measures.bandwidthHz))} Hz`],
    [names.longestSilence, seconds(longestSilenceS)],
    [names.clipped, percent(measures.clippedShare)],
    [names.dc, `${(100 * Math.abs(measures.dcOffset)).toFixed(2)} % ${words.ofFullScale}`],
    [names.dropOuts, String(measures.nDropOuts)],
  ];
  if (measures.deadChannels.length) lines.push([names.deadChannels, measures.deadChannels.join(", ")]);
  return lines.map(([name, value]) => [name, value ?? words.notMeasurable]);
}

/** The figures as a list of terms, remarks below it. */
export function QualityView({ quality }: { quality: QualityReport }): JSX.Element {
  return (
    <>
      <h3>{words.quality}</h3>
      <dl class="figures">
        {qualityLines(quality).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {quality.remarks.length ? (
        <div class="notice remark">
          <p class="notice-title">{words.remarks}</p>
          <ul>
            {quality.remarks.map((remark) => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}

function decibels(value: number | null, unit: string): string | null {
  return value === null ? null : `${value.toFixed(1)} ${unit}`;
}
