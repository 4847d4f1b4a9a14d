"""Effective bandwidth: where the long-term average spectrum ends.

The spectrum is the mean power of Hann-windowed frames of about 32 to 64 ms, all channels added, smoothed
over 125 Hz: two frames every 100 ms in the first second, then one every 300 ms. The bandwidth is the highest
frequency whose power is

- within 60 dB of the strongest (above 50 Hz), and
- 6 dB above what 16-bit rounding alone would leave there, and
- not beyond a cliff: where the spectrum, above 1.5 kHz, falls by 25 dB or more within a tenth of the frequency
  (at least 300 Hz) and never comes back. A telephone channel, a codec or a resampler ends in such a cliff, with a noise
  floor behind it that the first two rules may still take for sound; a voice or a room never does.

White noise has the Nyquist frequency; an 8 kHz telephone recording has about 3.4 to 4 kHz at any rate it was
resampled to.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voxlite.values import FloatArray

DYNAMIC_RANGE_DB = 60.0
CLIFF_DB = 25.0
ROUNDING_MARGIN_DB = 6.0
MIN_FRAME_S = 0.01

_FRAME_S = 0.032
_SMOOTH_HZ = 125.0
_LOWEST_HZ = 50.0
_LOWEST_CLIFF_HZ = 1_500.0
"""No channel ends below this, but a low voice on its own may fall as steeply above its first harmonics."""

_PLATEAU_HZ = 600.0
_DENSE_HOPS = 10
_SPARSE_EVERY = 3
_ROUNDING_POWER = 2.0**-30 / 12.0


class SpectrumMeter:
    """Long-term average spectrum of a stream that comes in whole hops of about 100 ms.

    Parameters
    ----------
    rate_hz
        Samples per second.
    hop
        Samples per hop.
    """

    def __init__(self, rate_hz: int, hop: int) -> None:
        self.rate_hz = rate_hz
        self._hop = hop
        self._size = 1 << int(np.ceil(np.log2(_FRAME_S * rate_hz)))
        self._window = _hann(self._size)
        self._power = np.zeros(self._size // 2 + 1)
        self._n_frames = 0
        self._n_hops = 0

    def push(self, samples: FloatArray, n_valid: int) -> None:
        """Take the next hops.

        Parameters
        ----------
        samples
            float32[channels, hops * hop].
        n_valid
            Samples per channel that are sound; the rest is padding, and no frame reaches into it.
        """
        hops = samples.reshape(len(samples), -1, self._hop)
        index = np.arange(hops.shape[1]) + self._n_hops
        self._n_hops += hops.shape[1]
        fits = (np.arange(hops.shape[1]) * self._hop + self._size) <= n_valid
        dense = index < _DENSE_HOPS
        if self._n_frames == 0 and 0 < n_valid < self._size:
            self._add(samples[:, None, :n_valid], _hann(n_valid))
            return
        self._add(hops[:, fits & (dense | (index % _SPARSE_EVERY == 0)), : self._size], self._window)
        half = self._hop // 2
        if dense.any() and half + self._size <= self._hop:
            fits = (np.arange(hops.shape[1]) * self._hop + half + self._size) <= n_valid
            self._add(hops[:, fits & dense, half : half + self._size], self._window)

    def _add(self, frames: FloatArray, window: FloatArray) -> None:
        """Add the power of float32[channels, n, size] frames."""
        if not frames.size:
            return
        spectrum = np.fft.rfft(frames * window, self._size)
        power = spectrum.real**2 + spectrum.imag**2
        # Every frame as a density: independent of the window's length, 1 for white noise of unit power.
        self._power += power.sum(axis=(0, 1), dtype=np.float64) / float(np.square(window).sum())
        self._n_frames += frames.shape[1]

    def bandwidth_hz(self, duration_s: float) -> float | None:
        """Return the effective bandwidth in Hz; None for digital silence or under 10 ms of sound."""
        if not self._n_frames or duration_s < MIN_FRAME_S:
            return None
        return bandwidth_hz(self._power / self._n_frames, self.rate_hz)


def bandwidth_hz(power: NDArray[np.float64], rate_hz: float) -> float | None:
    """Find where a spectrum ends.

    Parameters
    ----------
    power
        float64[bins], mean power density from 0 Hz to Nyquist, 1 for white noise of unit power.
    rate_hz
        Samples per second.

    Returns
    -------
    float or None
        Hz, 0 to rate_hz / 2; None when there is no power at all.

    Examples
    --------
    >>> bandwidth_hz(np.ones(257), 16_000)
    8000.0
    """
    hz_per_bin = rate_hz / 2.0 / (len(power) - 1)
    lowest = max(2, round(_LOWEST_HZ / hz_per_bin))
    if len(power) <= lowest or not power[lowest:].max() > 0.0:
        return None
    level_db = 10.0 * np.log10(np.maximum(_smooth(power, max(3, round(_SMOOTH_HZ / hz_per_bin))), 1e-30))
    floor_db = max(
        float(level_db[lowest:].max()) - DYNAMIC_RANGE_DB,
        10.0 * float(np.log10(_ROUNDING_POWER)) + ROUNDING_MARGIN_DB,
    )
    above = np.flatnonzero(level_db >= floor_db)
    if not len(above):
        return None
    last = min(int(above[-1]), _cliff(level_db, lowest, hz_per_bin))
    return float(last * hz_per_bin)


def _cliff(level_db: NDArray[np.float64], lowest: int, hz_per_bin: float) -> int:
    """Return the bin at whose upper side the spectrum falls for good; the last bin when it never does."""
    n = len(level_db)
    width = max(3, round(_PLATEAU_HZ / hz_per_bin))
    bins = np.arange(max(lowest + width - 1, round(_LOWEST_CLIFF_HZ / hz_per_bin)), n)
    beyond = bins + np.maximum(np.ceil(300.0 / hz_per_bin), np.ceil(0.1 * bins)).astype(int)
    bins, beyond = bins[beyond < n - 1], beyond[beyond < n - 1]
    if not len(bins):
        return n - 1
    # The median of the band before: wider than a lone tone on a noise floor, which is no cliff.
    before_db = np.median(sliding_window_view(level_db, width)[bins - width + 1], axis=-1)
    after_db = np.maximum.accumulate(level_db[::-1])[::-1][beyond]
    falls = np.flatnonzero(before_db - after_db >= CLIFF_DB)
    if not len(falls):
        return n - 1
    # The middle of the fall, rather than the first bin from which it counts as one.
    edge = int(falls[-1])
    middle_db = 0.5 * (before_db[edge] + after_db[edge])
    first, last = int(bins[edge]) - width + 1, int(beyond[edge])
    return first + int(np.flatnonzero(level_db[first : last + 1] >= middle_db)[-1])


def _smooth(power: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the running mean over `width` bins, over the bins there are at the ends."""
    kernel = np.ones(min(width, len(power)))
    total = np.convolve(power, kernel, mode="same")
    return total / np.convolve(np.ones(len(power)), kernel, mode="same")


def _hann(size: int) -> FloatArray:
    """Return a Hann window without zeros at its ends, float32[size]."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * (np.arange(size) + 0.5) / size)).astype(np.float32)
