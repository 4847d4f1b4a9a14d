"""Mel-frequency cepstral coefficients and their deltas from log-mel energies.

    c[t, j] = sqrt(2 / M) s_j sum_m L[t, m] cos(pi j (m + 1/2) / M),   s_0 = sqrt(1/2), s_j = 1   (orthonormal DCT-II)
    d[t]    = sum_{n=1..N} n (c[t + n] - c[t - n]) / (2 sum_{n=1..N} n^2),   N = (width - 1) / 2

The DCT is the one of Davis and Mermelstein (1980) in its orthonormal form, so that distances between log-mel frames
survive; no lifter. The deltas are HTK's regression (Young et al., The HTK Book, section 5.9): the first and the last
frame are repeated beyond the edges, which librosa calls `mode="nearest"` (its default, "interp", differs in the outer
N frames and refuses short clips). Deltas of deltas apply the same regression twice.
"""

from __future__ import annotations

import numpy as np

from voxlite.errors import FeatureError
from voxlite.frontend import native
from voxlite.frontend.checks import require_bands
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import dct_matrix
from voxlite.values import FloatArray


def cepstrum(log_mel: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return cepstral coefficients of log-mel frames.

    Parameters
    ----------
    log_mel
        float32[frames, mel_bands], natural logarithms.
    config
        The front end.

    Returns
    -------
    FloatArray
        float32[frames, coefficients]; the first is sqrt(mel_bands) times the frame's mean log energy.

    Raises
    ------
    FeatureError
        If the frames do not have `config.mel_bands` bands.

    Examples
    --------
    >>> cepstrum(np.ones((3, 64), np.float32), FrontEndConfig())[:, 0]
    array([8., 8., 8.], dtype=float32)
    """
    plan = native.plan_for(config)
    return cepstrum_numpy(log_mel, config) if plan is None else plan.cepstrum(log_mel)


def cepstrum_numpy(log_mel: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return what `cepstrum` returns, by NumPy alone; the compiled kernel differs from it by rounding."""
    require_bands(log_mel, config)
    result: FloatArray = log_mel @ dct_matrix(config.mel_bands, config.coefficients)
    return result


def deltas(features: FloatArray, width: int) -> FloatArray:
    """Return the slope of features over time by linear regression.

    Parameters
    ----------
    features
        float32[frames, n] of any unit.
    width
        Frames in the regression, odd, at least 3; edges repeat the outermost frame.

    Returns
    -------
    FloatArray
        float32[frames, n], the features' unit per frame.

    Raises
    ------
    FeatureError
        If the features are not two-dimensional or the width is even or below 3.

    Examples
    --------
    >>> deltas(np.arange(5, dtype=np.float32)[:, None], 3)[:, 0]
    array([0.5, 1. , 1. , 1. , 0.5], dtype=float32)
    """
    if features.ndim != 2:
        raise FeatureError(f"deltas wants float32[frames, n], got shape {features.shape}")
    if width < 3 or width % 2 == 0:
        raise FeatureError(f"deltas: width {width} must be odd and at least 3")
    frames, half = len(features), width // 2
    result = np.zeros(features.shape, np.float32)
    if frames == 0:
        return result
    padded = np.pad(features, ((half, half), (0, 0)), mode="edge").astype(np.float32, copy=False)
    scale = 2.0 * sum(n * n for n in range(1, half + 1))
    for n in range(1, half + 1):
        later, earlier = padded[half + n : half + n + frames], padded[half - n : half - n + frames]
        result += np.float32(n / scale) * (later - earlier)
    return result
