"""What gender and mood have in common: the speech in a recording, a model's mean logits over it, calibrated odds.

A trait's probabilities are softmax(slope * logits + offsets). Slope, offsets and the probability from which a label is
given were fitted on voices that the net had not heard, and travel in the model file. Short speech says less: its slope
is smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from voxlite.errors import ModelError
from voxlite.runtime import ModelInfo, TraitScorer
from voxlite.tasks.speech import ENOUGH_SPEECH_S, Sound, SpeechFinder
from voxlite.values import Decision, FloatArray

UNSURE = "unsure"
"""The label of a decision that is left open."""
_SHORT_S, _LONG_S = 1.0, 3.0
"""Net speech that "short_slope" and "long_slope" belong to; between them, the slope follows its logarithm."""


@dataclass(frozen=True, eq=False)
class TraitEvidence:
    """What a model says of the speech in a recording, not yet calibrated.

    Parameters
    ----------
    vector
        float32[outputs].
    speech_s
        Net speech, seconds.
    remarks
        Plain words on the recording's quality.
    """

    vector: FloatArray = field(repr=False)
    speech_s: float
    remarks: tuple[str, ...] = ()


class TraitModel:
    """A trait's model and its calibration.

    Parameters
    ----------
    task
        "gender" or "mood".
    model, threads
        As `TraitScorer`.

    Raises
    ------
    ModelError
        If the model cannot be found or run, is for another task, or is not calibrated.
    """

    def __init__(self, task: str, model: str = "compact", threads: int = 4) -> None:
        self.scorer = TraitScorer(task, model, threads)
        self.metadata = self.scorer.model.metadata
        self.labels = self.metadata.labels
        constants = self.metadata.calibration
        try:
            self._slopes = constants["short_slope"], constants["long_slope"]
            self._offsets = np.array([constants[f"offset_{label}"] for label in self.labels], np.float32)
            self.threshold = float(self.metadata.thresholds["decide"]["value"])
        except KeyError as missing:
            raise ModelError(
                f"{self.scorer.model.path}: not calibrated ({missing} is missing): export it again"
            ) from None

    @property
    def model(self) -> ModelInfo:
        """The model's file and what it says of itself."""
        return self.scorer.model

    def probabilities(self, vectors: FloatArray, speech_s: Sequence[float]) -> FloatArray:
        """Return calibrated probabilities.

        Parameters
        ----------
        vectors
            float32[n, outputs].
        speech_s
            Seconds of speech that each rests on.

        Returns
        -------
        FloatArray
            float32[n, labels]; rows sum to one.
        """
        heard = np.clip(np.asarray(speech_s, np.float64), _SHORT_S, _LONG_S)
        share = np.log(heard / _SHORT_S) / np.log(_LONG_S / _SHORT_S)
        slope = (self._slopes[0] + share * (self._slopes[1] - self._slopes[0])).astype(np.float32)
        return softmax(slope[:, None] * vectors[:, : len(self.labels)] + self._offsets)

    def value(self, vector: FloatArray, name: str) -> float:
        """Return a further figure of the model's, such as "arousal", in 0..1.

        Raises
        ------
        ModelError
            If the model tells no such figure.
        """
        if name not in self.metadata.outputs[len(self.labels) :]:
            raise ModelError(f"{self.scorer.model.path}: tells nothing of {name}: name another model")
        constants = self.metadata.calibration
        odds = vector[self.metadata.outputs.index(name)] * constants.get(f"{name}_slope", 1.0)
        return float(1 / (1 + np.exp(-np.clip(odds + constants.get(f"{name}_offset", 0.0), -30, 30))))


class TraitClassifier:
    """A trait's model behind a voice detector; `GenderClassifier` and `MoodClassifier` say what is decided.

    Parameters
    ----------
    task
        "gender" or "mood".
    model, threads
        As `TraitScorer`.
    voice_model
        Of the voice detector, likewise.

    Raises
    ------
    ModelError
        If a model cannot be found or run, is for another task, or is not calibrated.
    """

    def __init__(
        self, task: str, model: str = "compact", threads: int = 4, voice_model: str = "compact"
    ) -> None:
        self.trait = TraitModel(task, model, threads)
        self._finder = SpeechFinder(self.trait.scorer.rate_hz, voice_model, threads)

    @property
    def model(self) -> ModelInfo:
        """The model's file and what it says of itself."""
        return self.trait.model

    @property
    def labels(self) -> tuple[str, ...]:
        """What `scores` tells of."""
        return self.trait.labels

    @property
    def rate_hz(self) -> int:
        """Rate that sound is converted to."""
        return self.trait.scorer.rate_hz

    def scores(self, audio: Sound) -> dict[str, float]:
        """Return the probability of each label for the speech in a recording.

        Parameters
        ----------
        audio
            Sound in memory, a path, or "-" for standard input.

        Returns
        -------
        dict
            Label to probability, 0..1, calibrated; they sum to one.

        Raises
        ------
        AudioError, MissingExtraError
            If a file cannot be read.
        """
        return self.probabilities_of(self.listen(audio))

    def decide(self, audio: Sound) -> Decision:
        """Say which label the speech in a recording has, or that none is sure enough; parameters as `scores`.

        Returns
        -------
        Decision
            `score` is the probability of the likeliest label, also where the decision is "unsure".
        """
        return self.decide_on(self.listen(audio))

    def listen(self, audio: Sound) -> TraitEvidence:
        """Return what the model says of the speech in a recording; of all of it when less than a second is speech."""
        found = self._finder.listen(audio)
        vector = self.trait.scorer.vectors([found.samples])[0]
        return TraitEvidence(vector, found.speech_s, found.remarks)

    def probabilities_of(self, evidence: TraitEvidence) -> dict[str, float]:
        """Return the probability of each label."""
        row = self.trait.probabilities(evidence.vector[None], [evidence.speech_s])[0]
        return dict(zip(self.labels, map(float, row), strict=True))

    def decide_on(self, evidence: TraitEvidence) -> Decision:
        """Return the verdict on what `listen` returned."""
        label, score, reasons = self._verdict(self.probabilities_of(evidence))
        if evidence.speech_s < ENOUGH_SPEECH_S:
            label, reasons = UNSURE, (f"only {evidence.speech_s:.1f} s of speech", *reasons)
        return Decision(label, score, self.trait.threshold, evidence.speech_s, (*reasons, *evidence.remarks))

    def _verdict(self, scores: dict[str, float]) -> tuple[str, float, tuple[str, ...]]:
        """Return label, score and reasons from probabilities: the likeliest label where it is likely enough."""
        ranked = sorted(scores, key=lambda label: -scores[label])
        best = ranked[0]
        if scores[best] >= self.trait.threshold:
            return best, scores[best], ()
        return UNSURE, scores[best], (f"{best} or {ranked[1]}",)


def softmax(logits: FloatArray) -> FloatArray:
    """Return probabilities over the last axis, float32 of the same shape."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
