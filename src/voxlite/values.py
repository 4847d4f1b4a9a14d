"""The values that travel between stages: plain frozen data, no behaviour that reads files or globals.

Audio -> Frames -> Features -> Scores -> Decision -> Report; `Audio` lives in `voxlite.audio`, `Report` in
`voxlite.report`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
"""float32 array of any shape."""

Label = Literal["voice", "silence", "noise"]
"""What a moment of a recording is."""

LABELS: tuple[Label, ...] = ("voice", "silence", "noise")


@dataclass(frozen=True)
class Scores:
    """Probability of one thing over time.

    Parameters
    ----------
    start_s, end_s
        float64[n], seconds from the start of the recording; intervals ascend and do not overlap.
    values
        float32[n], probabilities in 0..1.
    """

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    values: FloatArray

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Span:
    """A stretch of a recording.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive.
    """

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {"start_s": round(self.start_s, 4), "end_s": round(self.end_s, 4)}


@dataclass(frozen=True)
class LabelledSpan(Span):
    """A stretch of a recording that is called something.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive.
    label
        What.
    score
        How sure that is, 0..1.
    """

    label: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {**super().to_dict(), "label": self.label, "score": round(self.score, 4)}


@dataclass(frozen=True)
class Segment(LabelledSpan):
    """A stretch of a recording with one label.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive; exact multiples of one sample.
    label
        "voice", "silence" or "noise".
    score
        Mean probability of the label over the stretch, 0..1.
    """

    label: Label


@dataclass(frozen=True)
class Turn(Span):
    """A stretch of a recording in which one person speaks.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive.
    speaker
        An enrolled person's name, or "speaker 1", "speaker 2", ... in order of appearance.
    score
        How near the stretch lies to all that the speaker says in the recording: a cosine, 0..1.
    """

    speaker: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {
            **super().to_dict(),
            "speaker": self.speaker,
            "score": round(self.score, 4),
        }


@dataclass(frozen=True)
class Event(LabelledSpan):
    """A stretch of a recording in which a sound is to be heard.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive.
    label
        What the sound is called.
    score
        Mean probability over the stretch, 0..1.
    """


@dataclass(frozen=True)
class Detection:
    """Where one sound is to be heard in a recording.

    Parameters
    ----------
    label
        What the sound is called.
    score
        The highest probability of any moment, 0..1.
    threshold
        Probability from which a moment counts.
    events
        In order of time; none where the sound is not to be heard.
    """

    label: str
    score: float
    threshold: float
    events: tuple[Event, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {
            "label": self.label,
            "score": round(self.score, 4),
            "threshold": self.threshold,
            "events": [event.to_dict() for event in self.events],
        }


@dataclass(frozen=True)
class TraitSegment(LabelledSpan):
    """A stretch of voice with what it sounds like.

    Parameters
    ----------
    start_s, end_s
        Seconds from the start of the recording, `end_s` exclusive.
    label
        One of the task's labels, or "unsure".
    score
        Probability of the likeliest label, 0..1.
    """


@dataclass(frozen=True)
class Trait:
    """What the voices in a recording sound like.

    Parameters
    ----------
    task
        "gender" or "mood".
    decision
        On the recording as a whole.
    scores
        Probability of each label, 0..1; empty where there is no voice.
    figures
        Further numbers of the task in 0..1, such as "arousal"; empty where there is no voice.
    segments
        The same of each voice segment, in order of time.
    """

    task: str
    decision: Decision
    scores: dict[str, float]
    figures: dict[str, float]
    segments: tuple[TraitSegment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {
            "decision": self.decision.to_dict(),
            "scores": {label: round(score, 4) for label, score in self.scores.items()},
            **{name: round(value, 4) for name, value in self.figures.items()},
            "segments": [segment.to_dict() for segment in self.segments],
        }


@dataclass(frozen=True)
class Decision:
    """One verdict with everything needed to question it.

    Parameters
    ----------
    label
        The verdict, e.g. "voice" or "no voice"; may be "not enough speech" or "unknown" for tasks that say so.
    score
        Calibrated probability in 0..1.
    threshold
        The score from which the verdict is given.
    evidence_s
        Seconds of sound that the score rests on.
    reasons
        Plain-words remarks, most important first; may be empty.
    """

    label: str
    score: float
    threshold: float
    evidence_s: float
    reasons: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data that goes into a report."""
        return {
            "label": self.label,
            "score": round(self.score, 4),
            "threshold": self.threshold,
            "evidence_s": round(self.evidence_s, 3),
            "reasons": list(self.reasons),
        }
