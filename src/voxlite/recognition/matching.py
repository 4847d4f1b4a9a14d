"""From two stretches of speech to one calibrated LLR, and from a rate of false acceptances to the LLR that keeps it.

The model's LLR is mapped once more by slope * LLR + offset where the user has calibrated (`own_calibration`); without,
that is the identity. A person's references are blended into one for each probe (`Together`).

Whoever compares a stranger with N people has N chances to take the stranger for somebody. For a rate `far` that a
stranger is given any name, each comparison may have 1 - (1 - far)^(1/N).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import expm1, log1p
from typing import Any, Protocol

import numpy as np

from voxlite.errors import ModelError, VoxliteError
from voxlite.quality.remarks import is_narrow_band
from voxlite.runtime import ModelInfo
from voxlite.values import FloatArray
from voxlite.voiceprints.scoring import PairScorer, blended, cost_of

REFERENCES = 8
"""Most references of a person that are blended: the nearest ones."""


class Heard(Protocol):
    """A piece of speech that can be compared: `Speech` of a recording, or a `Voiceprint`."""

    @property
    def embedding(self) -> FloatArray:
        """float32[dim] of unit norm."""

    @property
    def speech_s(self) -> float:
        """Net speech, seconds."""

    @property
    def bandwidth_hz(self) -> float | None:
        """Frequency up to which it carries sound, if known."""


def is_narrow(heard: Heard) -> bool:
    """Tell whether speech is known to carry a telephone's band alone."""
    return is_narrow_band(heard.bandwidth_hz)


@dataclass(frozen=True)
class Together:
    """Several references of a person as a probe is compared with them.

    Parameters
    ----------
    embedding
        float32[dim] of unit norm, see `blended`.
    speech_s
        Net speech of all of them, seconds.
    bandwidth_hz
        Of the nearest.
    nearest
        Its place among them.
    cost
        LLR that their number costs, see `cost_of`.
    """

    embedding: FloatArray
    speech_s: float
    bandwidth_hz: float | None
    nearest: int
    cost: float

    @classmethod
    def of(cls, probe: Heard, references: Sequence[Heard]) -> Together:
        """Blend one reference or more for a probe."""
        rows = np.stack([reference.embedding for reference in references])
        order = np.argsort(-(rows @ probe.embedding), kind="stable")[:REFERENCES]
        nearest = int(order[0])
        return cls(
            blended(probe.embedding[None], rows[order])[0],
            sum(references[at].speech_s for at in order.tolist()),
            references[nearest].bandwidth_hz,
            nearest,
            cost_of(len(order)),
        )


@dataclass(frozen=True)
class Calibration:
    """How a user's own recordings correct a model's LLRs.

    Parameters
    ----------
    slope, offset
        The LLR becomes slope * LLR + offset.
    n_people, n_recordings
        What they were fitted on; 0 for the model as it is.
    """

    slope: float = 1.0
    offset: float = 0.0
    n_people: int = 0
    n_recordings: int = 0

    def apply(self, llr: FloatArray) -> FloatArray:
        """Return corrected LLRs, float32 of the same shape."""
        return np.asarray(llr * np.float32(self.slope) + np.float32(self.offset), np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, which the constructor takes back."""
        return asdict(self)


class Matcher:
    """Compares speech with speech.

    Parameters
    ----------
    scorer
        Of the model.
    calibration
        Of the user; the identity if left out.
    """

    def __init__(self, scorer: PairScorer, calibration: Calibration | None = None) -> None:
        self.scorer = scorer
        self.calibration = calibration or Calibration()

    def llrs(self, probe: Heard, references: Sequence[Heard]) -> FloatArray:
        """Return the LLR of a probe and each of several references, float32[n], natural logarithm."""
        if not references:
            return np.zeros(0, np.float32)
        rows = np.stack([reference.embedding for reference in references])
        cohort = self.scorer.cohort
        sides = cohort.statistics(probe.embedding[None]), cohort.statistics(rows)
        scores = cohort.normalised(rows @ probe.embedding, *sides)
        found = np.empty(len(rows), np.float32)
        for at, reference in enumerate(references):
            narrow = is_narrow(probe) or is_narrow(reference)
            shorter_s = min(probe.speech_s, reference.speech_s)
            found[at] = self.scorer.calibrated(scores[at], shorter_s, narrow)
        return self.calibration.apply(found)

    def together(self, probe: Heard, people: Sequence[Together]) -> FloatArray:
        """Return the LLR of a probe and each of several people's references, float32[n], natural logarithm."""
        costs = np.array([person.cost for person in people], np.float32)
        return self.llrs(probe, people) - costs * np.float32(self.calibration.slope)


@dataclass(frozen=True)
class OperatingPoint:
    """From which LLR on a voice is taken for somebody.

    Parameters
    ----------
    llr
        Natural logarithm.
    far
        The chance that a stranger is taken for somebody, 0..1.
    n_people
        How many people the stranger is compared with.
    """

    llr: float
    far: float
    n_people: int


def per_comparison(far: float, n_people: int) -> float:
    """Return the rate of false acceptances that each of `n_people` comparisons may have for `far` over all of them.

    Examples
    --------
    >>> round(per_comparison(0.01, 20), 6)
    0.000502
    """
    return -expm1(log1p(-far) / max(n_people, 1))


def operating_point(
    model: ModelInfo, scorer: PairScorer, far: float | None = None, n_people: int = 1
) -> OperatingPoint:
    """Return where a model decides.

    Parameters
    ----------
    model
        Of speakers.
    scorer
        Of the same model.
    far
        The chance that a stranger is taken for somebody, above 0 and below 1; None takes the model's own.
    n_people
        How many people a voice is compared with.

    Raises
    ------
    ModelError
        If `far` is None and the model names no operating point.
    VoxliteError
        If `far` is out of range.
    """
    own = model.metadata.thresholds.get("verify")
    if far is None and (own is None or "far" not in own):
        raise ModelError(
            f"{model.path}: names no operating point: choose one with far (--far), or export it again"
        )
    chosen = float(own["far"]) if far is None and own is not None else far
    if chosen is None or not 0.0 < chosen < 1.0:
        raise VoxliteError(
            f"far is {chosen}: give a rate above 0 and below 1, 0.001 is one stranger in a thousand"
        )
    llr = scorer.llr_at_far(per_comparison(chosen, n_people))
    if far is None and own is not None:  # rounded in the file: one comparison is exactly what it says
        llr = float(own["value"]) if n_people <= 1 else max(float(own["value"]), llr)
    return OperatingPoint(llr, chosen, n_people)
