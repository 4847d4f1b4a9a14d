"""Speaker models that are measured beside each other: voxlite's files, and Resemblyzer where it is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.cli.evaluate_speaker import Listener
from voxlite.errors import VoxliteError
from voxlite.values import FloatArray


class Whole(Listener):
    """A voxlite model that embeds whole clips, as the published protocol does: no voice detector before it."""

    def speech(self, samples: FloatArray) -> FloatArray:
        """Return all of a sound."""
        return samples

    @property
    def size_bytes(self) -> int:
        """Size of the model file."""
        return self.model.size_bytes


class Resemblyzer:
    """Resemblyzer's GE2E encoder: 256 numbers, its own trimming of silence before it; PyTorch on one thread."""

    rate_hz = 16_000

    def __init__(self) -> None:
        missing = [name for name in ("torch", "resemblyzer") if importlib.util.find_spec(name) is None]
        if missing:
            raise VoxliteError(f"not installed: {', '.join(missing)} (pip install torch resemblyzer)")
        import resemblyzer
        import torch

        torch.set_num_threads(1)
        self._prepare: Any = resemblyzer.preprocess_wav
        self._encoder: Any = resemblyzer.VoiceEncoder("cpu", verbose=False)
        self.size_bytes = (Path(resemblyzer.__file__).parent / "pretrained.pt").stat().st_size

    def __call__(self, samples: FloatArray) -> FloatArray:
        """Return the unit embedding of sound at 16 kHz."""
        prepared = self._prepare(samples, source_sr=self.rate_hz)
        if len(prepared) < self.rate_hz // 2:  # nothing left of it
            prepared = samples
        embedding = np.asarray(self._encoder.embed_utterance(prepared), np.float32)
        return embedding / np.linalg.norm(embedding)

    def speech(self, samples: FloatArray) -> FloatArray:
        """Return all of a sound: what is cut is cut by the peer itself."""
        return samples
