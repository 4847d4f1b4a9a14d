/** The microphone: chunks of mono sound at the device's own rate, and an analyser for pictures. */

import { AudioError } from "../core/errors";
import workletAddress from "./capture-worklet.ts?worker&url";

/** Why there is no sound. */
export type MicrophoneProblem = "unsupported" | "denied" | "missing" | "busy";

/** There is no sound; `problem` tells which cure to show. */
export class MicrophoneError extends AudioError {
  constructor(readonly problem: MicrophoneProblem, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** An open microphone. */
export interface Microphone {
  readonly rateHz: number;
  /** For the level and the spectrogram on screen; the engine gets the chunks. */
  readonly analyser: AnalyserNode;
  /** Close the device. */
  close(): Promise<void>;
}

const FFT_SIZE = 1024;

/**
 * Open the microphone as it is: without echo cancellation, noise suppression and gain control, which change voices.
 *
 * @param onChunk - called with each 20 ms, Float32Array[n], mono.
 * @param onEnd - called when the device goes away by itself.
 * @throws MicrophoneError if there is none, or it may not be used.
 */
export async function openMicrophone(
  onChunk: (samples: Float32Array<ArrayBuffer>) => void,
  onEnd: () => void = () => undefined,
): Promise<Microphone> {
  // Older browsers, and pages that are not secure, have no mediaDevices.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia || typeof AudioWorkletNode !== "function") {
    throw new MicrophoneError("unsupported", "this browser gives pages no microphone");
  }
  const stream = await devices.getUserMedia({ audio: PLAIN }).catch((error: unknown) => {
    throw problemOf(error);
  });
  const context = new AudioContext();
  try {
    await context.audioWorklet.addModule(workletAddress);
    await context.resume();
    const source = context.createMediaStreamSource(stream);
    const capture = new AudioWorkletNode(context, "voxlite-capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => onChunk(data);
    const analyser = new AnalyserNode(context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 });
    source.connect(capture);
    source.connect(analyser);
    for (const track of stream.getTracks()) track.addEventListener("ended", onEnd);
    return {
      rateHz: context.sampleRate,
      analyser,
      close: async () => {
        capture.port.onmessage = null;
        stopAll(stream);
        await context.close();
      },
    };
  } catch (error) {
    stopAll(stream);
    await context.close();
    throw error;
  }
}

const PLAIN: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function problemOf(error: unknown): MicrophoneError {
  const name = error instanceof DOMException ? error.name : "";
  const options = { cause: error };
  if (name === "NotAllowedError" || name === "SecurityError") {
    return new MicrophoneError("denied", "the microphone may not be used", options);
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return new MicrophoneError("missing", "no microphone was found", options);
  }
  return new MicrophoneError("busy", "the microphone cannot be opened", options);
}
