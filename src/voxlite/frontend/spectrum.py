"""Framing, power spectrum and log-mel energies; `log_mel` itself runs in the compiled kernel where there is one.

    X[t, k] = | sum_n w[n] x[t hop + n] exp(-2 pi i k n / N) |^2         (power, N = fft_size)
    L[t, m] = ln( sum_k M[m, k] X[t, k] + floor )

Window w and filters M are those of `voxlite.frontend.constants`. No padding, no dither: frame t needs exactly the
samples t*hop .. t*hop + window, nothing else. Products run in float32 as in the model files. The "kaldi" recipe takes
each frame's mean away and emphasises high frequencies before the window, and its floor is the larger of the two.

A frame's value does not depend on its neighbours, to the last bit: the mel product runs over tiles of a fixed number of
frames, so that the linear-algebra library chooses the same kernel for one frame as for thousands, and frames are its
columns: those are the lanes of its vectors. (As rows they did not all round alike on processors with AVX2.) Filters are
narrow: a few groups of neighbouring bands, each with the bins it needs, take a quarter of the whole matrix's products.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np

from voxlite.frontend import native
from voxlite.frontend.checks import require_samples
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import (
    KALDI_EMPHASIS,
    KALDI_SCALE,
    frame_geometry,
    frame_window,
    hamming_window,
    hz_to_mel,
    mel_bank,
    mel_to_hz,
)
from voxlite.values import FloatArray

__all__ = [
    "frame_geometry",
    "frames",
    "hamming_window",
    "hz_to_mel",
    "log_mel",
    "log_mel_numpy",
    "mel_bank",
    "mel_to_hz",
    "power_spectrum",
]

_BLOCK_FRAMES = 128  # transformed at a time: they stay in the cache, and the calls' own cost does not count
_TILE_FRAMES = 16  # columns of a mel product; a power of two that divides the block
_MEL_GROUPS = 4  # groups of bands in the mel product (measured best of 1..8)


@lru_cache(maxsize=32)
def mel_groups(config: FrontEndConfig) -> tuple[tuple[slice, slice, FloatArray], ...]:
    """Return the mel bank in groups of neighbouring bands: (bins, bands, float32[bands, bins])."""
    bank = mel_bank(config)
    # of two bands and more: a product with a single row is another routine, which may round by position
    n_groups = min(_MEL_GROUPS, max(1, config.mel_bands // 2))
    edges = [round(i * config.mel_bands / n_groups) for i in range(n_groups + 1)]
    groups = []
    for first, end in pairwise(edges):
        used = np.flatnonzero(bank[:, first:end].any(axis=1))
        bins = slice(int(used[0]), int(used[-1]) + 1)
        weights = np.ascontiguousarray(bank[bins, first:end].T)
        weights.flags.writeable = False
        groups.append((bins, slice(first, end), weights))
    return tuple(groups)


def frames(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return overlapping frames as a read-only view, float32[count, window_samples], without copying.

    Raises
    ------
    FeatureError
        If the samples are not one-dimensional.
    """
    require_samples(samples)
    geometry = frame_geometry(config)
    if len(samples) < geometry.window:
        return np.zeros((0, geometry.window), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, geometry.window)[:: geometry.hop]


def _power_blocks(samples: FloatArray, config: FrontEndConfig) -> Iterator[tuple[int, FloatArray]]:
    """Yield (first frame, power spectrum) in blocks; rows beyond the last frame fill the last tile.

    The spectrum's memory is used again for the next block.
    """
    view = frames(samples, config)
    window = frame_window(config)
    height = min(_BLOCK_FRAMES, _TILE_FRAMES * -(-len(view) // _TILE_FRAMES))
    padded = np.zeros((height, config.fft_size), np.float32)
    power = np.empty((height, config.fft_size // 2 + 1), np.float32)
    imaginary = np.empty_like(power)
    for first in range(0, len(view), _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, len(view) - first)
        rows = _TILE_FRAMES * -(-count // _TILE_FRAMES)
        rows_here = view[first : first + count]
        if config.recipe == "kaldi":
            rows_here = _emphasised(rows_here)
        np.multiply(rows_here, window, out=padded[:count, : len(window)])
        spectrum = np.fft.rfft(padded[:rows])
        np.square(spectrum.real, out=power[:rows])
        np.square(spectrum.imag, out=imaginary[:rows])
        power[:rows] += imaginary[:rows]
        yield first, power[:rows]


def _emphasised(rows: FloatArray) -> FloatArray:
    """Return frames as Kaldi windows them: 16-bit amplitudes without their mean, high frequencies emphasised."""
    rows = rows * np.float32(KALDI_SCALE)
    rows -= rows.mean(axis=1, keepdims=True)
    before = rows[:, :-1] * np.float32(KALDI_EMPHASIS)
    rows[:, 1:] -= before  # the first sample's weight in the window is 0
    return rows


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
    for first, block in _power_blocks(samples, config):
        here = power[first : first + len(block)]
        here[:] = block[: len(here)]
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
    plan = native.plan_for(config)
    return log_mel_numpy(samples, config) if plan is None else plan.log_mel(samples)


def centred(features: FloatArray) -> FloatArray:
    """Return log-mel features float32[..., frames, mel_bands] without each band's mean over time.

    What speaker nets are fed ("centred" in a model file): most of a channel is gone with the means.
    """
    return np.asarray(features - features.mean(axis=-2, keepdims=True), np.float32)


def log_mel_numpy(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return what `log_mel` returns, by NumPy alone; the compiled kernel differs from it by rounding."""
    require_samples(samples)
    groups = mel_groups(config)
    n_frames = frame_geometry(config).count(len(samples))
    result = np.empty((-(-n_frames // _TILE_FRAMES), _TILE_FRAMES, config.mel_bands), np.float32)
    energy = np.empty((_BLOCK_FRAMES // _TILE_FRAMES, config.mel_bands, _TILE_FRAMES), np.float32)
    for first, power in _power_blocks(samples, config):
        tiles = power.reshape(-1, _TILE_FRAMES, power.shape[1]).transpose(0, 2, 1)
        for bins, bands, weights in groups:
            np.matmul(weights, tiles[:, bins], out=energy[: len(tiles), bands])
        at = first // _TILE_FRAMES
        result[at : at + len(tiles)] = energy[: len(tiles)].transpose(0, 2, 1)
    rows = result.reshape(-1, config.mel_bands)[:n_frames]
    join = np.maximum if config.recipe == "kaldi" else np.add
    join(rows, np.float32(config.log_floor), out=rows)
    return np.log(rows, out=rows)
