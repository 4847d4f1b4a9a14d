/** What a model file says of itself, and what runs it. Here alone the JSON's names meet this client's. */

import { ModelError } from "./errors";

/** Schema of the metadata that this version reads. */
export const MODEL_SCHEMA = "voxlite.model/1";

/** Which samples an output step covers and needs; all in samples at the front end's rate. */
export interface StepGeometry {
  /** Samples that one output covers; step k covers k * step .. (k + 1) * step of the sound. */
  readonly step: number;
  /** Further samples that an output depends on before those it covers. */
  readonly before: number;
  /** The same after them. */
  readonly after: number;
}

/** How the waveform becomes features inside the graph: what a client shows of it, not what it computes. */
export interface FrontEndConfig {
  /** Rate of the samples that the model takes, Hz. */
  readonly rateHz: number;
  readonly windowS: number;
  readonly hopS: number;
  readonly fftSize: number;
  readonly melBands: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly coefficients: number;
  /** "mfcc" or "logmel". */
  readonly kind: string;
  /** "plain" or "kaldi". */
  readonly recipe: string;
}

/** An operating point: the value, and the figures and data that it comes from. */
export interface Threshold {
  readonly value: number;
  readonly [figure: string]: unknown;
}

/** Everything a client needs to know besides the weights. */
export interface ModelMetadata {
  readonly name: string;
  readonly version: string;
  /** "voice", "speaker", "gender" or "mood". */
  readonly task: string;
  /** What a score tells of; of a voice model what a score near one means first, near zero second. */
  readonly labels: readonly string[];
  readonly frontEnd: FrontEndConfig;
  readonly geometry: StepGeometry;
  readonly calibration: Readonly<Record<string, number>>;
  readonly thresholds: Readonly<Record<string, Threshold>>;
  /** SPDX expression. */
  readonly licence: string;
  readonly description: string;
  readonly weights: string;
  readonly training: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, number>>;
  readonly netInput: string;
  readonly resizable: boolean;
  /** Numbers in the vector of unit norm that a call gives for one window; 0 for a model that gives scores. */
  readonly embeddingSize: number;
  /** Names of the numbers that a call gives for one window; empty for a model of steps or embeddings. */
  readonly outputs: readonly string[];
}

/** A model ready to run: waveform in, one output out. */
export interface WaveformModel {
  readonly metadata: ModelMetadata;
  /** Samples that a call takes, at least the geometry's window; fixed, since browsers refuse dynamic shapes. */
  readonly inputSamples: number;
  /**
   * Run the model once.
   *
   * @param window - Float32Array[inputSamples], mono, at `metadata.frontEnd.rateHz`, full scale -1..1.
   * @returns one logit per step that fits into the window, or the one window's vector. The caller may keep it, and may
   * reuse `window` once the result is there.
   */
  run(window: Float32Array): Promise<Float32Array> | Float32Array;
}

/** Return the samples that a single step needs. */
export function windowSamples(geometry: StepGeometry): number {
  return geometry.before + geometry.step + geometry.after;
}

/** Return the samples that `nSteps` steps need. */
export function inputLength(geometry: StepGeometry, nSteps: number): number {
  return windowSamples(geometry) + (nSteps - 1) * geometry.step;
}

/** Return how many steps an input of `nSamples` gives. */
export function stepsIn(geometry: StepGeometry, nSamples: number): number {
  const window = windowSamples(geometry);
  return nSamples < window ? 0 : Math.floor((nSamples - window) / geometry.step) + 1;
}

/** Return the numbers that a call gives for one window; 0 for a model that scores steps. */
export function vectorSize(metadata: ModelMetadata): number {
  return metadata.embeddingSize || metadata.outputs.length;
}

/**
 * Read a model's metadata from the JSON that its file holds, already parsed.
 *
 * @param data - what `ModelMetadata.to_json` of the Python client writes.
 * @param where - what an error calls the model: its file or name.
 * @throws ModelError if the data does not fit this version of voxlite.
 */
export function readMetadata(data: unknown, where: string): ModelMetadata {
  const read = new Reader(data, where);
  if (read.text("schema") !== MODEL_SCHEMA) {
    throw new ModelError(`${where}: made for another version of voxlite; export the model again`);
  }
  const geometry = new Reader(read.value("geometry"), where);
  return {
    name: read.text("name"),
    version: read.text("version"),
    task: read.text("task"),
    labels: read.texts("labels"),
    frontEnd: frontEnd(new Reader(read.value("frontend"), where)),
    geometry: {
      step: geometry.count("step", 1),
      before: geometry.count("before", 0),
      after: geometry.count("after", 0),
    },
    calibration: read.numbers("calibration"),
    thresholds: thresholds(read.value("thresholds"), where),
    licence: read.text("licence"),
    description: read.text("description"),
    weights: read.text("weights"),
    training: read.record("training"),
    figures: read.numbers("figures"),
    netInput: read.text("net_input", "logmel"),
    resizable: read.flag("resizable", true),
    embeddingSize: read.has("embedding_size") ? read.count("embedding_size", 0) : 0,
    outputs: read.has("outputs") ? read.texts("outputs") : [],
  };
}

function frontEnd(read: Reader): FrontEndConfig {
  return {
    rateHz: read.count("rate_hz", 4_000),
    windowS: read.number("window_s"),
    hopS: read.number("hop_s"),
    fftSize: read.count("fft_size", 2),
    melBands: read.count("mel_bands", 1),
    lowHz: read.number("low_hz"),
    highHz: read.number("high_hz"),
    coefficients: read.count("coefficients", 1),
    kind: read.text("kind"),
    recipe: read.text("recipe", "plain"),
  };
}

function thresholds(data: unknown, where: string): Record<string, Threshold> {
  const found: Record<string, Threshold> = {};
  for (const name of Object.keys(new Reader(data, where).data)) {
    const entry = new Reader(new Reader(data, where).value(name), where);
    found[name] = { ...entry.data, value: entry.number("value") };
  }
  return found;
}

/** Takes values out of parsed JSON and refuses those of another kind. */
class Reader {
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    data: unknown,
    private readonly where: string,
  ) {
    if (typeof data !== "object" || data === null || Array.isArray(data)) throw this.unusable("a part of it");
    this.data = data as Record<string, unknown>;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.data, key);
  }

  value(key: string): unknown {
    if (!this.has(key)) throw this.unusable(key);
    return this.data[key];
  }

  text(key: string, otherwise?: string): string {
    const value = this.has(key) || otherwise === undefined ? this.value(key) : otherwise;
    if (typeof value !== "string") throw this.unusable(key);
    return value;
  }

  number(key: string): number {
    const value = this.value(key);
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.unusable(key);
    return value;
  }

  count(key: string, least: number): number {
    const value = this.number(key);
    if (!Number.isInteger(value) || value < least) throw this.unusable(key);
    return value;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.has(key) ? this.data[key] : otherwise;
    if (typeof value !== "boolean") throw this.unusable(key);
    return value;
  }

  texts(key: string): string[] {
    const value = this.value(key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw this.unusable(key);
    return value;
  }

  record(key: string): Readonly<Record<string, unknown>> {
    return this.has(key) ? new Reader(this.data[key], this.where).data : {};
  }

  numbers(key: string): Record<string, number> {
    const inner = new Reader(this.has(key) ? this.data[key] : {}, this.where);
    return Object.fromEntries(Object.keys(inner.data).map((name) => [name, inner.number(name)]));
  }

  private unusable(what: string): ModelError {
    return new ModelError(`${this.where}: its voxlite metadata is not usable (${what}); export the model again`);
  }
}
