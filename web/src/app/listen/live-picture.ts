/** The moving picture of what is heard: a spectrogram, and below it the labels of the same seconds. */

import type { Label } from "../../core/values";
import { fitted, wantsLessMotion } from "../canvas";
import { COLOURS, HEIGHTS, SHADES } from "../colours";

/** Seconds that fit into the picture. */
export const SPAN_S = 10;
const BANDS = 72;
const MOST_HZ = 8_000;
const FLOOR_DB = -100;
const TOP_DB = -30;
const CALM_EVERY_MS = 500;

interface Column {
  readonly atS: number;
  readonly shades: Uint8Array;
}

interface Mark {
  readonly startS: number;
  readonly endS: number;
  readonly label: Label;
}

/** Draws while it runs; what moved out of the picture is dropped. */
export class LivePicture {
  private columns: Column[] = [];
  private marks: Mark[] = [];
  private readonly bins: Float32Array<ArrayBuffer>;
  private readonly edges: number[];
  private frame = 0;
  private drawnMs = 0;

  /**
   * @param spectrogram - canvas above.
   * @param timeline - canvas below.
   * @param nowS - seconds of sound so far.
   */
  constructor(
    private readonly analyser: AnalyserNode,
    private readonly spectrogram: HTMLCanvasElement,
    private readonly timeline: HTMLCanvasElement,
    private readonly nowS: () => number,
  ) {
    this.bins = new Float32Array(analyser.frequencyBinCount);
    const binHz = analyser.context.sampleRate / analyser.fftSize;
    const most = 1127 * Math.log1p(MOST_HZ / 700);
    this.edges = Array.from({ length: BANDS + 1 }, (_, k) => (700 * Math.expm1((most * k) / BANDS / 1127)) / binHz);
    this.tick();
  }

  /** Add labels of consecutive steps that end at `endS`. */
  add(labels: readonly Label[], endS: number, stepS: number): void {
    labels.forEach((label, k) => {
      const startS = endS - (labels.length - k) * stepS;
      const last = this.marks.at(-1);
      if (last && last.label === label && startS - last.endS < stepS / 2) {
        this.marks[this.marks.length - 1] = { ...last, endS: startS + stepS };
      } else {
        this.marks.push({ startS, endS: startS + stepS, label });
      }
    });
  }

  /** End the drawing; the last picture stays. */
  stop(): void {
    cancelAnimationFrame(this.frame);
    this.draw(this.nowS());
  }

  private tick = (): void => {
    this.frame = requestAnimationFrame(this.tick);
    const nowS = this.nowS();
    if (nowS > (this.columns.at(-1)?.atS ?? 0)) this.columns.push({ atS: nowS, shades: this.column() });
    while (this.columns.length && this.columns[0].atS < nowS - SPAN_S) this.columns.shift();
    while (this.marks.length && this.marks[0].endS < nowS - SPAN_S) this.marks.shift();
    const now = performance.now();
    if (wantsLessMotion() && now - this.drawnMs < CALM_EVERY_MS) return;
    this.drawnMs = now;
    this.draw(nowS);
  };

  private column(): Uint8Array {
    this.analyser.getFloatFrequencyData(this.bins);
    return Uint8Array.from({ length: BANDS }, (_, band) => {
      const from = Math.min(this.bins.length - 1, Math.floor(this.edges[band]));
      const to = Math.min(this.bins.length, Math.max(from + 1, Math.floor(this.edges[band + 1])));
      const db = Math.max(...this.bins.subarray(from, to));
      return 255 * Math.min(1, Math.max(0, (db - FLOOR_DB) / (TOP_DB - FLOOR_DB)));
    });
  }

  private draw(nowS: number): void {
    const upper = fitted(this.spectrogram);
    if (upper) this.drawSpectrogram(upper, nowS);
    const lower = fitted(this.timeline);
    if (lower) this.drawTimeline(lower, nowS);
  }

  private drawSpectrogram(context: CanvasRenderingContext2D, nowS: number): void {
    const { width, height } = context.canvas;
    const image = context.createImageData(width, BANDS);
    let next = 0;
    for (let x = 0; x < width; x++) {
      const atS = nowS - SPAN_S * (1 - x / width);
      while (next < this.columns.length && this.columns[next].atS < atS) next++;
      const column = this.columns[next];
      for (let band = 0; band < BANDS; band++) {
        const shade = column && atS >= 0 && atS >= this.columns[0].atS ? column.shades[band] : 0;
        const at = 4 * ((BANDS - 1 - band) * width + x);
        for (let c = 0; c < 4; c++) image.data[at + c] = SHADES[4 * shade + c];
      }
    }
    // Stretched to the canvas's height by drawing the narrow picture over itself.
    context.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(context.canvas, 0, 0, width, BANDS, 0, 0, width, height);
  }

  private drawTimeline(context: CanvasRenderingContext2D, nowS: number): void {
    const { width, height } = context.canvas;
    context.clearRect(0, 0, width, height);
    for (const { startS, endS, label } of this.marks) {
      const from = width * (1 - (nowS - startS) / SPAN_S);
      const to = width * (1 - (nowS - endS) / SPAN_S);
      const tall = height * HEIGHTS[label];
      context.fillStyle = COLOURS[label];
      context.fillRect(from, height - tall, Math.max(1, to - from), tall);
    }
  }
}
