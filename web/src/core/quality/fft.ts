/** Power spectra of real frames by a fast Fourier transform in place, radix two. */
export class PowerSpectrum {
  private readonly cosines: Float64Array;
  private readonly sines: Float64Array;
  private readonly re: Float64Array;
  private readonly im: Float64Array;

  /** @param size - points of the transform, a power of two, at least 2. */
  constructor(readonly size: number) {
    this.cosines = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.sines = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    this.re = new Float64Array(size);
    this.im = new Float64Array(size);
  }

  /**
   * Add the power of a windowed frame to a spectrum.
   *
   * @param frame - Float32Array[n], n at most `size`; zeros follow.
   * @param window - Float32Array[n].
   * @param gain - what the power is multiplied by.
   * @param power - Float64Array[size / 2 + 1], from 0 Hz to half the rate.
   */
  add(frame: Float32Array, window: Float32Array, gain: number, power: Float64Array): void {
    this.im.fill(0);
    this.re.fill(0);
    for (let i = 0; i < frame.length; i++) this.re[i] = frame[i] * window[i];
    this.reorder();
    for (let span = 2; span <= this.size; span *= 2) this.combine(span);
    for (let k = 0; k < power.length; k++) power[k] += gain * (this.re[k] ** 2 + this.im[k] ** 2);
  }

  /** Put the samples into the order of their bit-reversed numbers; there is no imaginary part yet. */
  private reorder(): void {
    for (let i = 1, j = 0; i < this.size; i++) {
      let bit = this.size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        const kept = this.re[i];
        this.re[i] = this.re[j];
        this.re[j] = kept;
      }
    }
  }

  /** Make transforms of `span` points out of neighbours of half as many. */
  private combine(span: number): void {
    const { re, im, cosines, sines, size } = this;
    const half = span / 2;
    const stride = size / span;
    for (let first = 0; first < size; first += span) {
      for (let k = 0; k < half; k++) {
        const a = first + k;
        const b = a + half;
        const turnedRe = re[b] * cosines[k * stride] - im[b] * sines[k * stride];
        const turnedIm = re[b] * sines[k * stride] + im[b] * cosines[k * stride];
        re[b] = re[a] - turnedRe;
        im[b] = im[a] - turnedIm;
        re[a] += turnedRe;
        im[a] += turnedIm;
      }
    }
  }
}
