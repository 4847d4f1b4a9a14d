/** Consecutive steps of one kind: silence, or noise; how many, and the sum of their probabilities of voice. */
export interface Stretch {
  silent: boolean;
  nSteps: number;
  total: number;
}

/**
 * What is no voice, split into silence and noise while it goes on: a few numbers, however long it lasts.
 *
 * A change between the two counts once it has lasted `shortest` steps; before that the steps belong to the stretch that
 * they interrupt. Steps before the first stretch that lasts belong to it. Where none lasts, the majority decides.
 */
export class Rest {
  private done: Stretch[] = [];
  private last: Stretch | null = null; // may still grow
  private run: Stretch | null = null; // equal flags, not yet part of a stretch
  private early = stretch(false); // short runs before the first stretch
  private nEarlyLoud = 0;

  /** @param shortest - steps after which a change counts, at least 1. */
  constructor(private readonly shortest: number) {}

  /** Take a further step: probability of voice, and whether the gate found it silent. */
  push(value: number, silent: boolean): void {
    if (this.run && this.run.silent !== silent) {
      this.closeRun(this.run);
      this.run = null;
    }
    this.run ??= stretch(silent);
    this.run.nSteps++;
    this.run.total += value;
    if (this.run.nSteps === this.shortest) this.beginStretch(this.run);
  }

  /** Return the stretches that cannot change any more, each once. */
  settled(): Stretch[] {
    return this.done.splice(0);
  }

  /** End the steps: return the stretches that are left, and start anew. */
  finish(): Stretch[] {
    if (this.run) this.closeRun(this.run);
    if (this.last) this.done.push(this.last);
    else if (this.early.nSteps) this.done.push({ ...this.early, silent: 2 * this.nEarlyLoud < this.early.nSteps });
    this.last = this.run = null;
    this.early = stretch(false);
    this.nEarlyLoud = 0;
    return this.settled();
  }

  /** Let a run that has just lasted long enough start a stretch, unless it continues the last one. */
  private beginStretch(run: Stretch): void {
    if (this.last?.silent === run.silent) return;
    if (this.last) this.done.push(this.last);
    else add(run, this.early);
    this.last = run;
    this.run = stretch(run.silent);
  }

  /** Give a run's steps to the stretch that they belong to. */
  private closeRun(run: Stretch): void {
    add(this.last ?? this.early, run);
    if (!this.last && !run.silent) this.nEarlyLoud += run.nSteps;
  }
}

function stretch(silent: boolean): Stretch {
  return { silent, nSteps: 0, total: 0 };
}

function add(to: Stretch, other: Stretch): void {
  to.nSteps += other.nSteps;
  to.total += other.total;
}
