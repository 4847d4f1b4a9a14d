"""What a configuration fixes: window, twiddle factors, mel filters and DCT, the constants of every implementation.

    w[n]    = 0.54 - 0.46 cos(2 pi n / W)                               (periodic Hamming window)
    mel(f)  = 2595 log10(1 + f / 700)                                   (the article's scale; O'Shaughnessy 1987)
    D[m, j] = sqrt(2 / M) s_j cos(pi j (m + 1/2) / M),   s_0 = sqrt(1/2), s_j = 1   (orthonormal DCT-II)

The filters are triangles of height one in hertz whose corners are equidistant in mel. The NumPy path, the compiled
kernel and the models' graphs take the same arrays. They are computed in double precision and rounded once.

The "kaldi" recipe (Povey et al. 2011, its compute-fbank-feats) differs: the window is a symmetric Hann window to the
power 0.85, the triangles are straight over mel, and a frame x of 16-bit amplitudes becomes

    y[n] = w[n] ((x[n] - m) - 0.97 (x[n-1] - m)),   m the mean of x            (w[0] = 0: no x[-1] is needed)
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.values import FloatArray

KALDI_EMPHASIS = 0.97
KALDI_SCALE = 32_768.0
"""Kaldi's amplitudes are those of 16-bit sound."""


def frame_geometry(config: FrontEndConfig) -> Geometry:
    """Return the geometry of one frame over samples."""
    return Geometry(config.window_samples, config.hop_samples)


@lru_cache(maxsize=32)
def hamming_window(n: int) -> FloatArray:
    """Return the periodic Hamming window, float32[n]."""
    window = (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)
    window.flags.writeable = False
    return window


@lru_cache(maxsize=32)
def povey_window(n: int) -> FloatArray:
    """Return Kaldi's default window, float32[n], 0 at both ends."""
    window: FloatArray = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / (n - 1))) ** 0.85).astype(np.float32)
    window.flags.writeable = False
    return window


def frame_window(config: FrontEndConfig) -> FloatArray:
    """Return the window that the recipe puts on a frame, float32[window_samples], 0..1."""
    make = povey_window if config.recipe == "kaldi" else hamming_window
    return make(config.window_samples)


def twiddle_factors(n: int) -> NDArray[np.complex64]:
    """Return exp(-2 pi i k / n) for k = 0..n-1, complex64[n]."""
    angle = 2 * np.pi * np.arange(n) / n
    return (np.cos(angle) - 1j * np.sin(angle)).astype(np.complex64)


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
    corners = np.linspace(hz_to_mel(config.low_hz), hz_to_mel(config.high_hz), config.mel_bands + 2)
    bins = np.arange(config.fft_size // 2 + 1) * config.rate_hz / config.fft_size
    if config.recipe == "kaldi":
        bins = hz_to_mel(bins)
    else:
        corners = mel_to_hz(corners)
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    bank = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    empty = np.flatnonzero(bank.max(axis=0) == 0)
    if empty.size:
        raise FeatureError(
            f"{empty.size} of {config.mel_bands} mel bands hold no DFT bin: use fewer bands or a larger fft_size"
        )
    bank.flags.writeable = False
    return bank


@lru_cache(maxsize=32)
def dct_matrix(bands: int, coefficients: int) -> FloatArray:
    """Return the first columns of the orthonormal DCT-II, float32[bands, coefficients], read-only."""
    angle = np.pi * np.outer(np.arange(bands) + 0.5, np.arange(coefficients)) / bands
    matrix = np.sqrt(2.0 / bands) * np.cos(angle)
    matrix[:, 0] *= np.sqrt(0.5)
    result: FloatArray = matrix.astype(np.float32)
    result.flags.writeable = False
    return result
