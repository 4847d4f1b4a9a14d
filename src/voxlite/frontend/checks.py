"""What the front end's functions demand of their arrays: the NumPy path and the compiled one refuse the same."""

from __future__ import annotations

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.values import FloatArray


def require_samples(samples: FloatArray) -> None:
    """Raise FeatureError if samples are not one-dimensional."""
    if samples.ndim != 1:
        raise FeatureError(f"the front end wants mono samples, float32[n], got shape {samples.shape}")


def require_bands(log_mel: FloatArray, config: FrontEndConfig) -> None:
    """Raise FeatureError if log-mel frames are not rows of the configuration's bands."""
    if log_mel.ndim != 2 or log_mel.shape[1] != config.mel_bands:
        raise FeatureError(f"cepstrum wants float32[frames, {config.mel_bands}], got shape {log_mel.shape}")
