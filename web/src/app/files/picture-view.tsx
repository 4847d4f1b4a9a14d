/** A recording's picture: its waveform, its spectrogram and its segments over one axis of time. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Segment } from "../../core/values";
import type { Picture } from "../../engine/protocol";
import { text } from "../../text/en";
import { fitted } from "../canvas";
import { COLOURS, HEIGHTS, SHADES } from "../colours";
import { clock } from "../format";

const GROUND = "#0d111c";
const WAVE = "#7fb4e0";
/** Shares of the height. */
const WAVE_SHARE = 0.28;
const SEGMENTS_SHARE = 0.12;
const N_TICKS = 4;

/** The picture with the times below it. */
export function PictureView(props: { picture: Picture; segments: readonly Segment[]; durationS: number }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { current } = canvas;
    if (!current) return undefined;
    const redraw = (): void => {
      const context = fitted(current);
      if (context) draw(context, props.picture, props.segments, props.durationS);
    };
    const observer = new ResizeObserver(redraw);
    observer.observe(current);
    return () => observer.disconnect();
  }, [props.picture]);
  const decimals = props.durationS < 10 ? 1 : 0;
  const ticks = Array.from({ length: N_TICKS + 1 }, (_, k) => (k * props.durationS) / N_TICKS);
  return (
    <figure class="picture">
      <canvas ref={canvas} role="img" aria-label={text.files.picture} />
      <figcaption aria-hidden="true">
        {ticks.map((atS) => (
          <span key={atS}>{clock(atS, decimals)}</span>
        ))}
      </figcaption>
    </figure>
  );
}

function draw(context: CanvasRenderingContext2D, picture: Picture, segments: readonly Segment[], durationS: number): void {
  const { width, height } = context.canvas;
  const waveHeight = height * WAVE_SHARE;
  const segmentsHeight = height * SEGMENTS_SHARE;
  context.fillStyle = GROUND;
  context.fillRect(0, 0, width, height - segmentsHeight);
  context.clearRect(0, height - segmentsHeight, width, segmentsHeight);
  drawWave(context, picture, waveHeight);
  drawSpectrogram(context, picture, waveHeight, height - waveHeight - segmentsHeight);
  for (const { startS, endS, label } of segments) {
    const from = (width * startS) / durationS;
    const tall = segmentsHeight * 0.85 * HEIGHTS[label];
    context.fillStyle = COLOURS[label];
    context.fillRect(from, height - tall, Math.max(1, (width * endS) / durationS - from), tall);
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
