"""Signal-to-noise ratio from the levels of frames with and without voice.

    SNR = 10 log10((Pv - Pn) / Pn)

Pv: mean power of the voice frames (which hold voice and background), the lowest and highest twentieth pulled
in to the 5 % and 95 % quantiles so that a click or a mislabelled pause does not decide. Pn: median power of
the frames without voice that are not digital silence; a door that slams between two sentences is no
background.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_SNR_DB = 100.0
MIN_SNR_DB = -20.0
DIGITAL_SILENCE_DB = -100.0
"""Frames at or below this level (16-bit rounding noise is at -101 dBFS) are digital silence."""


def estimate_snr_db(levels_db_voice: ArrayLike, levels_db_rest: ArrayLike) -> float | None:
    """Estimate how far the voice is above its background.

    Parameters
    ----------
    levels_db_voice
        float[n], level of each frame with voice, dB re full scale; -inf for digital silence is fine.
    levels_db_rest
        float[m], level of each frame without voice, on the same scale.

    Returns
    -------
    float or None
        dB, -20 to 100. 100 stands for a background of digital silence. None when there are no frames with
        voice (or none that sound) or no frames without.

    Examples
    --------
    >>> round(estimate_snr_db([-20.0, -20.0], [-40.0, -40.0]), 2)
    19.96
    """
    voice, rest = _sounding(levels_db_voice), np.asarray(levels_db_rest, dtype=np.float64).ravel()
    if not len(voice) or not len(rest):
        return None
    background = _sounding(rest)
    if not len(background):
        return MAX_SNR_DB
    low, high = np.quantile(voice, [0.05, 0.95])
    voice_power = float(np.mean(10.0 ** (np.clip(voice, low, high) / 10.0)))
    noise_power = float(10.0 ** (np.median(background) / 10.0))
    ratio = (voice_power - noise_power) / noise_power
    if ratio <= 10.0 ** (MIN_SNR_DB / 10.0):
        return MIN_SNR_DB
    return min(10.0 * float(np.log10(ratio)), MAX_SNR_DB)


def _sounding(levels_db: ArrayLike) -> NDArray[np.float64]:
    """Return the levels above digital silence."""
    levels = np.asarray(levels_db, dtype=np.float64).ravel()
    return levels[levels > DIGITAL_SILENCE_DB]
