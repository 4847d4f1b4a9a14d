/** The models that lie beside the page: their index, and their files, checked before anything reads them. */

import { ModelError } from "../core/errors";
import { type ModelMetadata, readMetadata } from "../core/model";
import { DEFAULT_MODELS } from "./default-models";

/** A task that a model does. */
export type Task = keyof typeof DEFAULT_MODELS;

const SCHEMA = "voxlite.models/1";

/** A file of the index. */
export interface ModelFile {
  /** Beside the index. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A shipped model. */
export interface CatalogEntry {
  readonly task: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly file: ModelFile;
  readonly metadata: ModelMetadata;
  /** Strangers' embeddings, int8 rows; speaker models have them. */
  readonly cohort: ModelFile | null;
  /** Whether this client uses it: one per task. */
  readonly isUsed: boolean;
  /** The model's card, Markdown. */
  readonly card: ModelFile | null;
}

/** All shipped models. */
export interface Catalog {
  /** Version of the Python client that wrote it. */
  readonly version: string;
  readonly models: readonly CatalogEntry[];
  /** Address of the folder of the files, with a slash at its end. */
  readonly folder: string;
}

/**
 * Fetch the index of models.
 *
 * @param folder - address with a slash at its end.
 * @throws ModelError if it cannot be fetched or is not one.
 */
export async function fetchCatalog(folder: string): Promise<Catalog> {
  const bytes = await fetchBytes(`${folder}index.json`);
  return readCatalog(JSON.parse(new TextDecoder().decode(bytes)), folder);
}

/**
 * Read the index of models from parsed JSON.
 *
 * @throws ModelError if it does not fit this version.
 */
export function readCatalog(data: unknown, folder: string): Catalog {
  const index = record(data);
  if (index["schema"] !== SCHEMA || !Array.isArray(index["models"])) {
    throw new ModelError(`${folder}index.json: made for another version of voxlite; build the client again`);
  }
  return { version: String(index["voxlite"]), folder, models: index["models"].map((entry) => readEntry(record(entry))) };
}

/**
 * Return the model that this client uses for a task.
 *
 * @throws ModelError if the index has none.
 */
export function entryFor(catalog: Catalog, task: Task): CatalogEntry {
  const found = catalog.models.find((entry) => entry.task === task && entry.name === DEFAULT_MODELS[task]);
  if (!found) throw new ModelError(`${catalog.folder}index.json: no ${task} model named ${DEFAULT_MODELS[task]}`);
  return found;
}

/**
 * Fetch a file of the index.
 *
 * @throws ModelError if it cannot be fetched, or is not the file that the index tells of.
 */
export async function fetchFile(catalog: Catalog, file: ModelFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fetchBytes(catalog.folder + file.path);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== file.sha256) {
    throw new ModelError(`${file.path}: damaged on its way (its SHA-256 is another): reload the page`);
  }
  return bytes;
}

async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch {
    throw new ModelError(`${address}: cannot be fetched; connect once, then it works without a network`);
  }
  if (!response.ok) throw new ModelError(`${address}: cannot be fetched (status ${response.status}): reload the page`);
  return new Uint8Array(await response.arrayBuffer());
}

function readEntry(entry: Readonly<Record<string, unknown>>): CatalogEntry {
  const name = `${String(entry["task"])}-${String(entry["name"])}`;
  return {
    task: String(entry["task"]),
    name: String(entry["name"]),
    version: String(entry["version"]),
    licence: String(entry["licence"]),
    isUsed: Object.entries(DEFAULT_MODELS).some(([task, model]) => `${task}-${model}` === name),
    file: readFile(entry["file"]),
    metadata: readMetadata(entry["metadata"], name),
    cohort: entry["cohort"] === undefined ? null : readFile(entry["cohort"]),
    card: entry["card"] === undefined ? null : readFile(entry["card"]),
  };
}

function readFile(data: unknown): ModelFile {
  const { path, bytes, sha256 } = record(data);
  if (typeof path !== "string" || typeof bytes !== "number" || typeof sha256 !== "string") {
    throw new ModelError("the index of models does not name its files; build the client again");
  }
  return { path, bytes, sha256 };
}

function record(data: unknown): Readonly<Record<string, unknown>> {
  if (typeof data !== "object" || data === null) {
    throw new ModelError("the index of models is not usable; build the client again");
  }
  return data as Record<string, unknown>;
}
