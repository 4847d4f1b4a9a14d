/** The index of models: what it may be, and that files other than those it names are refused. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { entryFor, fetchFile, readCatalog } from "../../src/engine/catalog";
import { DEFAULT_MODELS } from "../../src/engine/default-models";
import { INDEX } from "./recording-vectors";

const FOLDER = "https://example.test/models/";

function indexOf(changes: Record<string, unknown> = {}): unknown {
  const file = { path: "voice-compact-0123456789.tflite", bytes: 3, sha256: sha256(Uint8Array.of(1, 2, 3)) };
  const metadata: unknown = INDEX.models["voice"];
  const model = { task: "voice", name: "compact", version: "1", licence: "Apache-2.0", file, metadata };
  return { schema: "voxlite.models/1", voxlite: "1.2.3", models: [model], ...changes };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

afterEach(() => vi.unstubAllGlobals());

test("an index tells each model, its file and whether it is used", () => {
  const catalog = readCatalog(indexOf(), FOLDER);
  expect(catalog.version).toBe("1.2.3");
  const entry = entryFor(catalog, "voice");
  expect(entry.metadata.geometry.step).toBeGreaterThan(0);
  expect(entry).toMatchObject({ name: DEFAULT_MODELS.voice, isUsed: true, cohort: null, card: null });
});

test("an index of another version, or without files, is refused with the cure", () => {
  expect(() => readCatalog(indexOf({ schema: "voxlite.models/2" }), FOLDER)).toThrow("build the client again");
  expect(() => readCatalog(indexOf({ models: [{ task: "voice" }] }), FOLDER)).toThrow("not usable");
  expect(() => readCatalog(null, FOLDER)).toThrow("build the client again");
});

test("a task without a model is named", () => {
  expect(() => entryFor(readCatalog(indexOf(), FOLDER), "mood")).toThrow("no mood model named mood");
});

test("a file is fetched beside the index, and refused if its content is another", async () => {
  const catalog = readCatalog(indexOf(), FOLDER);
  const { file } = entryFor(catalog, "voice");
  const asked: string[] = [];
  const serve = (bytes: Uint8Array<ArrayBuffer>): void => {
    vi.stubGlobal("fetch", (address: string) => {
      asked.push(address);
      return Promise.resolve(new Response(bytes));
    });
  };
  serve(Uint8Array.of(1, 2, 3));
  expect(await fetchFile(catalog, file)).toEqual(Uint8Array.of(1, 2, 3));
  expect(asked).toEqual([FOLDER + file.path]);
  serve(Uint8Array.of(1, 2, 4));
  await expect(fetchFile(catalog, file)).rejects.toThrow("SHA-256");
});

test("without a network, and on a missing file, the cure is told", async () => {
  const catalog = readCatalog(indexOf(), FOLDER);
  const { file } = entryFor(catalog, "voice");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await expect(fetchFile(catalog, file)).rejects.toThrow("connect once");
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 404 })));
  await expect(fetchFile(catalog, file)).rejects.toThrow("status 404");
});

test("every default model is one that the Python client ships", () => {
  const folder = new URL("../../../src/voxlite/models/", import.meta.url);
  for (const [task, name] of Object.entries(DEFAULT_MODELS)) {
    expect(readFileSync(new URL(`${task}-${name}.tflite`, folder)).length).toBeGreaterThan(0);
  }
});
