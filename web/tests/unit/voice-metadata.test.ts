import { describe, expect, test } from "vitest";
import { ModelError } from "../../src/core/errors";
import { readMetadata } from "../../src/core/model";
import { metadataOf } from "./recorded-models";
import { INDEX } from "./recording-vectors";

describe("metadata", () => {
  test("is read as Python writes it", () => {
    const metadata = metadataOf("gender");
    expect(metadata.labels).toEqual(["female", "male", "child"]);
    expect(metadata).toMatchObject({ resizable: false, embeddingSize: 0, netInput: "logmel" });
    expect(metadata.frontEnd).toMatchObject({ rateHz: 16_000, fftSize: 1_024, recipe: "plain" });
    expect(metadata.thresholds.decide.value).toBeGreaterThan(0);
    expect(metadataOf("voice").outputs).toEqual([]);
  });

  test.each([
    ["schema", "voxlite.model/2"],
    ["geometry", { step: 0, before: 1, after: 1 }],
    ["geometry", { step: 640, before: 1 }],
    ["calibration", { step_slope: "1" }],
    ["labels", "voice"],
    ["frontend", null],
    ["thresholds", { step: {} }],
  ])("a %s of %o is refused, with the model's name", (key, value) => {
    const data = { ...(INDEX.models.voice as Record<string, unknown>), [key]: value };
    expect(() => readMetadata(data, "some.tflite")).toThrow(ModelError);
    expect(() => readMetadata(data, "some.tflite")).toThrow(/^some\.tflite: /);
    expect(() => readMetadata([], "some.tflite")).toThrow(ModelError);
  });
});
