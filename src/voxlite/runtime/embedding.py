"""`SpeakerEmbedder`: sound of any length to one vector of unit norm.

The vectors of its windows, each of unit norm, are averaged (`averaging`) and brought to unit norm again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxlite.errors import ModelError
from voxlite.runtime.averaging import WindowModel
from voxlite.runtime.catalog import ModelInfo, find_model
from voxlite.values import FloatArray


class SpeakerEmbedder(WindowModel):
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
        info = find_model("speaker", model) if isinstance(model, str) else model
        if not info.metadata.embedding_size:
            raise ModelError(f"{info.path}: gives no embeddings: name a speaker model")
        super().__init__(info, threads)

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
        return np.asarray(self.vectors([samples])[0], np.float32)

    def vectors(self, sounds: Sequence[FloatArray]) -> FloatArray:
        """Return the embeddings of several stretches of sound, float32[len(sounds), size], all windows in one pool.

        Raises
        ------
        AudioError
            If a sound is not one-dimensional, or empty.
        """
        means = self.means(sounds)
        norms = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.maximum(norms, np.float32(1e-12)), np.float32)
