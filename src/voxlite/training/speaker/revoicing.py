"""Other voices from recordings of known ones: pitch and formants moved independently of each other.

A recording that is played faster or slower has pitch and formants moved together. What the spectral envelope is
stretched by afterwards moves the formants alone: the envelope comes from the low quefrencies of the cepstrum (Oppenheim
and Schafer 1968), below the period of the highest voices, and each bin is multiplied by the ratio of the stretched
envelope to the old one; phases stay as they are.
"""

from __future__ import annotations

import zlib

import numpy as np
import soxr
from scipy import signal

from voxlite.values import FloatArray

_SIZE, _HOP = 512, 128
_QUEFRENCIES = 32
_MOST_GAIN = 4.0  # natural logarithm: 35 dB
_FLOOR = 1e-5
_STEADY_HZ = 100
_PITCH = (0.78, 1.3)
_FORMANTS = (0.86, 1.17)
_TOGETHER = 0.35
"""Of the pitch's logarithm, what the formants follow: high voices come from short vocal tracts."""


def factors(version: str, voice: str) -> tuple[float, float]:
    """Return what pitch and formants of a voice are multiplied by.

    Parameters
    ----------
    version
        "x0.90": both by 0.9, and the tempo; "v01": random ones, other for every voice and number.
    voice
        All utterances of a voice are moved alike.
    """
    if version.startswith("x"):
        return float(version[1:]), float(version[1:])
    rng = np.random.default_rng((int(version[1:]), zlib.crc32(voice.encode())))
    pitch, formants = (float(np.exp(rng.uniform(*np.log(limits)))) for limits in (_PITCH, _FORMANTS))
    return pitch, pitch**_TOGETHER * formants


def revoice(samples: FloatArray, rate_hz: int, pitch: float, formants: float) -> FloatArray:
    """Return a recording as another voice might have spoken it.

    Parameters
    ----------
    samples
        float32[n].
    rate_hz
        Their rate.
    pitch, formants
        What both are multiplied by, 0.5..2; the length is divided by `pitch`, which is rounded so that the sound can
        be resampled in steps of 100 Hz.

    Returns
    -------
    FloatArray
        float32, full scale as before but for what the envelope's change adds.
    """
    if pitch != 1.0:
        samples = soxr.resample(samples, rate_hz, round(rate_hz / pitch / _STEADY_HZ) * _STEADY_HZ)
    stretch = formants / pitch
    if abs(stretch - 1.0) < 1e-3 or len(samples) < _SIZE:
        return np.asarray(samples, np.float32)
    _, _, spectrum = signal.stft(samples, nperseg=_SIZE, noverlap=_SIZE - _HOP)
    envelope = _log_envelope(np.abs(spectrum))
    bins = np.arange(len(envelope))
    at = np.clip(bins / stretch, 0, len(bins) - 1)
    below = np.minimum(at.astype(np.int64), len(bins) - 2)
    share = (at - below)[:, None]
    moved = envelope[below] * (1 - share) + envelope[below + 1] * share
    gain = np.exp(np.clip(moved - envelope, -_MOST_GAIN, _MOST_GAIN))
    _, made = signal.istft(spectrum * gain, nperseg=_SIZE, noverlap=_SIZE - _HOP)
    return np.asarray(made[: len(samples)], np.float32)


def _log_envelope(magnitude: FloatArray) -> FloatArray:
    """Return the natural logarithm of the spectral envelope of each column, [bins, frames]."""
    level = np.log(magnitude + _FLOOR)
    cepstrum = np.fft.irfft(level, axis=0)
    cepstrum[_QUEFRENCIES : len(cepstrum) - _QUEFRENCIES + 1] = 0
    return np.asarray(np.fft.rfft(cepstrum, axis=0).real)
