/**
 * The K-weighting of ITU-R BS.1770-4 at any rate.
 *
 * The recommendation tabulates two second-order sections at 48 kHz: a high shelf (the head) and a high-pass (the "RLB"
 * curve). Both are bilinear transforms of analogue prototypes; with K = tan(pi f0 / rate):
 *
 *     shelf      b = (Vh + Vb K/Q + K^2,  2 (K^2 - Vh),  Vh - Vb K/Q + K^2) / a0
 *     high-pass  b = g (1, -2, 1) / a0
 *     both       a0 = 1 + K/Q + K^2,  a1 = 2 (K^2 - 1) / a0,  a2 = (1 - K/Q + K^2) / a0
 *
 * The constants give the table back at 48 kHz. The table's high-pass leaves out the division by a0, a gain of 0.04 dB
 * there; that gain is kept at every rate, so that one sound has one loudness whatever its rate.
 */

const SHELF_HZ = 1681.974450955533;
const SHELF_GAIN_DB = 3.999843853973347;
const SHELF_Q = 0.7071752369554196;
const SHELF_EXPONENT = 0.4996667741545416;
const HIGH_PASS_HZ = 38.13547087602444;
const HIGH_PASS_Q = 0.5003270373238773;
const TABLE_RATE_HZ = 48_000;
const SILENT_STATE = 1e-30;

/** One second-order section: b0, b1, b2, a1, a2, with a0 = 1. */
export type Section = readonly [number, number, number, number, number];

/** Return the two sections for a rate in Hz, shelf first. */
export function kWeightingSections(rateHz: number): readonly [Section, Section] {
  const k = Math.tan((Math.PI * SHELF_HZ) / rateHz);
  const high = 10 ** (SHELF_GAIN_DB / 20);
  const band = high ** SHELF_EXPONENT;
  const shelf = denominator(k, SHELF_Q);
  const low = denominator(Math.tan((Math.PI * HIGH_PASS_HZ) / rateHz), HIGH_PASS_Q);
  const gain = denominator(Math.tan((Math.PI * HIGH_PASS_HZ) / TABLE_RATE_HZ), HIGH_PASS_Q).a0 / low.a0;
  return [
    [
      (high + (band * k) / SHELF_Q + k * k) / shelf.a0,
      (2 * (k * k - high)) / shelf.a0,
      (high - (band * k) / SHELF_Q + k * k) / shelf.a0,
      shelf.a1,
      shelf.a2,
    ],
    [gain, -2 * gain, gain, low.a1, low.a2],
  ];
}

/** The filter of one channel, in float64, for consecutive stretches of it. */
export class KWeighting {
  private readonly sections: readonly [Section, Section];
  private readonly state = new Float64Array(4);

  /** @param rateHz - samples per second. */
  constructor(rateHz: number) {
    this.sections = kWeightingSections(rateHz);
  }

  /** Filter the samples start .. stop and return the sum of the results' squares. */
  energy(samples: Float32Array, start: number, stop: number): number {
    const [[b0, b1, b2, a1, a2], [c0, c1, c2, d1, d2]] = this.sections;
    let [s1, s2, r1, r2] = this.state;
    let sum = 0;
    for (let i = start; i < stop; i++) {
      const x = samples[i];
      const shelved = b0 * x + s1;
      s1 = b1 * x - a1 * shelved + s2;
      s2 = b2 * x - a2 * shelved;
      const y = c0 * shelved + r1;
      r1 = c1 * shelved - d1 * y + r2;
      r2 = c2 * shelved - d2 * y;
      sum += y * y;
    }
    this.state.set([s1, s2, r1, r2].map((value) => (Math.abs(value) < SILENT_STATE ? 0 : value)));
    return sum;
  }
}

function denominator(k: number, q: number): { a0: number; a1: number; a2: number } {
  const a0 = 1 + k / q + k * k;
  return { a0, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / q + k * k) / a0 };
}
