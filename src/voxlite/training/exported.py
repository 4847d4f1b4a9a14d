"""An exported file run over many clips as a client runs it: what its scores are calibrated on."""

from __future__ import annotations

import os

import numpy as np

from voxlite.runtime import Engine, ModelInfo
from voxlite.values import FloatArray


class ExportedNet:
    """A model file that scores batches of clips, on all processors.

    Parameters
    ----------
    model
        The file; what it says of calibration is not used.
    """

    def __init__(self, model: ModelInfo) -> None:
        self.metadata = model.metadata
        self._engine = Engine(model, threads=min(64, os.cpu_count() or 1))

    def logits(self, samples: FloatArray) -> FloatArray:
        """Return float32[batch, steps] of float32[batch, n] in digital silence, as `VoiceDetector` steps over it."""
        geometry, n = self.metadata.geometry, samples.shape[1]
        after = geometry.input_length(-(-n // geometry.step)) - geometry.before - n
        return np.stack(self._engine.logits(list(np.pad(samples, ((0, 0), (geometry.before, after))))))
