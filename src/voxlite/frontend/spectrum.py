"""Framing, Hamming window, power spectrum, mel filter bank and log-mel energies in NumPy.

    X[t, k] = | sum_n w[n] x[t hop + n] exp(-2 pi i k n / N) |^2         (power, N = fft_size)
    mel(f)  = 2595 log10(1 + f / 700)                                    (the article's scale; O'Shaughnessy 1987)
    L[t, m] = ln( sum_k M[m, k] X[t, k] + floor )

The window is the periodic Hamming window 0.54 - 0.46 cos(2 pi n / W); the filters are triangles of height one in
hertz whose corners are equidistant in mel. No padding, no dither, no pre-emphasis: frame t needs exactly the samples
t*hop .. t*hop + window, nothing else. Products run in float32 as in the model files.

A frame's value does not depend on its neighbours, to the last bit: the mel product runs over tiles of fixed height,
so that the linear-algebra library chooses the same kernel for one frame as for thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.values import FloatArray

_BLOCK_FRAMES = (
    64  # frames transformed at a time: the working set stays in the cache (measured best of 32..512)
)
_TILE_FRAMES = 16  # height of the mel product; a power of two that divides the block


def frame_geometry(config: FrontEndConfig) -> Geometry:
    """Return the geometry of one frame over samples."""
    return Geometry(config.window_samples, config.hop_samples)


@lru_cache(maxsize=32)
def hamming_window(n: int) -> FloatArray:
    """Return the periodic Hamming window, float32[n]."""
    window = (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)
    window.flags.writeable = False
    return window


def hz_to_mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return mel for hertz, 2595 log10(1 + f/700)."""
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0))


def mel_to_hz(mel: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return hertz for mel, the inverse of `hz_to_mel`."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0))


@lru_cache(maxsize=32)
def mel_bank(config: FrontEndConfig) -> FloatArray:
    """Return the triangular filters, float32[fft_size // 2 + 1, mel_bands], each with its peak at one.

    Raises
    ------
    FeatureError
        If a filter is so narrow that no DFT bin falls into it.
    """
    corners_hz = mel_to_hz(
        np.linspace(hz_to_mel(config.low_hz), hz_to_mel(config.high_hz), config.mel_bands + 2)
    )
    bins_hz = np.arange(config.fft_size // 2 + 1) * config.rate_hz / config.fft_size
    low, centre, high = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    bank = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    empty = np.flatnonzero(bank.max(axis=0) == 0)
    if empty.size:
        raise FeatureError(
            f"{empty.size} of {config.mel_bands} mel bands hold no DFT bin: use fewer bands or a larger fft_size"
        )
    bank.flags.writeable = False
    return bank


def frames(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return overlapping frames as a read-only view, float32[count, window_samples], without copying.

    Raises
    ------
    FeatureError
        If the samples are not one-dimensional.
    """
    if samples.ndim != 1:
        raise FeatureError(f"frames wants float32[n], got shape {samples.shape}")
    geometry = frame_geometry(config)
    if len(samples) < geometry.window:
        return np.zeros((0, geometry.window), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, geometry.window)[:: geometry.hop]


def _power_blocks(samples: FloatArray, config: FrontEndConfig) -> Iterator[tuple[int, int, FloatArray]]:
    """Yield (first frame, frames, power spectrum) in blocks; rows beyond `frames` fill the last tile.

    The spectrum's memory is used again for the next block.
    """
    view = frames(samples, config)
    window = hamming_window(config.window_samples)
    height = min(_BLOCK_FRAMES, _TILE_FRAMES * -(-len(view) // _TILE_FRAMES))
    padded = np.zeros((height, config.fft_size), np.float32)
    power = np.empty((height, config.fft_size // 2 + 1), np.float32)
    imaginary = np.empty_like(power)
    for first in range(0, len(view), _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, len(view) - first)
        rows = _TILE_FRAMES * -(-count // _TILE_FRAMES)
        np.multiply(view[first : first + count], window, out=padded[:count, : len(window)])
        spectrum = np.fft.rfft(padded[:rows])
        np.square(spectrum.real, out=power[:rows])
        np.square(spectrum.imag, out=imaginary[:rows])
        power[:rows] += imaginary[:rows]
        yield first, count, power[:rows]


def power_spectrum(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return the windowed power spectrum, float32[frames, fft_size // 2 + 1], full scale of a sine (window sum / 2)^2.

    Parameters
    ----------
    samples
        float32[n] at `config.rate_hz`, -1..1; fewer than one window's samples give no frame.
    config
        The front end.

    Raises
    ------
    FeatureError
        If the samples are not one-dimensional.
    """
    power = np.zeros((frame_geometry(config).count(len(samples)), config.fft_size // 2 + 1), np.float32)
    for first, count, block in _power_blocks(samples, config):
        power[first : first + count] = block[:count]
    return power


def log_mel(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return natural-log mel energies, float32[frames, mel_bands], at least ln(log_floor).

    Parameters
    ----------
    samples
        float32[n] at `config.rate_hz`, -1..1; fewer than one window's samples give no frame.
    config
        The front end.

    Raises
    ------
    FeatureError
        If the samples are not one-dimensional, or a mel band holds no DFT bin.
    """
    bank = mel_bank(config)
    result = np.zeros((frame_geometry(config).count(len(samples)), config.mel_bands), np.float32)
    for first, count, power in _power_blocks(samples, config):
        tiles = np.matmul(power.reshape(-1, _TILE_FRAMES, power.shape[1]), bank)
        result[first : first + count] = tiles.reshape(-1, config.mel_bands)[:count]
    result += np.float32(config.log_floor)
    return np.log(result, out=result)
