"""`SpeakerEmbedder`: sound of any length to one vector of unit norm, by a model that sees one window at a time.

Windows of the model's length start every `step`; the last one ends with the sound. Sound shorter than a window is
repeated until it fills one: a voice that goes on is nearer to what the model knows than silence. The windows' vectors,
each of unit norm, are averaged and brought to unit norm again, so every window counts the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxlite.errors import AudioError, ModelError
from voxlite.runtime.catalog import ModelInfo, find_model
from voxlite.runtime.engine import Engine
from voxlite.values import FloatArray


class SpeakerEmbedder:
    """A speaker model ready to run.

    Parameters
    ----------
    model
        A model, its name, or the path of a `.tflite` file.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.

    Raises
    ------
    ModelError
        If the model cannot be found or run, or gives no embeddings.
    """

    def __init__(self, model: ModelInfo | str = "compact", threads: int = 4) -> None:
        self.model = find_model("speaker", model) if isinstance(model, str) else model
        if not self.model.metadata.embedding_size:
            raise ModelError(f"{self.model.path}: gives no embeddings: name a speaker model")
        self._engine = Engine(self.model, threads)

    @property
    def size(self) -> int:
        """Numbers in an embedding."""
        return self.model.metadata.embedding_size

    @property
    def rate_hz(self) -> int:
        """Rate that `embed` takes samples at."""
        return self.model.metadata.frontend.rate_hz

    @property
    def window_samples(self) -> int:
        """Samples that the model sees at a time."""
        return self._engine.geometry.window

    def embed(self, samples: FloatArray) -> FloatArray:
        """Return the embedding of one stretch of sound.

        Parameters
        ----------
        samples
            float32[n] at `rate_hz`, full scale -1..1, n at least 1; what is not speech counts like speech.

        Returns
        -------
        FloatArray
            float32[size], unit norm.

        Raises
        ------
        AudioError
            If the samples are not one-dimensional, or there are none.
        """
        return np.asarray(self.embed_all([samples])[0])

    def embed_all(self, sounds: Sequence[FloatArray]) -> FloatArray:
        """Return the embeddings of several stretches of sound, float32[len(sounds), size], all windows in one pool.

        Raises
        ------
        AudioError
            If a sound is not one-dimensional, or empty.
        """
        stretches = [part for samples in sounds for part in self._parts(np.asarray(samples, np.float32))]
        found = self._engine.embeddings(stretches)
        means = [np.concatenate(pair).mean(axis=0) for pair in zip(found[::2], found[1::2], strict=True)]
        vectors = np.array(means, np.float32).reshape(-1, self.size)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)))

    def _parts(self, samples: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the sound whose windows lie `step` apart, and that of the window at its end if that is another."""
        if samples.ndim != 1 or not len(samples):
            raise AudioError(f"an embedding wants mono samples, float32[n], got shape {samples.shape}")
        geometry = self._engine.geometry
        if len(samples) < geometry.window:
            samples = np.resize(samples, geometry.window)
        ends_with_it = (len(samples) - geometry.window) % geometry.step == 0
        return samples, samples[:0] if ends_with_it else samples[-geometry.window :]
