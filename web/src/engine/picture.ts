/** What a picture of a recording shows: the outline of its waveform, and a spectrogram on a mel-like scale. */

import { mixDown } from "../core/audio/mix-down";
import type { Recording } from "../core/audio/audio";
import { PowerSpectrum } from "../core/quality/fft";
import type { Picture } from "./protocol";

const COLUMNS = 960;
const BANDS = 96;
const FRAME_S = 0.025;
const MOST_HZ = 8_000;
/** Frames that a column shows the mean of, at most: enough for the eye. */
const FRAMES = 4;
const FLOOR_DB = -95;
const TOP_DB = -25;

/** Return the picture of a recording; its levels are of the mean of the channels. */
export function pictureOf(recording: Recording): Picture {
  const samples = mixDown(recording.channels);
  const columns = Math.max(1, Math.min(COLUMNS, samples.length));
  const lowest = new Float32Array(columns);
  const highest = new Float32Array(columns);
  const highHz = Math.min(MOST_HZ, recording.rateHz / 2);
  const spectrum = new Spectrogram(recording.rateHz, highHz);
  const spectrogram = new Uint8Array(columns * BANDS);
  for (let column = 0; column < columns; column++) {
    const begin = Math.floor((column * samples.length) / columns);
    const end = Math.max(begin + 1, Math.floor(((column + 1) * samples.length) / columns));
    const [low, high] = extremes(samples, begin, end);
    lowest[column] = low;
    highest[column] = high;
    spectrogram.set(spectrum.column(samples, begin, end), column * BANDS);
  }
  return { lowest, highest, spectrogram, columns, bands: BANDS, highHz };
}

/** Return the band edges in bins, BANDS + 1 of them, evenly spaced on the mel scale. */
export function melEdges(bands: number, highHz: number, binHz: number): Float64Array {
  const most = 1127 * Math.log1p(highHz / 700);
  return Float64Array.from({ length: bands + 1 }, (_, k) => (700 * Math.expm1((most * k) / bands / 1127)) / binHz);
}

class Spectrogram {
  private readonly size: number;
  private readonly window: Float32Array;
  private readonly spectrum: PowerSpectrum;
  private readonly edges: Float64Array;
  private readonly gain: number;
  private readonly power: Float64Array;

  constructor(rateHz: number, highHz: number) {
    this.size = 2 ** Math.round(Math.log2(FRAME_S * rateHz));
    this.window = Float32Array.from({ length: this.size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / this.size));
    this.spectrum = new PowerSpectrum(this.size);
    this.edges = melEdges(BANDS, highHz, rateHz / this.size);
    this.gain = 4 / (this.size * this.size * 0.375);
    this.power = new Float64Array(this.size / 2 + 1);
  }

  /** Return Uint8Array[BANDS] for the samples [begin, end), the mean of a few frames among them. */
  column(samples: Float32Array, begin: number, end: number): Uint8Array {
    const frames = Math.max(1, Math.min(FRAMES, Math.floor((end - begin) / this.size)));
    this.power.fill(0);
    for (let frame = 0; frame < frames; frame++) {
      const middle = begin + ((end - begin) * (frame + 0.5)) / frames;
      const from = Math.max(0, Math.min(samples.length - this.size, Math.round(middle - this.size / 2)));
      this.spectrum.add(samples.subarray(from, from + this.size), this.window, this.gain / frames, this.power);
    }
    return Uint8Array.from({ length: BANDS }, (_, band) => this.shade(this.edges[band], this.edges[band + 1]));
  }

  private shade(first: number, last: number): number {
    const from = Math.floor(first);
    const to = Math.max(from + 1, Math.floor(last));
    let most = 0;
    for (let bin = from; bin < to && bin < this.power.length; bin++) most = Math.max(most, this.power[bin]);
    const db = 10 * Math.log10(most + 1e-12);
    return Math.round(255 * Math.min(1, Math.max(0, (db - FLOOR_DB) / (TOP_DB - FLOOR_DB))));
  }
}

function extremes(samples: Float32Array, begin: number, end: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = begin; i < end; i++) {
    if (samples[i] < low) low = samples[i];
    if (samples[i] > high) high = samples[i];
  }
  return low <= high ? [low, high] : [0, 0];
}
