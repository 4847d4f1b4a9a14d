/** Runs windows through the models by the client's own runtime; lies in a folder of its own beside the client. */

import { fetchCatalog, fetchFile } from "../src/engine/catalog";
import { compile, loadRuntime } from "../src/engine/runtime";
import type { WaveformModel } from "../src/core/model";

/** What the page wants. */
export interface Asked {
  readonly threads: number;
  /** How often each model is timed. */
  readonly rounds: number;
}

/** What came of it. */
export interface Found {
  readonly variant: string;
  readonly threads: number;
  readonly models: Readonly<Record<string, { readonly took_ms: readonly number[]; readonly outputs: readonly number[][] }>>;
}

/** A model, its windows, and what became of them. */
interface Work {
  readonly name: string;
  readonly model: WaveformModel;
  readonly windows: readonly Float32Array[];
  readonly outputs: number[][];
  readonly tookMs: number[];
}

const WARM_UP = 10;
const scope = self as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data }: MessageEvent<Asked>): void => {
  measure(data).then(
    (found) => scope.postMessage(found),
    (error: unknown) => scope.postMessage({ failed: String(error) }),
  );
};

async function measure({ threads, rounds }: Asked): Promise<Found> {
  // The runtime takes at most as many threads as there are cores; here it shall take what was asked for.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: threads, configurable: true });
  const runtime = await loadRuntime(threads);
  const works = await loadAll(runtime);
  for (const work of works) {
    for (const window of work.windows) work.outputs.push(Array.from(await work.model.run(window.slice())));
    for (let k = 0; k < WARM_UP; k++) await work.model.run(work.windows[0].slice());
  }
  for (let round = 0; round < rounds; round++) {
    // In turns: whatever slows the machine for a while slows all.
    for (const { model, windows, tookMs } of works) {
      const window = windows[round % windows.length].slice();
      const began = performance.now();
      await model.run(window);
      tookMs.push(performance.now() - began);
    }
  }
  const models = works.map(({ name, outputs, tookMs }) => [name, { took_ms: tookMs, outputs }] as const);
  return { ...runtime, models: Object.fromEntries(models) };
}

async function loadAll(runtime: Awaited<ReturnType<typeof loadRuntime>>): Promise<Work[]> {
  const catalog = await fetchCatalog(new URL("../models/", scope.location.href).href);
  const index = (await (await fetch("index.json")).json()) as { models: { model: string; n: number; samples: number }[] };
  const works: Work[] = [];
  for (const { model: name, n, samples } of index.models) {
    const entry = catalog.models.find(({ task, name: own }) => `${task}-${own}` === name);
    if (!entry) throw new Error(`${name} is not among the client's models: build the client again`);
    const model = await compile(runtime, await fetchFile(catalog, entry.file), entry.metadata);
    if (model.inputSamples !== samples) throw new Error(`${name} takes ${model.inputSamples} samples, the windows have ${samples}`);
    const all = new Float32Array(await (await fetch(`${name}.inputs.f32`)).arrayBuffer());
    const windows = Array.from({ length: n }, (_, k) => all.subarray(k * samples, (k + 1) * samples));
    works.push({ name, model, windows, outputs: [], tookMs: [] });
  }
  return works;
}
