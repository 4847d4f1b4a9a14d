"""Streaming change of sampling rate, always with a low-pass: libsoxr's 'HQ' recipe in float32.

Two of its engines are used. From 16 kHz up, and for every reduction, the FFT engine: images and aliases below
-120 dB, 18-80 ms held back. Below 16 kHz that engine would hold back 0.08-0.23 s, too much for a live label,
so raising such rates (telephone sound, 8 -> 16 kHz) uses the polyphase engine: the same suppression, 10-60 ms
held back, about 0.5 ms of work per second of sound.

Both give the same samples bit by bit however the input is cut; the tests hold them to it.
"""

from __future__ import annotations

import numpy as np
import soxr

from voxlite.errors import AudioError
from voxlite.values import FloatArray

_LIVE_RATE_HZ = 16_000


def resampled_length(n_samples: int, in_hz: int, out_hz: int) -> int:
    """Return how many samples `n_samples` become: n * out / in rounded half up, at least 1 unless n is 0."""
    return max(1, (2 * n_samples * out_hz + in_hz) // (2 * in_hz)) if n_samples else 0


class Resampler:
    """Mono resampler for chunks of any size.

    Parameters
    ----------
    in_hz, out_hz
        Sampling rates, above 0; where they are equal the samples pass through untouched.

    Raises
    ------
    AudioError
        If a rate is not above 0.

    Notes
    -----
    The outputs of all `push` and the `flush` together are exactly `resampled_length(n, in_hz, out_hz)`
    samples and aligned with the input: output k stands at second k / out_hz, within half an output sample.
    Digital silence stays exactly zero.
    """

    def __init__(self, in_hz: int, out_hz: int) -> None:
        if in_hz <= 0 or out_hz <= 0:
            raise AudioError(f"resampling {in_hz} Hz to {out_hz} Hz: both rates must be above 0")
        self.in_hz = in_hz
        self.out_hz = out_hz
        self._stream = None
        if in_hz != out_hz:
            polyphase = in_hz < _LIVE_RATE_HZ and in_hz < out_hz
            self._stream = soxr.ResampleStream(in_hz, out_hz, 1, dtype="float32", quality="HQ", vr=polyphase)
        self._n_in = 0
        self._n_out = 0

    def push(self, samples: FloatArray) -> FloatArray:
        """Take float32[n] at `in_hz`; return what is ready, float32[m] at `out_hz`, m may be 0."""
        if self._stream is None:
            return samples
        ready = np.asarray(self._stream.resample_chunk(samples), np.float32)
        self._n_in += len(samples)
        self._n_out += len(ready)
        return ready

    def flush(self) -> FloatArray:
        """End the sound: return the rest, float32[m], and start anew."""
        if self._stream is None or self._n_in == 0:
            self.reset()
            return np.zeros(0, np.float32)
        rest = resampled_length(self._n_in, self.in_hz, self.out_hz) - self._n_out
        # Zeros behind the end make sure that even one sample at 192 kHz yields its share at 16 kHz.
        margin = np.zeros(2 * (self.in_hz // self.out_hz + 1), np.float32)
        last = [self._stream.resample_chunk(margin), self._stream.resample_chunk(margin[:0], last=True)]
        tail = np.concatenate(last).astype(np.float32, copy=False)[:rest]
        self.reset()
        return tail

    def reset(self) -> None:
        """Forget everything; the next `push` starts a new sound."""
        if self._stream is not None:
            self._stream.clear()
        self._n_in = 0
        self._n_out = 0
