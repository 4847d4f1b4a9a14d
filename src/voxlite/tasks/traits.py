"""What gender and mood have in common: the speech in a recording, a model's mean logits over it, calibrated odds.

A trait's probabilities are softmax(slope * logits + offsets). Slope, offsets and the probability from which a label is
given were fitted on voices that the net had not heard, and travel in the model file. Short speech says less: its slope
is smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from voxlite.errors import ModelError
from voxlite.runtime import ModelInfo, TraitScorer
from voxlite.tasks.speech import ENOUGH_SPEECH_S, Sound, SpeechFinder
from voxlite.values import Decision, FloatArray, Trait, TraitSegment

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
    """A trait's model, its calibration, and what is decided by it.

    Parameters
    ----------
    model, threads
        As `TraitScorer`.

    Raises
    ------
    ModelError
        If the model cannot be found or run, is for another task, or is not calibrated.
    """

    task: ClassVar[str]

    def __init__(self, model: str, threads: int = 4) -> None:
        self.scorer = TraitScorer(self.task, model, threads)
        self.metadata = self.scorer.model.metadata
        self.labels = self.metadata.labels
        self._calibrate("")

    def _calibrate(self, prefix: str) -> None:
        """Take the constants and the threshold whose names begin with a prefix."""
        constants = self.metadata.calibration
        try:
            self._slopes = constants[f"{prefix}short_slope"], constants[f"{prefix}long_slope"]
            self._offsets = np.array(
                [constants[f"{prefix}offset_{label}"] for label in self.labels], np.float32
            )
            self.threshold = float(self.metadata.thresholds[f"{prefix}decide"]["value"])
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
        return softmax(slope[:, None] * self._logits(vectors) + self._offsets)

    def _logits(self, vectors: FloatArray) -> FloatArray:
        """Return what of vectors tells of the labels, float32[n, labels]."""
        return vectors[:, : len(self.labels)]

    def scores(self, vector: FloatArray, speech_s: float) -> dict[str, float]:
        """Return the calibrated probability of each label, from float32[outputs]."""
        row = self.probabilities(vector[None], [speech_s])[0]
        return dict(zip(self.labels, map(float, row), strict=True))

    def figures(self, vector: FloatArray) -> dict[str, float]:
        """Return what else the model tells, such as "arousal", each in 0..1, from float32[outputs]."""
        constants, told = self.metadata.calibration, {}
        for name, logit in zip(self.metadata.outputs, vector.tolist(), strict=True):
            if name not in self.labels:
                odds = logit * constants.get(f"{name}_slope", 1.0) + constants.get(f"{name}_offset", 0.0)
                told[name] = float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
        return told

    def decide(self, vector: FloatArray, speech_s: float, remarks: Sequence[str] = ()) -> Decision:
        """Return the verdict on what the model says of some speech.

        Parameters
        ----------
        vector
            float32[outputs].
        speech_s
            Seconds of speech that it rests on; of less than one nothing is decided.
        remarks
            Reasons for doubt that the recording gives.
        """
        label, score, reasons = self._verdict(self.scores(vector, speech_s))
        if speech_s < ENOUGH_SPEECH_S:
            label, reasons = UNSURE, (f"only {speech_s:.1f} s of speech", *reasons)
        return Decision(label, score, self.threshold, speech_s, (*reasons, *remarks))

    def trait(self, vector: FloatArray, speech_s: float, segments: Sequence[TraitSegment] = ()) -> Trait:
        """Return all that can be said of some speech: parameters as `decide`, and the segments it is made of."""
        return Trait(
            self.task,
            self.decide(vector, speech_s),
            self.scores(vector, speech_s) if speech_s else {},
            self.figures(vector) if speech_s else {},
            tuple(segments),
        )

    def heard(self, samples: FloatArray, speech_s: float) -> Trait:
        """Return all that can be said of float32[n] at the scorer's rate, of which `speech_s` seconds are speech."""
        return self.trait(self.scorer.vectors([samples])[0], speech_s)

    def _verdict(self, scores: dict[str, float]) -> tuple[str, float, tuple[str, ...]]:
        """Return label, score and reasons from probabilities: the likeliest label where it is likely enough."""
        ranked = sorted(scores, key=lambda label: -scores[label])
        best = ranked[0]
        if scores[best] >= self.threshold:
            return best, scores[best], ()
        return UNSURE, scores[best], (f"{best} or {ranked[1]}",)


class TraitClassifier:
    """A trait's model behind a voice detector; `GenderClassifier` and `MoodClassifier` say whose.

    Parameters
    ----------
    trait
        The model.
    threads
        Of the voice detector.
    voice_model
        Of the voice detector: a shipped model's name or the path of an exported `.tflite` file.

    Raises
    ------
    ModelError
        If the voice model cannot be found or run.
    """

    def __init__(self, trait: TraitModel, threads: int, voice_model: str) -> None:
        self.trait = trait
        self._finder = SpeechFinder(trait.scorer.rate_hz, voice_model, threads)

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
        heard = self.listen(audio)
        return self.trait.scores(heard.vector, heard.speech_s)

    def decide(self, audio: Sound) -> Decision:
        """Say which label the speech in a recording has, or that none is sure enough; parameters as `scores`.

        Returns
        -------
        Decision
            `score` is the probability of the likeliest label, also where the decision is "unsure".
        """
        heard = self.listen(audio)
        return self.trait.decide(heard.vector, heard.speech_s, heard.remarks)

    def listen(self, audio: Sound) -> TraitEvidence:
        """Return what the model says of the speech in a recording; of all of it when less than a second is speech."""
        found = self._finder.listen(audio)
        vector = self.trait.scorer.vectors([found.samples])[0]
        return TraitEvidence(vector, found.speech_s, found.remarks)


def softmax(logits: FloatArray) -> FloatArray:
    """Return probabilities over the last axis, float32 of the same shape."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
