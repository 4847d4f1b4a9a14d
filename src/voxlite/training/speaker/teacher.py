"""A speaker model as a teacher: any file that `SpeakerEmbedder` runs, CAM++ from `voxlite models import` above all."""

from __future__ import annotations

import os
from collections.abc import Sequence

from voxlite.errors import ModelError
from voxlite.runtime.embedding import SpeakerEmbedder
from voxlite.training.speaker.net import DIM
from voxlite.training.speaker.voice_bank import RATE_HZ
from voxlite.values import FloatArray


class ModelTeacher:
    """Embeds utterances with a model file, on all processors.

    Parameters
    ----------
    model
        Name of an imported or shipped speaker model, or a .tflite file.

    Raises
    ------
    ModelError
        If there is no such model, or its embeddings or its rate are not those that a net can be taught.
    """

    def __init__(self, model: str) -> None:
        self._embedder = SpeakerEmbedder(model, threads=min(64, os.cpu_count() or 1))
        self.name, self.dim = self._embedder.model.name, self._embedder.size
        if self.dim != DIM or self._embedder.rate_hz != RATE_HZ:
            raise ModelError(
                f"{self._embedder.model.path}: gives {self.dim} numbers at {self._embedder.rate_hz} Hz; "
                f"a teacher gives {DIM} at {RATE_HZ} Hz"
            )

    def embed(self, sounds: Sequence[FloatArray], names: Sequence[str] = ()) -> FloatArray:
        """Return float32[n, dim], unit norm, of sounds at 16 kHz; their names do not matter."""
        return self._embedder.vectors(sounds)
