/** LiteRT.js in a classic worker: loads the variant that the browser can use, and compiles models for it. */

import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import compatScript from "@litertjs/core/wasm/litert_wasm_compat_internal.js?url";
import compatWasm from "@litertjs/core/wasm/litert_wasm_compat_internal.wasm?url";
import plainScript from "@litertjs/core/wasm/litert_wasm_internal.js?url";
import plainWasm from "@litertjs/core/wasm/litert_wasm_internal.wasm?url";
import threadedScript from "@litertjs/core/wasm/litert_wasm_threaded_internal.js?url";
import threadedWasm from "@litertjs/core/wasm/litert_wasm_threaded_internal.wasm?url";
import { ModelError } from "../core/errors";
import { type ModelMetadata, stepsIn, vectorSize, type WaveformModel } from "../core/model";
import { chooseVariant, type Variant } from "./variant";

/** Threads beyond which such small models gain nothing. */
const MOST_THREADS = 4;

const FILES: Readonly<Record<Variant, { readonly script: string; readonly wasm: string }>> = {
  threaded: { script: threadedScript, wasm: threadedWasm },
  plain: { script: plainScript, wasm: plainWasm },
  compat: { script: compatScript, wasm: compatWasm },
};

/** A loaded runner. */
export interface Runtime {
  readonly variant: Variant;
  /** That a model's operations may use. */
  readonly threads: number;
}

/**
 * Load the model runner; once per worker.
 *
 * @param mostThreads - that it may use.
 * @throws ModelError if the browser cannot run it.
 */
export async function loadRuntime(mostThreads = MOST_THREADS): Promise<Runtime> {
  const wanted = chooseVariant(self.crossOriginIsolated && mostThreads > 1);
  const threads = wanted === "threaded" ? Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency)) : 1;
  const variant = threads > 1 ? wanted : chooseVariant(false);
  const script = new URL(FILES[variant].script, self.location.href).href;
  const wasm = new URL(FILES[variant].wasm, self.location.href).href;
  // The script would look for its wasm, and for its threads' script, at this worker's own address.
  Object.assign(self, {
    Module: {
      locateFile: (name: string) => (name.endsWith(".wasm") ? wasm : name),
      mainScriptUrlOrBlob: script,
      print: () => undefined,
      // It writes all that it does to the error output; errors come as exceptions anyway.
      printErr: () => undefined,
    },
  });
  // It starts a thread for each core; those above `threads` would only hold memory.
  if (variant === "threaded") Object.defineProperty(navigator, "hardwareConcurrency", { value: threads });
  try {
    await loadLiteRt(script);
  } catch (error) {
    throw new ModelError("this browser cannot run the models (WebAssembly with SIMD is missing): update it", {
      cause: error,
    });
  }
  return { variant, threads };
}

/**
 * Compile a model.
 *
 * @param content - of the `.tflite` file.
 * @throws ModelError if it cannot be compiled, or does not fit its metadata.
 */
export async function compile(runtime: Runtime, content: Uint8Array, metadata: ModelMetadata): Promise<WaveformModel> {
  let compiled: CompiledModel;
  try {
    compiled = await loadAndCompile(content, { accelerator: "wasm", cpuOptions: { numThreads: runtime.threads } });
  } catch (error) {
    throw new ModelError(`${metadata.name}: cannot be run here (${String(error)}): reload the page`, { cause: error });
  }
  const shape = compiled.getInputDetails()[0].shape;
  const inputSamples = shape[1];
  if (shape.length !== 2 || shape[0] !== 1 || stepsIn(metadata.geometry, inputSamples) < 1) {
    compiled.delete();
    throw new ModelError(`${metadata.name}: takes [${shape.join(", ")}], which does not fit its metadata: export it again`);
  }
  const size = vectorSize(metadata) || stepsIn(metadata.geometry, inputSamples);
  return { metadata, inputSamples, run: (window) => run(compiled, window, size, metadata.name) };
}

async function run(compiled: CompiledModel, window: Float32Array, size: number, name: string): Promise<Float32Array> {
  const input = new Tensor(window, [1, window.length]);
  let outputs: Tensor[] = [];
  try {
    outputs = await compiled.run([input]);
    const values = outputs[0].toTypedArray();
    if (!(values instanceof Float32Array) || values.length !== size) {
      throw new ModelError(`${name}: gives ${values.length} numbers, ${size} are expected: export it again`);
    }
    return values;
  } finally {
    input.delete();
    for (const output of outputs) output.delete();
  }
}
