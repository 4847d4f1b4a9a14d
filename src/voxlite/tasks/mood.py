"""Neutral, happy, angry, sad or fearful: the mood that a voice sounds like, and how excited it sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxlite.errors import ModelError
from voxlite.tasks.speech import Sound
from voxlite.tasks.traits import TraitClassifier, TraitModel
from voxlite.values import FloatArray

AROUSAL = "arousal"
AGAINST_NEUTRAL = "against_neutral_"
"""How outputs and constants begin that serve a comparison with a person's neutral voice."""


class MoodModel(TraitModel):
    """A mood model: as `TraitModel`; it may be told how a person sounds in no mood, and then tells the difference."""

    task = "mood"
    _reference: FloatArray | None = None

    def refer_to(self, neutral: FloatArray) -> None:
        """Tell moods from now on by how a voice differs from itself when neutral.

        Parameters
        ----------
        neutral
            float32[n, outputs], what the model says of one neutral recording or more of the person.

        Raises
        ------
        ModelError
            If the model has not learned such differences.
        """
        first = f"{AGAINST_NEUTRAL}{self.labels[0]}"
        if first not in self.metadata.outputs:
            raise ModelError(
                f"{self.model.path}: has not learned to compare with a neutral voice: name another model, or leave "
                "the neutral recordings out"
            )
        self._first = self.metadata.outputs.index(first)
        self._reference = np.asarray(neutral, np.float32).mean(axis=0)
        self._calibrate(AGAINST_NEUTRAL)

    def _logits(self, vectors: FloatArray) -> FloatArray:
        if self._reference is None:
            return super()._logits(vectors)
        return (vectors - self._reference)[:, self._first : self._first + len(self.labels)]

    def figures(self, vector: FloatArray) -> dict[str, float]:
        """As `TraitModel`; what serves the comparison alone is nothing to tell people."""
        told = super().figures(vector)
        return {name: value for name, value in told.items() if not name.startswith(AGAINST_NEUTRAL)}


class MoodClassifier(TraitClassifier):
    """Tells which mood a voice sounds like: angry, fearful, happy, neutral, sad, or "unsure".

    What was learned is acted mood. What a person feels cannot be heard; docs/privacy.md says where such a judgement is
    forbidden and where the model fails.

    Parameters
    ----------
    model
        A shipped model's name or the path of an exported `.tflite` file: "mood" learned from freely licensed clips
        alone, "mood-research" from all.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.
    voice_model
        Of the voice detector, likewise.
    neutral
        Recordings of the one person that will be asked about, in no mood: moods are then told by the difference.

    Raises
    ------
    ModelError
        If a model cannot be found or run, is for another task, is not calibrated, or cannot compare with `neutral`.
    AudioError, MissingExtraError
        If a file of `neutral` cannot be read.

    Examples
    --------
    >>> from voxlite import Audio, MoodClassifier
    >>> MoodClassifier(threads=1).arousal("samples/voice-en-radio.flac")  # doctest: +SKIP
    0.4
    """

    def __init__(
        self,
        model: str = "mood",
        threads: int = 4,
        voice_model: str = "compact",
        neutral: Sequence[Sound] = (),
    ) -> None:
        trait = MoodModel(model, threads)
        super().__init__(trait, threads, voice_model)
        if neutral:
            trait.refer_to(np.stack([self.listen(sound).vector for sound in neutral]))

    def arousal(self, audio: Sound) -> float:
        """Return how excited the speech in a recording sounds, 0 calm .. 1 excited; parameters as `scores`.

        Raises
        ------
        AudioError, MissingExtraError
            If a file cannot be read.
        ModelError
            If the model does not tell it.
        """
        told = self.trait.figures(self.listen(audio).vector)
        if AROUSAL not in told:
            raise ModelError(f"{self.model.path}: tells nothing of arousal: name another model")
        return told[AROUSAL]
