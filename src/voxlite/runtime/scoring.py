"""`TraitScorer`: sound of any length to the scores of a trait, by a model that sees one window at a time."""

from __future__ import annotations

from collections.abc import Sequence

from voxlite.errors import ModelError
from voxlite.runtime.averaging import WindowModel
from voxlite.runtime.catalog import ModelInfo, find_model
from voxlite.values import FloatArray


class TraitScorer(WindowModel):
    """A model of a trait of voices, such as gender or mood, ready to run.

    Parameters
    ----------
    task
        "gender" or "mood".
    model
        A model, its name, or the path of a `.tflite` file.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.

    Raises
    ------
    ModelError
        If the model cannot be found or run, or gives no scores of a trait.
    """

    def __init__(self, task: str, model: ModelInfo | str = "compact", threads: int = 4) -> None:
        info = find_model(task, model) if isinstance(model, str) else model
        metadata = info.metadata
        if not metadata.labels or metadata.outputs[: len(metadata.labels)] != metadata.labels:
            raise ModelError(f"{info.path}: gives no scores of a trait: name a {task} model")
        super().__init__(info, threads)

    def vectors(self, sounds: Sequence[FloatArray]) -> FloatArray:
        """Return what the model says of several sounds, not yet calibrated.

        Parameters
        ----------
        sounds
            Each float32[n] at `rate_hz`, full scale -1..1, n at least 1; what is not speech counts like speech.

        Returns
        -------
        FloatArray
            float32[len(sounds), size]: the means over each sound's windows of the metadata's `outputs`.

        Raises
        ------
        AudioError
            If a sound is not one-dimensional, or empty.
        """
        return self.means(sounds)
