/** Runs on the audio thread: gathers what the microphone gives, mixed down, and posts it in chunks of 20 ms. */

declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => CaptureProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const CHUNK_S = 0.02;

class CaptureProcessor extends AudioWorkletProcessor {
  private chunk = new Float32Array(Math.round(CHUNK_S * sampleRate));
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const n = channels[0]?.length ?? 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.chunk[this.filled++] = sum / channels.length;
      if (this.filled === this.chunk.length) this.post();
    }
    return true;
  }

  private post(): void {
    const full = this.chunk;
    this.chunk = new Float32Array(full.length);
    this.filled = 0;
    this.port.postMessage(full, [full.buffer]);
  }
}

registerProcessor("voxlite-capture", CaptureProcessor);
