"""The front end: waveform to log-mel energies, cepstral coefficients and feature images; the NumPy reference."""

from __future__ import annotations

from voxlite.frontend.cepstrum import cepstrum, deltas
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import dct_matrix
from voxlite.frontend.features import log_mel_features, mfcc
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.image import feature_planes, mfcc_image
from voxlite.frontend.spectrum import (
    frame_geometry,
    hamming_window,
    hz_to_mel,
    log_mel,
    mel_bank,
    mel_to_hz,
    power_spectrum,
)
from voxlite.frontend.streaming import FeatureStream

__all__ = [
    "FeatureStream",
    "FrontEndConfig",
    "Geometry",
    "cepstrum",
    "dct_matrix",
    "deltas",
    "feature_planes",
    "frame_geometry",
    "hamming_window",
    "hz_to_mel",
    "log_mel",
    "log_mel_features",
    "mel_bank",
    "mel_to_hz",
    "mfcc",
    "mfcc_image",
    "power_spectrum",
]
