/** A recording for a voiceprint: kept in memory until it is heard, with a meter of the speech in it. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Microphone, openMicrophone } from "../../audio/microphone";
import { joined } from "../../core/audio/conformer";
import type { Recording } from "../../core/audio/audio";
import type { ListenSession } from "../../engine/client";
import { levelDb } from "../listen/use-listening";
import { type Problem, problemOf } from "../parts";
import { text } from "../../text/en";
import { useServices } from "../services";

/** A recording ends by itself after this, seconds. */
export const LONGEST_S = 60;

/** What a screen shows while recording. */
export interface RecordingState {
  readonly phase: "idle" | "opening" | "on";
  /** Speech so far, seconds. */
  readonly speechS: number;
  readonly levelDb: number;
  readonly problem: Problem | null;
}

interface Running {
  readonly microphone: Microphone;
  readonly session: ListenSession;
  readonly chunks: Float32Array<ArrayBuffer>[];
}

const IDLE: RecordingState = { phase: "idle", speechS: 0, levelDb: -120, problem: null };

/** Return the state, and how to start and stop; stopping gives the recording. */
export function useRecording(): {
  state: RecordingState;
  start: () => Promise<void>;
  stop: () => Promise<Recording | null>;
} {
  const { engine } = useServices();
  const [state, setState] = useState(IDLE);
  const running = useRef<Running | null>(null);
  const kept = useRef<Recording | null>(null);
  const isGone = useRef(false);

  const end = useCallback(async (problem: Problem | null): Promise<Recording | null> => {
    const old = running.current;
    running.current = null;
    if (!old) return kept.current;
    await old.microphone.close();
    await old.session.end().catch(() => undefined);
    setState((before) => ({ ...before, phase: "idle", problem }));
    kept.current = old.chunks.length ? { channels: [joined(old.chunks)], rateHz: old.microphone.rateHz } : null;
    return kept.current;
  }, []);

  const start = useCallback(async () => {
    setState({ ...IDLE, phase: "opening" });
    kept.current = null;
    const chunks: Float32Array<ArrayBuffer>[] = [];
    let session: ListenSession | null = null;
    let nSamples = 0;
    let most = Infinity;
    const onChunk = (chunk: Float32Array<ArrayBuffer>): void => {
      if (nSamples > most) return;
      chunks.push(chunk.slice()); // the engine takes the memory of what it is given
      nSamples += chunk.length;
      const level = levelDb(chunk);
      setState((before) => ({ ...before, levelDb: Math.max(level, before.levelDb - 1) }));
      session?.push(chunk);
    };
    try {
      const microphone = await openMicrophone(onChunk, () => void end(text.cures.ended));
      if (isGone.current) return await microphone.close(); // the form went while the browser asked
      most = LONGEST_S * microphone.rateHz;
      session = engine.listen({ rateHz: microphone.rateHz, prints: [] }, ({ steps, stepS }) => {
        const voiceS = steps.filter((label) => label === "voice").length * stepS;
        setState((before) => ({ ...before, speechS: before.speechS + voiceS }));
      });
      session.done.catch((error: unknown) => void end(problemOf(error)));
      running.current = { microphone, session, chunks };
      setState((before) => ({ ...before, phase: "on" }));
    } catch (error) {
      setState({ ...IDLE, problem: problemOf(error) });
    }
  }, [engine, end]);

  useEffect(
    () => () => {
      isGone.current = true;
      void end(null);
    },
    [],
  );
  return { state, start, stop: () => end(null) };
}
