/** The engine's worker: models and everything that takes time, so that the page never stutters. Classic, for LiteRT.js. */

import * as answering from "./answering";
import { Listening } from "./listening";
import { Models } from "./models";
import { CANCELLED, type Calls, type CallKind, type Reply, type Request } from "./protocol";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const folder = new URL(scope.name || "models/", scope.location.href).href;
const models = new Models(folder);
const cancelled = new Set<number>();
const listening = new Map<number, { readonly on: Promise<Listening>; readonly ended: (durationS: number) => void }>();

class Cancelled extends Error {
  override name = CANCELLED;
}

scope.onmessage = ({ data }: MessageEvent<Request>): void => {
  if (data.kind === "cancel") cancelled.add(data.id);
  else if (data.kind === "chunk") hear(data.id, data.samples);
  else if (data.kind === "end") void end(data.id);
  else void answer(data);
};

async function answer(request: Exclude<Request, { kind: "chunk" | "end" | "cancel" }>): Promise<void> {
  const { id } = request;
  try {
    tell({ kind: "done", id, output: await outputOf(request) });
  } catch (error) {
    fail(id, error);
  } finally {
    cancelled.delete(id);
    listening.delete(id);
  }
}

function outputOf(request: Exclude<Request, { kind: "chunk" | "end" | "cancel" }>): Promise<Calls[CallKind]["output"]> {
  const { id } = request;
  const watch: answering.Watch = {
    progress: (progress) => tell({ kind: "progress", id, progress }),
    check: () => {
      if (cancelled.has(id)) throw new Cancelled();
    },
  };
  switch (request.kind) {
    case "prepare":
      return answering.prepare(models, request.input, watch);
    case "analyse":
      return answering.analyse(models, request.input, watch);
    case "scores":
      return answering.scores(models, request.input);
    case "speech":
      return answering.speech(models, request.input, watch);
    case "enroll":
      return answering.enroll(models, request.input);
    case "verify":
      return answering.verifyPerson(models, request.input);
    case "identify":
      return answering.identifyPerson(models, request.input);
    case "listen":
      return listen(id, request.input);
  }
}

/** Begin to listen; the call is done when the page ends the sound. */
async function listen(id: number, { rateHz, prints }: Calls["listen"]["input"]): Promise<Calls["listen"]["output"]> {
  const on = (async () => {
    const detector = await models.voice();
    const who = prints.length ? { task: await models.speaker(), prints } : null;
    return new Listening(detector, rateHz, who, (heard) => tell({ kind: "heard", id, heard }));
  })();
  const durationS = new Promise<number>((ended) => listening.set(id, { on, ended }));
  await on;
  return { durationS: await durationS };
}

function hear(id: number, samples: Float32Array): void {
  // What comes while the models load waits in the promise's queue, in order.
  listening.get(id)?.on.then((session) => session.push(samples), () => undefined);
}

async function end(id: number): Promise<void> {
  const session = listening.get(id);
  if (!session) return;
  try {
    session.ended(await (await session.on).flush());
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ kind: "failed", id, name, message });
}

function tell(reply: Reply): void {
  scope.postMessage(reply);
}
