/** Colours of labels, the same as in the Python client's reports: apart under every common kind of colour blindness. */

import type { Label } from "../core/values";

/** Hex colour per label. */
export const COLOURS: Readonly<Record<Label, string>> = { voice: "#1f77b4", silence: "#b8bec6", noise: "#e69f00" };

const SPEAKERS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d31", "#56b4e9", "#6b5b95", "#717a86"];

/** Return the hex colour of a speaker, 0 for the first who appears; of many speakers some share one. */
export function speakerColour(place: number): string {
  return SPEAKERS[place % SPEAKERS.length];
}

/** Share of a timeline's height per label: it reads without colour too. */
export const HEIGHTS: Readonly<Record<Label, number>> = { voice: 1, silence: 0.2, noise: 0.55 };

/** Uint8ClampedArray[256 * 4]: from near black over blue to pale yellow, ever lighter, for spectrograms. */
export const SHADES: Uint8ClampedArray = shades();

function shades(): Uint8ClampedArray {
  const stops = [
    [13, 17, 28],
    [27, 52, 97],
    [31, 119, 180],
    [120, 180, 170],
    [245, 222, 130],
    [255, 250, 225],
  ];
  const table = new Uint8ClampedArray(256 * 4);
  for (let level = 0; level < 256; level++) {
    const place = (level / 255) * (stops.length - 1);
    const k = Math.min(stops.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) table[4 * level + c] = stops[k][c] + (place - k) * (stops[k + 1][c] - stops[k][c]);
    table[4 * level + 3] = 255;
  }
  return table;
}
