"""Neutral, happy, angry, sad or fearful: the mood that a voice sounds like, and how excited it sounds."""

from __future__ import annotations

from voxlite.errors import ModelError
from voxlite.tasks.speech import Sound
from voxlite.tasks.traits import TraitClassifier, TraitModel

AROUSAL = "arousal"


class MoodModel(TraitModel):
    """A mood model: as `TraitModel`."""

    task = "mood"


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

    Raises
    ------
    ModelError
        If a model cannot be found or run, is for another task, or is not calibrated.

    Examples
    --------
    >>> from voxlite import Audio, MoodClassifier
    >>> MoodClassifier(threads=1).arousal("samples/voice-en-radio.flac")  # doctest: +SKIP
    0.4
    """

    def __init__(self, model: str = "mood", threads: int = 4, voice_model: str = "compact") -> None:
        super().__init__(MoodModel(model, threads), threads, voice_model)

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
