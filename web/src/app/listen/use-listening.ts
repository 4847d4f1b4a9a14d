/** Listening as a screen sees it: a state, and two things to do. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Microphone, openMicrophone } from "../../audio/microphone";
import type { Decision, Label, Segment } from "../../core/values";
import type { ListenSession } from "../../engine/client";
import type { Heard } from "../../engine/protocol";
import { text } from "../../text/en";
import { type Problem, problemOf } from "../parts";
import { useServices } from "../services";
import { LivePicture } from "./live-picture";

/** Segments that are kept for the list. */
const MOST_SEGMENTS = 200;
const LEVEL_EVERY_MS = 100;
/** Who speaks is shown this long after it was last heard. */
const SPEAKER_STAYS_S = 3;

/** What the screen shows. */
export interface ListeningState {
  readonly phase: "idle" | "opening" | "on";
  readonly problem: Problem | null;
  readonly now: Label | null;
  readonly score: number;
  /** Seconds that the newest label lies behind the sound. */
  readonly delayS: number;
  readonly heardS: number;
  readonly levelDb: number;
  readonly speaker: Decision | null;
  /** Final segments, oldest first. */
  readonly segments: readonly Segment[];
}

const IDLE: ListeningState = {
  phase: "idle",
  problem: null,
  now: null,
  score: 0,
  delayS: 0,
  heardS: 0,
  levelDb: -120,
  speaker: null,
  segments: [],
};

interface Running {
  readonly microphone: Microphone;
  readonly session: ListenSession;
  readonly picture: LivePicture | null;
  readonly levels: number;
}

/** Canvases that the picture is drawn on. */
export interface Canvases {
  readonly spectrogram: { readonly current: HTMLCanvasElement | null };
  readonly timeline: { readonly current: HTMLCanvasElement | null };
}

/** Return the state, and how to start and stop; the microphone closes when the screen goes. */
export function useListening({ spectrogram, timeline }: Canvases): {
  state: ListeningState;
  start: () => Promise<void>;
  stop: () => Promise<void>;
} {
  const { engine, prints } = useServices();
  const [state, setState] = useState(IDLE);
  const running = useRef<Running | null>(null);
  const isGone = useRef(false);
  const change = (part: Partial<ListeningState>): void => setState((before) => ({ ...before, ...part }));

  const stop = useCallback(async (problem: Problem | null = null) => {
    const old = running.current;
    running.current = null;
    if (!old) return;
    window.clearInterval(old.levels);
    old.picture?.stop();
    await old.microphone.close();
    await old.session.end().catch(() => undefined);
    change({ phase: "idle", now: null, speaker: null, levelDb: -120, problem });
  }, []);

  const start = useCallback(async () => {
    setState({ ...IDLE, phase: "opening" });
    let session: ListenSession | null = null;
    let nSamples = 0;
    const early: Float32Array<ArrayBuffer>[] = [];
    const onChunk = (chunk: Float32Array<ArrayBuffer>): void => {
      nSamples += chunk.length;
      if (session) session.push(chunk);
      else early.push(chunk);
    };
    try {
      const microphone = await openMicrophone(onChunk, () => void stop(text.cures.ended));
      if (isGone.current) return await microphone.close(); // the screen went while the browser asked
      const nowS = (): number => nSamples / microphone.rateHz;
      const canvases = [spectrogram.current, timeline.current] as const;
      const picture = canvases[0] && canvases[1] ? new LivePicture(microphone.analyser, canvases[0], canvases[1], nowS) : null;
      session = engine.listen({ rateHz: microphone.rateHz, prints }, (heard) => {
        picture?.add(heard.steps, heard.labelledS, heard.stepS);
        setState((before) => after(before, heard, nowS()));
      });
      for (const chunk of early) session.push(chunk);
      session.done.catch((error: unknown) => void stop(problemOf(error)));
      const wave = new Float32Array(microphone.analyser.fftSize);
      const levels = window.setInterval(() => {
        microphone.analyser.getFloatTimeDomainData(wave);
        change({ levelDb: levelDb(wave), heardS: nowS() });
      }, LEVEL_EVERY_MS);
      running.current = { microphone, session, picture, levels };
      change({ phase: "on" });
    } catch (error) {
      setState({ ...IDLE, problem: problemOf(error) });
    }
  }, [engine, prints, stop]);

  useEffect(
    () => () => {
      isGone.current = true;
      void stop();
    },
    [],
  );
  return { state, start, stop: () => stop() };
}

function after(before: ListeningState, heard: Heard, nowS: number): ListeningState {
  const segments = heard.segments.length ? [...before.segments, ...heard.segments].slice(-MOST_SEGMENTS) : before.segments;
  const lastVoice = heard.now === "voice" || nowS - lastVoiceS(segments, before) < SPEAKER_STAYS_S;
  const speaker = heard.speaker ?? (lastVoice ? before.speaker : null);
  const delayS = heard.steps.length ? Math.max(0, nowS - heard.labelledS) : before.delayS;
  return { ...before, now: heard.now, score: heard.score, delayS, segments, speaker };
}

function lastVoiceS(segments: readonly Segment[], { now, heardS }: ListeningState): number {
  if (now === "voice") return heardS;
  return segments.findLast((segment) => segment.label === "voice")?.endS ?? 0;
}

/** Return the level of a wave, dBFS, -120 at least. */
export function levelDb(wave: Float32Array): number {
  let sum = 0;
  for (const sample of wave) sum += sample * sample;
  return Math.max(-120, 10 * Math.log10(sum / wave.length + 1e-12));
}
