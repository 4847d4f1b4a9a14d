"""What a page shows of the sound itself: waveform, spectrogram and MFCCs, of bounded size for any length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from voxlite.audio.audio import Audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import frame_window
from voxlite.frontend.features import mfcc
from voxlite.frontend.spectrum import power_spectrum
from voxlite.report.overview import Envelope, EnvelopeBuilder, FrameMeans
from voxlite.values import FloatArray

MOST_COLUMNS = 8_000
"""An hour has one column per 0.45 s, which sixteen-fold zoom still shows."""
SPECTRUM_ROWS = 128
_LEAST_POWER = 1e-14


@dataclass(frozen=True)
class PageSound:
    """The sound as pictures; columns divide the recording into equal parts.

    Parameters
    ----------
    envelope
        Lowest and highest sample of each column.
    level_db
        float32[columns, SPECTRUM_ROWS], mean power from 0 to `top_hz`, dB, 0 for a sine at full scale.
    coefficients
        float32[columns, coefficients], mean MFCCs. Neither has columns where the sound is shorter than one frame.
    top_hz
        Highest frequency shown.
    """

    envelope: Envelope
    level_db: FloatArray
    coefficients: FloatArray
    top_hz: float


def sound_of(
    blocks: Iterable[FloatArray], duration_s: float, config: FrontEndConfig | None = None
) -> PageSound:
    """Return what a page shows of a recording that arrives in blocks.

    Parameters
    ----------
    blocks
        float32[n] each, at the configuration's rate.
    duration_s
        Length of the whole recording, seconds.
    config
        The front end; None for the default.
    """
    config = config or FrontEndConfig()
    n_samples = round(duration_s * config.rate_hz)
    envelope = EnvelopeBuilder(n_samples, MOST_COLUMNS)
    power = FrameMeans(n_samples, config, lambda x: _pooled(x, config), SPECTRUM_ROWS, MOST_COLUMNS)
    cepstra = FrameMeans(
        n_samples, config, lambda x: mfcc(Audio(x, config.rate_hz), config), config.coefficients, MOST_COLUMNS
    )
    for block in blocks:
        envelope.push(block)
        power.push(block)
        cepstra.push(block)
    full_scale = float(frame_window(config).sum() / 2) ** 2
    level_db = 10 * np.log10(np.maximum(power.finish() / full_scale, _LEAST_POWER))
    return PageSound(
        envelope.finish(), level_db.astype(np.float32), cepstra.finish(), top_hz=config.rate_hz / 2
    )


def _pooled(samples: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return the power spectrum without its first bin, neighbouring bins averaged, float32[frames, SPECTRUM_ROWS]."""
    power = power_spectrum(samples, config)[:, 1:]
    group = power.shape[1] // SPECTRUM_ROWS
    pooled = power[:, ::group].copy()  # column by column: NumPy's mean over a short axis is four times slower
    for place in range(1, group):
        pooled += power[:, place::group]
    return np.asarray(pooled / np.float32(group), np.float32)
