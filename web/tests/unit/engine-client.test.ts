/** The page's side of the engine: each answer reaches the call that it belongs to, whatever the order. */

import { describe, expect, test } from "vitest";
import { EngineClient, EngineError, isCancelled, type WorkerPort } from "../../src/engine/client";
import type { EngineFacts, Heard, Reply, Request } from "../../src/engine/protocol";

const FACTS: EngineFacts = { variant: "plain", threads: 1, version: "1", models: [] };
const HEARD: Heard = {
  now: "voice",
  score: 0.9,
  heardS: 1,
  labelledS: 0.8,
  steps: ["voice"],
  stepS: 0.04,
  segments: [],
  speaker: null,
  tookMs: 1,
};

class FakeWorker implements WorkerPort {
  readonly sent: Request[] = [];
  readonly given: Transferable[] = [];
  private onMessage: (event: MessageEvent<Reply>) => void = () => undefined;
  private onError: (event: ErrorEvent) => void = () => undefined;

  postMessage(message: Request, transfer: Transferable[]): void {
    this.sent.push(message);
    this.given.push(...transfer);
  }

  addEventListener(kind: "message" | "error", listener: unknown): void {
    if (kind === "message") this.onMessage = listener as typeof this.onMessage;
    else this.onError = listener as typeof this.onError;
  }

  say(reply: Reply): void {
    this.onMessage({ data: reply } as MessageEvent<Reply>);
  }

  crash(): void {
    this.onError({} as ErrorEvent);
  }
}

describe("calls", () => {
  test("answers out of order reach their own calls", async () => {
    const worker = new FakeWorker();
    const client = new EngineClient(worker);
    const first = client.call("prepare", { tasks: ["voice"] });
    const second = client.call("prepare", { tasks: [] });
    expect(worker.sent.map(({ kind }) => kind)).toEqual(["prepare", "prepare"]);
    const [one, other] = worker.sent.map(({ id }) => id);
    expect(one).not.toBe(other);
    worker.say({ kind: "done", id: other, output: { ...FACTS, threads: 2 } });
    worker.say({ kind: "done", id: one, output: FACTS });
    expect((await first).threads).toBe(1);
    expect((await second).threads).toBe(2);
  });

  test("a failure keeps its name and its words", async () => {
    const worker = new FakeWorker();
    const call = new EngineClient(worker).call("prepare", { tasks: [] });
    worker.say({ kind: "failed", id: worker.sent[0].id, name: "ModelError", message: "what, where, cure" });
    await expect(call).rejects.toMatchObject({ name: "ModelError", message: "what, where, cure" });
    await expect(call).rejects.toBeInstanceOf(EngineError);
  });

  test("progress is told until the answer comes, and not after it", async () => {
    const worker = new FakeWorker();
    const shares: number[] = [];
    const options = { onProgress: ({ share }: { share: number }) => shares.push(share) };
    const call = new EngineClient(worker).call("prepare", { tasks: [] }, options);
    const { id } = worker.sent[0];
    worker.say({ kind: "progress", id, progress: { stage: "sound", share: 0.5 } });
    worker.say({ kind: "done", id, output: FACTS });
    worker.say({ kind: "progress", id, progress: { stage: "sound", share: 0.7 } });
    await call;
    expect(shares).toEqual([0.5]);
  });

  test("cancelling ends the call here and tells the worker", async () => {
    const worker = new FakeWorker();
    const abort = new AbortController();
    const call = new EngineClient(worker).call("prepare", { tasks: [] }, { signal: abort.signal });
    abort.abort();
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(isCancelled(error)).toBe(true);
    expect(worker.sent.at(-1)).toEqual({ kind: "cancel", id: worker.sent[0].id });
    worker.say({ kind: "done", id: worker.sent[0].id, output: FACTS }); // comes too late, and harms nobody
  });

  test("a call that was cancelled before it began asks nothing", async () => {
    const worker = new FakeWorker();
    const call = new EngineClient(worker).call("prepare", { tasks: [] }, { signal: AbortSignal.abort() });
    expect(isCancelled(await call.catch((reason: unknown) => reason))).toBe(true);
    expect(worker.sent).toEqual([]);
  });

  test("when the worker dies every call ends with the cure", async () => {
    const worker = new FakeWorker();
    const client = new EngineClient(worker);
    const calls = [client.call("prepare", { tasks: [] }), client.call("prepare", { tasks: [] })];
    worker.crash();
    for (const call of calls) await expect(call).rejects.toThrow("reload the page");
  });
});

describe("listening", () => {
  test("chunks go with their memory, what is heard comes back, the end is answered", async () => {
    const worker = new FakeWorker();
    const told: Heard[] = [];
    const session = new EngineClient(worker).listen({ rateHz: 48_000, prints: [] }, (heard) => told.push(heard));
    const chunk = new Float32Array(960);
    session.push(chunk);
    const { id } = worker.sent[0];
    expect(worker.sent[1]).toMatchObject({ kind: "chunk", id });
    expect(worker.given).toEqual([chunk.buffer]);
    worker.say({ kind: "heard", id, heard: HEARD });
    const ended = session.end();
    expect(worker.sent.at(-1)).toEqual({ kind: "end", id });
    worker.say({ kind: "done", id, output: { durationS: 0.02 } });
    expect(await ended).toEqual({ durationS: 0.02 });
    expect(told).toEqual([HEARD]);
  });
});
