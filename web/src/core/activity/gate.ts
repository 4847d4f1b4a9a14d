/**
 * The silence gate: which moments are so quiet that no model needs to look at them.
 *
 * A frame of 10 ms is silent when its level lies below a threshold between -60 and -50 dBFS. Within that range the
 * threshold follows the quietest 100 ms of the last two seconds, plus a margin, so that the hiss of a quiet room is
 * silence while a faint voice in a studio is not. The rule looks back only, so that a stream and a file agree.
 */

/** Level given to digital silence, dBFS. */
export const SILENCE_DB = -120;

/** The gate's numbers. */
export interface GateConfig {
  /** Below it a frame is always silent, dBFS. */
  readonly floorDbfs: number;
  /** Above it a frame is never silent, dBFS. */
  readonly ceilingDbfs: number;
  /** How far above the room's own level a frame still counts as silence, dB. */
  readonly marginDb: number;
  /** Frames over which the room's level is averaged. */
  readonly smoothFrames: number;
  /** Frames for which its minimum is remembered. */
  readonly memoryFrames: number;
}

/** The numbers that all models are used with. */
export const GATE: GateConfig = {
  floorDbfs: -60,
  ceilingDbfs: -50,
  marginDb: 6,
  smoothFrames: 10,
  memoryFrames: 200,
};

/** What the gate finds of consecutive frames. */
export interface GatedFrames {
  /** Uint8Array[n], 1 where silent. */
  readonly silent: Uint8Array;
  /** Float64Array[n], mean square. */
  readonly power: Float64Array;
  /** Float64Array[n], level below which a frame is silent, dBFS. */
  readonly thresholdDb: Float64Array;
}

/** Marks silent frames, for frames that arrive in any portions. */
export class SilenceGate {
  private powers: number[] = [];
  private smooth: number[] = [];

  /**
   * @param frame - samples per frame.
   * @param config - the gate's numbers.
   */
  constructor(
    readonly frame: number,
    readonly config: GateConfig = GATE,
  ) {}

  /** Samples before a frame that its verdict may depend on. */
  get pastSamples(): number {
    return (this.config.smoothFrames - 1 + this.config.memoryFrames - 1) * this.frame;
  }

  /**
   * Judge whole frames that follow those of the last call.
   *
   * @param samples - Float32Array[k * frame].
   */
  push(samples: Float32Array): GatedFrames {
    const n = Math.floor(samples.length / this.frame);
    const found = { silent: new Uint8Array(n), power: new Float64Array(n), thresholdDb: new Float64Array(n) };
    for (let k = 0; k < n; k++) {
      const power = meanSquare(samples, k * this.frame, this.frame);
      const threshold = this.thresholdDb(power);
      found.power[k] = power;
      found.thresholdDb[k] = threshold;
      found.silent[k] = decibels(power) < threshold ? 1 : 0;
    }
    return found;
  }

  /** End the sound; no frame is held back, and the next `push` starts a new one. */
  flush(): GatedFrames {
    this.reset();
    return this.push(new Float32Array(0));
  }

  /** Forget everything heard so far. */
  reset(): void {
    this.powers = [];
    this.smooth = [];
  }

  private thresholdDb(power: number): number {
    const { floorDbfs, ceilingDbfs, marginDb, smoothFrames, memoryFrames } = this.config;
    remember(this.powers, power, smoothFrames);
    // Summed anew in a fixed order: a running sum would keep a residue of what was loud.
    const mean = this.powers.reduce((total, value) => total + value, 0) / this.powers.length;
    remember(this.smooth, mean, memoryFrames);
    const least = this.smooth.reduce((a, b) => Math.min(a, b), Infinity);
    return Math.min(Math.max(decibels(least) + marginDb, floorDbfs), ceilingDbfs);
  }
}

/** Return dBFS of a mean square, never below `SILENCE_DB`. */
export function decibels(power: number): number {
  return 10 * Math.log10(Math.max(power, 10 ** (SILENCE_DB / 10)));
}

function remember(past: number[], value: number, most: number): void {
  past.push(value);
  if (past.length > most) past.shift();
}

function meanSquare(samples: Float32Array, first: number, n: number): number {
  let sum = 0;
  for (let i = first; i < first + n; i++) sum += samples[i] * samples[i];
  return sum / n;
}
