"""From a recording to a feature matrix: the front end's functions for people, `Audio` in, frames out.

Sound at another rate is band-limited and resampled first. A recording shorter than one frame is padded with zeros
to exactly one; otherwise a last, incomplete frame is left out, as everywhere in the front end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voxlite.frontend import native
from voxlite.frontend.cepstrum import cepstrum
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.values import FloatArray

if TYPE_CHECKING:
    from voxlite.audio.audio import Audio

_DEFAULT = FrontEndConfig()


def samples_for(audio: Audio, config: FrontEndConfig) -> FloatArray:
    """Return the recording's samples at the front end's rate, at least one frame, float32[n]."""
    samples = audio.samples
    if audio.rate_hz != config.rate_hz:
        from voxlite.audio import conform

        samples = conform(audio, config.rate_hz).samples
    missing = config.window_samples - len(samples)
    return np.pad(samples, (0, missing)) if missing > 0 else samples


def log_mel_features(audio: Audio, config: FrontEndConfig = _DEFAULT) -> FloatArray:
    """Return the log-mel energies of a recording.

    Parameters
    ----------
    audio
        The recording, at any rate.
    config
        The front end.

    Returns
    -------
    FloatArray
        float32[frames, mel_bands], natural logarithms, at least ln(log_floor).

    Raises
    ------
    FeatureError
        If the configuration leaves a mel band without a DFT bin.

    Examples
    --------
    >>> from voxlite.audio.audio import Audio
    >>> log_mel_features(Audio(np.zeros(16_000, np.float32), 16_000)).shape
    (98, 64)
    """
    return log_mel(samples_for(audio, config), config)


def mfcc(audio: Audio, config: FrontEndConfig = _DEFAULT) -> FloatArray:
    """Return the mel-frequency cepstral coefficients of a recording.

    Parameters
    ----------
    audio
        The recording, at any rate.
    config
        The front end.

    Returns
    -------
    FloatArray
        float32[frames, coefficients]; row t covers the samples t * hop .. t * hop + window at `config.rate_hz`.

    Raises
    ------
    FeatureError
        If the configuration leaves a mel band without a DFT bin.

    Examples
    --------
    >>> from voxlite.audio.audio import Audio
    >>> mfcc(Audio(np.zeros(16_000, np.float32), 16_000)).shape
    (98, 40)
    """
    samples = samples_for(audio, config)
    plan = native.plan_for(config)
    return cepstrum(log_mel(samples, config), config) if plan is None else plan.mfcc(samples)
