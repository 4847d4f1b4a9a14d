"""Every stage of the front end side by side, for pictures and checks; each is what its own module computes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voxlite.errors import FeatureError
from voxlite.frontend.cepstrum import cepstrum
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import (
    frame_geometry,
    frames,
    hamming_window,
    log_mel,
    mel_bank,
    power_spectrum,
)
from voxlite.values import FloatArray


@dataclass(frozen=True)
class Stages:
    """What becomes of a stretch of sound on its way to features, and of one of its frames.

    Parameters
    ----------
    config
        The front end.
    samples
        float32[n], -1..1, at `config.rate_hz`.
    frame
        Number of the frame that is shown in detail.
    frame_samples, hamming, weighted
        float32[window_samples]: the frame, -1..1, the Hamming window, 0..1, and their product.
    power
        float32[frames, fft_size / 2 + 1], power spectra; a sine of full scale has (sum of the window / 2)^2.
    mel_bank
        float32[fft_size / 2 + 1, mel_bands], 0..1, the triangular filters.
    log_mel
        float32[frames, mel_bands], natural logarithms of the power in each band.
    mfcc
        float32[frames, coefficients], cepstral coefficients.
    """

    config: FrontEndConfig
    samples: FloatArray
    frame: int
    frame_samples: FloatArray
    hamming: FloatArray
    weighted: FloatArray
    power: FloatArray
    mel_bank: FloatArray
    log_mel: FloatArray
    mfcc: FloatArray


def stages(samples: FloatArray, config: FrontEndConfig, middle: float) -> Stages:
    """Return every stage of the front end for a stretch of sound.

    Parameters
    ----------
    samples
        float32[n] at `config.rate_hz`, -1..1, at least one frame.
    config
        The front end.
    middle
        Where to look closely, in samples: the frame whose middle is nearest is shown in detail.

    Raises
    ------
    FeatureError
        If there is not one frame, a mel band holds no DFT bin, or the recipe is not the plain one.

    Examples
    --------
    >>> shown = stages(np.zeros(4_000, np.float32), FrontEndConfig(), middle=2_000)
    >>> shown.frame, shown.power.shape, shown.log_mel.shape, shown.mfcc.shape
    (11, (23, 257), (23, 64), (23, 40))
    """
    geometry = frame_geometry(config)
    count = geometry.count(len(samples))
    if config.recipe != "plain":
        raise FeatureError(f"stages shows the plain recipe alone, not {config.recipe!r}")
    if not count:
        raise FeatureError(f"stages wants at least {geometry.window} samples, one frame; got {len(samples)}")
    frame = int(np.clip(round((middle - geometry.window / 2) / geometry.hop), 0, count - 1))
    hamming = hamming_window(config.window_samples)
    cut = frames(samples, config)[frame]
    energies = log_mel(samples, config)
    return Stages(
        config=config,
        samples=samples,
        frame=frame,
        frame_samples=cut,
        hamming=hamming,
        weighted=cut * hamming,
        power=power_spectrum(samples, config),
        mel_bank=mel_bank(config),
        log_mel=energies,
        mfcc=cepstrum(energies, config),
    )
