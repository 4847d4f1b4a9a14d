"""`WindowModel`: sound of any length to one vector, by a model that sees one window at a time.

Windows of the model's length start every `step`; the last one ends with the sound. Sound shorter than a window is
repeated until it fills one: a voice that goes on is nearer to what the model knows than silence. Every window counts
the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxlite.errors import AudioError
from voxlite.runtime.catalog import ModelInfo
from voxlite.runtime.engine import Engine
from voxlite.values import FloatArray


class WindowModel:
    """A model that gives one vector per window, ready to run: what `SpeakerEmbedder` and `TraitScorer` share.

    Parameters
    ----------
    model
        The model.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.

    Raises
    ------
    ModelError
        If the model cannot be run.
    """

    def __init__(self, model: ModelInfo, threads: int) -> None:
        self.model = model
        self._engine = Engine(model, threads)

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return self.model.metadata.vector_size

    @property
    def rate_hz(self) -> int:
        """Rate that samples are taken at."""
        return self.model.metadata.frontend.rate_hz

    @property
    def window_samples(self) -> int:
        """Samples that the model sees at a time."""
        return self.model.metadata.geometry.window

    def means(self, sounds: Sequence[FloatArray]) -> FloatArray:
        """Return one vector for each sound, float32[len(sounds), vector_size], all windows in one pool.

        Raises
        ------
        AudioError
            If a sound is not one-dimensional, or empty.
        """
        stretches = [part for samples in sounds for part in self._parts(np.asarray(samples, np.float32))]
        found = self._engine.vectors(stretches)
        means = [np.concatenate(pair).mean(axis=0) for pair in zip(found[::2], found[1::2], strict=True)]
        return np.array(means, np.float32).reshape(-1, self.size)

    def _parts(self, samples: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the sound whose windows lie `step` apart, and that of the window at its end if that is another."""
        if samples.ndim != 1 or not len(samples):
            raise AudioError(f"a model of voices wants mono samples, float32[n], got shape {samples.shape}")
        geometry = self._engine.geometry
        if len(samples) < geometry.window:
            samples = np.resize(samples, geometry.window)
        ends_with_it = (len(samples) - geometry.window) % geometry.step == 0
        return samples, samples[:0] if ends_with_it else samples[-geometry.window :]
