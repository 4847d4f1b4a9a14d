"""How rates below the models' are raised: the answer to one sample, and short noise at several rates."""

from __future__ import annotations

from typing import Any

import numpy as np

from voxlite.audio import Resampler
from voxlite.values import FloatArray

MODEL_HZ = 16_000
RATES_HZ = (4_000, 7_350, 8_000, 11_025, 12_000, 15_999)
"""Ratios with few positions of an output between two inputs, with many, and with more than get a row each."""
_N_RESPONSE = 126
_NOISE_S = 0.04


def raised_cases() -> dict[str, Any]:
    """Return the answer to one sample that is raised from 8 kHz, from its middle on, and what becomes of noise."""
    return {
        "response": _response().tolist(),
        "noise": [_noise(rate_hz) for rate_hz in RATES_HZ],
    }


def _response() -> FloatArray:
    samples = np.zeros(MODEL_HZ // 2, np.float32)
    middle = len(samples) // 2
    samples[middle] = 1.0
    found = _raised(samples, MODEL_HZ // 2)
    return found[2 * middle : 2 * middle + _N_RESPONSE]


def _noise(rate_hz: int) -> dict[str, Any]:
    rng = np.random.default_rng(rate_hz)
    samples = (0.25 * rng.standard_normal(round(_NOISE_S * rate_hz))).astype(np.float32)
    return {
        "rate_hz": rate_hz,
        "samples": samples.tolist(),
        "raised": _raised(samples, rate_hz).tolist(),
    }


def _raised(samples: FloatArray, rate_hz: int) -> FloatArray:
    resampler = Resampler(rate_hz, MODEL_HZ)
    return np.concatenate([resampler.push(samples), resampler.flush()])
