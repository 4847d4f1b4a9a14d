/** Segments of sound that arrives in portions of any size; the same to the sample as for a file. */

import { checkRate, type Audio } from "../audio/audio";
import { Conformer, portions } from "../audio/conformer";
import { stepRules } from "../activity/rules";
import { Segmenter, type StepSegment } from "../activity/segmenter";
import type { Decision, Label, Scores, Segment } from "../values";
import { decideVoice, timedScores, type VoiceDetector, voiceProbabilities } from "./detector";
import { joinSteps, type Steps, StepScorer } from "./steps";

const PORTION_S = 20;

/**
 * What is known of the next voice segment: it begins no earlier than `firstS`, and lasts until `sureS` at least. Where
 * `sureS` is above `firstS`, the segment goes on or waits to be given out, and its begin is final. Seconds.
 */
export interface Outlook {
  readonly firstS: number;
  readonly sureS: number;
}

/** What further sound brought. */
export interface VoiceUpdate {
  /** Segments that became final; those of all updates partition the recording. */
  readonly segments: readonly Segment[];
  /** Steps that were scored. */
  readonly steps: Steps;
  /** What is known of the next voice segment. */
  readonly outlook: Outlook;
  /** The live label, at most `delayS` and a step behind; the segments may still revise it. */
  readonly now: Label;
}

/** All that belongs to one recording, so that a reset cannot mix it with what is still being computed. */
interface Run {
  readonly conformer: Conformer;
  readonly scorer: StepScorer;
  readonly segmenter: Segmenter;
  nSamples: number;
  last: Promise<unknown>;
}

/**
 * The streaming voice task. Calls need not wait for each other: they are done in order. After an error of the
 * model every further call fails with it, until `reset`.
 */
export class VoiceStream {
  private run: Run;

  /**
   * @param detector - model, thresholds and durations.
   * @param rateHz - rate of the samples that will be pushed.
   * @throws AudioError if the rate is out of range.
   */
  constructor(
    private readonly detector: VoiceDetector,
    private readonly rateHz: number,
  ) {
    checkRate(rateHz);
    this.run = this.begin();
  }

  /** Seconds of sound behind a step that its score waits for, besides the model's own time. */
  get delayS(): number {
    return this.run.conformer.delayS + this.run.scorer.delayS;
  }

  /**
   * Take further samples and return what became known.
   *
   * @param samples - Float32Array[n], mono, any n, full scale -1..1; not needed any more once this returns.
   * @throws AudioError if a sample is NaN, infinite or absurdly large; the sound before it still counts.
   */
  push(samples: Float32Array): Promise<VoiceUpdate> {
    const { run } = this;
    return inOrder(run, () => {
      const conformed = run.conformer.push(samples);
      run.nSamples += samples.length;
      const { nSamples } = run;
      const kept = conformed === samples ? conformed.slice() : conformed;
      return async () => this.take(run, await run.scorer.push(kept), nSamples);
    });
  }

  /** End the recording: return the rest, and start anew. */
  flush(): Promise<VoiceUpdate> {
    const { run } = this;
    this.run = this.begin();
    return inOrder(run, () => {
      const conformed = run.conformer.flush();
      return async () => {
        const steps = joinSteps([await run.scorer.push(conformed), await run.scorer.flush()]);
        const update = this.take(run, steps, run.nSamples);
        const segments = [...update.segments, ...this.times(run.segmenter.flush(), run.nSamples)];
        const last = segments.pop();
        // Resampling may leave the last step a fraction of a sample short of the end.
        if (last) segments.push({ ...last, endS: run.nSamples / this.rateHz });
        return { ...update, segments };
      };
    });
  }

  /** Forget everything and start a new recording; what is being computed is still told to whoever waits for it. */
  reset(): void {
    this.run = this.begin();
  }

  private begin(): Run {
    const { model, rateHz, segmenter, stepS } = this.detector;
    return {
      conformer: new Conformer(this.rateHz, rateHz),
      scorer: new StepScorer(model),
      segmenter: new Segmenter(stepRules(segmenter, stepS)),
      nSamples: 0,
      last: Promise.resolve(),
    };
  }

  private take(run: Run, steps: Steps, nSamples: number): VoiceUpdate {
    const { stepS } = this.detector;
    const segments = this.times(run.segmenter.push(voiceProbabilities(this.detector, steps), steps.silent), nSamples);
    const { first, sure } = run.segmenter.outlook();
    return { segments, steps, outlook: { firstS: first * stepS, sureS: sure * stepS }, now: run.segmenter.now };
  }

  private times(found: readonly StepSegment[], nSamples: number): Segment[] {
    const { stepS } = this.detector;
    const endS = nSamples / this.rateHz;
    return found
      .filter((part) => part.start * stepS < endS)
      .map(({ start, stop, label, score }) => ({
        startS: start * stepS,
        endS: Math.min(stop * stepS, endS),
        label,
        score,
      }));
  }
}

/** What the voice task finds in a whole recording. */
export interface FoundVoice {
  readonly decision: Decision;
  readonly segments: readonly Segment[];
  readonly scores: Scores;
  readonly steps: Steps;
}

/**
 * Find voice, silence and noise in mono sound from memory.
 *
 * @throws AudioError if the rate is out of range or a sample is NaN, infinite or absurdly large.
 */
export async function findVoice(detector: VoiceDetector, audio: Audio): Promise<FoundVoice> {
  const stream = new VoiceStream(detector, audio.rateHz);
  const updates: VoiceUpdate[] = [];
  for (const part of portions(audio.samples, PORTION_S * audio.rateHz)) updates.push(await stream.push(part));
  updates.push(await stream.flush());
  const steps = joinSteps(updates.map((update) => update.steps));
  return {
    decision: decideVoice(detector, steps),
    segments: updates.flatMap((update) => update.segments),
    scores: timedScores(detector, steps, audio.samples.length / audio.rateHz),
    steps,
  };
}

/** Do the first part of a call at once and what it returns when earlier calls are done. */
function inOrder<T>(run: Run, begin: () => () => Promise<T>): Promise<T> {
  let rest: () => Promise<T>;
  try {
    rest = begin();
  } catch (error) {
    return Promise.reject(error);
  }
  const result = run.last.then(rest);
  run.last = result;
  return result;
}
