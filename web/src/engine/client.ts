/** The page's side of the engine: calls as promises. */

import { VoxliteError } from "../core/errors";
import { CANCELLED, type Calls, type CallKind, type Heard, type Progress, type Reply, type Request } from "./protocol";

/** What may be watched of a call. */
export interface CallOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call early; it is rejected with an error named as `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** A microphone's sound on its way into the engine. */
export interface ListenSession {
  /** Hand over a chunk, Float32Array[n], mono; its memory goes with it. */
  push(samples: Float32Array<ArrayBuffer>): void;
  /** End the sound; resolves when the rest has been told. */
  end(): Promise<{ readonly durationS: number }>;
  /** Rejected when the engine fails in between. */
  readonly done: Promise<{ readonly durationS: number }>;
}

/** What the engine needs of a `Worker`. */
export interface WorkerPort {
  postMessage(message: Request, transfer: Transferable[]): void;
  addEventListener(kind: "message", listener: (event: MessageEvent<Reply>) => void): void;
  addEventListener(kind: "error", listener: (event: ErrorEvent) => void): void;
}

interface Pending {
  readonly resolve: (output: Calls[CallKind]["output"]) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly onHeard: ((heard: Heard) => void) | undefined;
}

/** A call failed in the worker; the text is for people, `name` tells which error it was there. */
export class EngineError extends VoxliteError {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Tell whether a call ended because it was cancelled. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === CANCELLED;
}

/** Asks the worker and hands out its answers. */
export class EngineClient {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(private readonly worker: WorkerPort) {
    worker.addEventListener("message", ({ data }) => this.receive(data));
    worker.addEventListener("error", () => this.failAll("the engine stopped: reload the page"));
  }

  /** Ask for something; rejected with an `EngineError` if it cannot be done. */
  call<K extends CallKind>(kind: K, input: Calls[K]["input"], options: CallOptions = {}): Promise<Calls[K]["output"]> {
    const { onProgress, signal } = options;
    if (signal?.aborted) return Promise.reject(new EngineError(CANCELLED, "cancelled"));
    const { id, promise } = this.begin<K>(onProgress, undefined);
    this.worker.postMessage({ kind, id, input } as Request, []);
    signal?.addEventListener("abort", () => this.cancel(id), { once: true });
    return promise;
  }

  /** Begin to listen; `onHeard` is called with what becomes known. */
  listen(input: Calls["listen"]["input"], onHeard: (heard: Heard) => void): ListenSession {
    const { id, promise } = this.begin<"listen">(undefined, onHeard);
    this.worker.postMessage({ kind: "listen", id, input }, []);
    return {
      push: (samples) => this.worker.postMessage({ kind: "chunk", id, samples }, [samples.buffer]),
      end: () => {
        this.worker.postMessage({ kind: "end", id }, []);
        return promise;
      },
      done: promise,
    };
  }

  private begin<K extends CallKind>(
    onProgress: ((progress: Progress) => void) | undefined,
    onHeard: ((heard: Heard) => void) | undefined,
  ): { id: number; promise: Promise<Calls[K]["output"]> } {
    const id = ++this.lastId;
    const promise = new Promise<Calls[K]["output"]>((resolve, reject) => {
      const settle = resolve as Pending["resolve"]; // the worker answers a call of kind K with K's output
      this.pending.set(id, { resolve: settle, reject, onProgress, onHeard });
    });
    return { id, promise };
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    if (reply.kind === "progress") pending.onProgress?.(reply.progress);
    else if (reply.kind === "heard") pending.onHeard?.(reply.heard);
    else {
      this.pending.delete(reply.id);
      if (reply.kind === "done") pending.resolve(reply.output);
      else pending.reject(new EngineError(reply.name, reply.message));
    }
  }

  private cancel(id: number): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    this.worker.postMessage({ kind: "cancel", id }, []);
    pending.reject(new EngineError(CANCELLED, "cancelled"));
  }

  private failAll(message: string): void {
    for (const { reject } of this.pending.values()) reject(new EngineError("EngineError", message));
    this.pending.clear();
  }
}

/** Start the engine's worker. */
export function startEngine(): EngineClient {
  // The worker's name carries where the models lie: a classic worker knows its own address alone.
  const name = new URL("models/", document.baseURI).href;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { name });
  return new EngineClient(worker);
}
