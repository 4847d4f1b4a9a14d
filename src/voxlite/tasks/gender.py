"""Female or male: the gender that an adult's voice sounds like; of children's voices it is not told."""

from __future__ import annotations

from voxlite.tasks.traits import UNSURE, TraitClassifier, TraitModel

CHILD = "child"


class GenderModel(TraitModel):
    """A gender model: as `TraitModel`; children's voices are left open."""

    task = "gender"

    def _verdict(self, scores: dict[str, float]) -> tuple[str, float, tuple[str, ...]]:
        adult = {label: score for label, score in scores.items() if label != CHILD}
        best = max(adult, key=lambda label: adult[label])
        score = adult[best] / max(sum(adult.values()), 1e-9)
        limit = float(self.metadata.thresholds.get(CHILD, {"value": 1.0})["value"])
        if scores.get(CHILD, 0.0) >= limit:
            return UNSURE, score, ("may be a child's voice",)
        if score < self.threshold:
            return UNSURE, score, (" or ".join(sorted(adult)),)
        return best, score, ()


class GenderClassifier(TraitClassifier):
    """Tells whether an adult's voice sounds female or male.

    The model knows a third sort of voice, a child's, whose gender cannot be heard. A decision is "female" or "male"
    where one of the two is likely enough, given that the voice is an adult's; its score is that probability. It is
    "unsure" where neither is, and where the voice is too likely a child's, which a reason then says.

    Parameters
    ----------
    model
        A shipped model's name or the path of an exported `.tflite` file.
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
    >>> from voxlite import Audio, GenderClassifier
    >>> GenderClassifier(threads=1).decide("samples/voice-en-radio.flac").label  # doctest: +SKIP
    'male'
    """

    def __init__(self, model: str = "compact", threads: int = 4, voice_model: str = "compact") -> None:
        super().__init__(GenderModel(model, threads), threads, voice_model)
