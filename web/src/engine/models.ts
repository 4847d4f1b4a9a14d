/** The worker's models: each is fetched, checked and compiled once, when it is first needed. */

import { voiceDetector, type VoiceDetector } from "../core/voice/detector";
import { cohortRows } from "../core/speakers/cohort";
import { Matcher } from "../core/speakers/matching";
import { PairScorer } from "../core/speakers/scoring";
import type { WaveformModel } from "../core/model";
import { type TraitModel, traitModel } from "../core/traits/model";
import { type Catalog, entryFor, fetchCatalog, fetchFile, type Task } from "./catalog";
import type { EngineFacts } from "./protocol";
import { compile, loadRuntime, type Runtime } from "./runtime";

/** A speaker model with what its decisions need. */
export interface SpeakerTask {
  readonly model: WaveformModel;
  readonly matcher: Matcher;
}

/** Loads on demand; a load that failed is tried again by the next who asks. */
export class Models {
  private readonly loaded = new Map<string, Promise<unknown>>();

  /** @param folder - address of the models' folder, with a slash at its end. */
  constructor(private readonly folder: string) {}

  /** Return what the engine runs on. */
  async facts(): Promise<EngineFacts> {
    const [{ variant, threads }, { version, models }] = await Promise.all([this.runtime(), this.catalog()]);
    return { variant, threads, version, models };
  }

  /** Load the model of a task, if that has not happened. */
  async prepare(task: Task): Promise<void> {
    if (task === "voice") await this.voice();
    else if (task === "speaker") await this.speaker();
    else await this.trait(task);
  }

  /** Return the voice detector. */
  voice(): Promise<VoiceDetector> {
    return this.once("voice detector", async () => voiceDetector(await this.model("voice")));
  }

  /** Return the speaker model with its cohort. */
  speaker(): Promise<SpeakerTask> {
    return this.once("speaker task", async () => {
      const [model, catalog] = await Promise.all([this.model("speaker"), this.catalog()]);
      const { cohort, file } = entryFor(catalog, "speaker");
      const bytes = cohort ? new Int8Array((await fetchFile(catalog, cohort)).buffer) : new Int8Array();
      const rows = cohortRows(bytes, model.metadata.embeddingSize, file.path);
      const scorer = new PairScorer({ where: file.path, metadata: model.metadata, cohort: rows });
      return { model, matcher: new Matcher(scorer) };
    });
  }

  /** Return the model of a trait. */
  trait(task: "gender" | "mood"): Promise<TraitModel> {
    return this.once(`${task} task`, async () => traitModel(task, await this.model(task)));
  }

  private model(task: Task): Promise<WaveformModel> {
    return this.once(`${task} model`, async () => {
      const [runtime, catalog] = await Promise.all([this.runtime(), this.catalog()]);
      const { file, metadata } = entryFor(catalog, task);
      return compile(runtime, await fetchFile(catalog, file), metadata);
    });
  }

  private runtime(): Promise<Runtime> {
    return this.once("runtime", () => loadRuntime());
  }

  private catalog(): Promise<Catalog> {
    return this.once("catalog", () => fetchCatalog(this.folder));
  }

  private once<T>(what: string, load: () => Promise<T>): Promise<T> {
    const known = this.loaded.get(what) as Promise<T> | undefined;
    if (known) return known;
    const loading = load();
    this.loaded.set(what, loading);
    loading.catch(() => this.loaded.delete(what));
    return loading;
  }
}
