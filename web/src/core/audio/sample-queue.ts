/** Samples of which the oldest are dropped and newer ones appended, addressed by their number in the sound. */
export class SampleQueue {
  private buffer: Float32Array<ArrayBuffer>;
  private head = 0;
  private filled = 0;
  private base: number;

  /** @param first - number of the first sample that will be appended; may be negative. */
  constructor(first = 0) {
    this.buffer = new Float32Array(0);
    this.base = first;
  }

  /** Number of the oldest sample that is kept. */
  get start(): number {
    return this.base;
  }

  /** Number behind the newest sample. */
  get end(): number {
    return this.base + this.filled;
  }

  /** Add samples, Float32Array[n], which are copied. */
  append(samples: Float32Array): void {
    this.reserve(samples.length);
    this.buffer.set(samples, this.head + this.filled);
    this.filled += samples.length;
  }

  /** Add `n` zeros. */
  appendZeros(n: number): void {
    this.reserve(n);
    this.buffer.fill(0, this.head + this.filled, this.head + this.filled + n);
    this.filled += n;
  }

  /** Return a view of samples start .. stop, as far as they are kept; valid until the next change. */
  view(start: number, stop: number): Float32Array<ArrayBuffer> {
    const from = Math.min(Math.max(start - this.base, 0), this.filled);
    const to = Math.min(Math.max(stop - this.base, from), this.filled);
    return this.buffer.subarray(this.head + from, this.head + to);
  }

  /** Forget the samples before number `start`, as far as there are any. */
  dropBefore(start: number): void {
    const n = Math.min(Math.max(0, start - this.base), this.filled);
    this.head += n;
    this.base += n;
    this.filled -= n;
  }

  private reserve(n: number): void {
    const needed = this.filled + n;
    if (this.head + needed <= this.buffer.length) return;
    if (needed * 2 <= this.buffer.length) {
      this.buffer.copyWithin(0, this.head, this.head + this.filled);
    } else {
      const larger = new Float32Array(Math.max(1024, needed * 2));
      larger.set(this.buffer.subarray(this.head, this.head + this.filled));
      this.buffer = larger;
    }
    this.head = 0;
  }
}
