/** A recording's picture: its waveform, its spectrogram, its segments and its speakers over one axis of time. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { speakerTimesS } from "../../core/report/report";
import type { Turn } from "../../core/turns/turns";
import type { Segment, Span } from "../../core/values";
import type { Picture } from "../../engine/protocol";
import { text } from "../../text/en";
import { fitted } from "../canvas";
import { COLOURS, HEIGHTS, SHADES, speakerColour } from "../colours";
import { clock } from "../format";

const GROUND = "#0d111c";
const WAVE = "#7fb4e0";
/** Heights on the screen: of waveform, spectrogram and segments together, and of a speaker's row; pixels. */
const SOUND_PX = 230;
const ROW_PX = 16;
/** Shares of the former. */
const WAVE_SHARE = 0.28;
const SEGMENTS_SHARE = 0.12;
const N_TICKS = 4;

/** What is drawn. */
export interface Drawn {
  readonly picture: Picture;
  readonly segments: readonly Segment[];
  /** Who speaks when; empty where that was not asked. */
  readonly turns: readonly Turn[];
  readonly durationS: number;
}

/** The picture with the times below it. */
export function PictureView(drawn: Drawn): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const speakers = [...speakerTimesS(drawn.turns).keys()];
  const heightPx = SOUND_PX + ROW_PX * speakers.length;
  useEffect(() => {
    const { current } = canvas;
    if (!current) return undefined;
    const redraw = (): void => {
      const context = fitted(current);
      if (context) draw(context, drawn, speakers, SOUND_PX / heightPx);
    };
    const observer = new ResizeObserver(redraw);
    observer.observe(current);
    return () => observer.disconnect();
  }, [drawn.picture]);
  const decimals = drawn.durationS < 10 ? 1 : 0;
  const ticks = Array.from({ length: N_TICKS + 1 }, (_, k) => (k * drawn.durationS) / N_TICKS);
  return (
    <figure class="picture">
      <canvas ref={canvas} role="img" style={{ height: `${heightPx}px` }} aria-label={text.files.picture(speakers)} />
      <figcaption aria-hidden="true">
        {ticks.map((atS) => (
          <span key={atS}>{clock(atS, decimals)}</span>
        ))}
      </figcaption>
    </figure>
  );
}

function draw(context: CanvasRenderingContext2D, drawn: Drawn, speakers: readonly string[], soundShare: number): void {
  const { width } = context.canvas;
  const height = context.canvas.height * soundShare;
  const waveHeight = height * WAVE_SHARE;
  const segmentsHeight = height * SEGMENTS_SHARE;
  context.clearRect(0, 0, width, context.canvas.height);
  context.fillStyle = GROUND;
  context.fillRect(0, 0, width, height - segmentsHeight);
  drawWave(context, drawn.picture, waveHeight);
  drawSpectrogram(context, drawn.picture, waveHeight, height - waveHeight - segmentsHeight);
  const bar = ({ startS, endS }: Span, top: number, tall: number): void => {
    const from = (width * startS) / drawn.durationS;
    context.fillRect(from, top, Math.max(1, (width * endS) / drawn.durationS - from), tall);
  };
  for (const segment of drawn.segments) {
    const tall = segmentsHeight * 0.85 * HEIGHTS[segment.label];
    context.fillStyle = COLOURS[segment.label];
    bar(segment, height - tall, tall);
  }
  const row = (context.canvas.height - height) / Math.max(1, speakers.length);
  for (const turn of drawn.turns) {
    const place = speakers.indexOf(turn.speaker);
    context.fillStyle = speakerColour(place);
    bar(turn, height + (place + 0.2) * row, 0.7 * row);
  }
}

function drawWave(context: CanvasRenderingContext2D, { lowest, highest, columns }: Picture, height: number): void {
  const { width } = context.canvas;
  let peak = 1e-3;
  for (let k = 0; k < columns; k++) peak = Math.max(peak, highest[k], -lowest[k]);
  const scale = (0.45 * height) / peak;
  context.fillStyle = WAVE;
  for (let k = 0; k < columns; k++) {
    const top = height / 2 - highest[k] * scale;
    const tall = Math.max(1, (highest[k] - lowest[k]) * scale);
    context.fillRect((k * width) / columns, top, Math.max(1, width / columns), tall);
  }
}

function drawSpectrogram(context: CanvasRenderingContext2D, picture: Picture, top: number, height: number): void {
  const { columns, bands, spectrogram } = picture;
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = bands;
  const drawing = small.getContext("2d");
  if (!drawing) return;
  const image = drawing.createImageData(columns, bands);
  for (let column = 0; column < columns; column++) {
    for (let band = 0; band < bands; band++) {
      const shade = 4 * spectrogram[column * bands + band];
      image.data.set(SHADES.subarray(shade, shade + 4), 4 * ((bands - 1 - band) * columns + column));
    }
  }
  drawing.putImageData(image, 0, 0);
  context.drawImage(small, 0, 0, columns, bands, 0, top, context.canvas.width, height);
}
