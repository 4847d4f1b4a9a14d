"""`Report`: everything that was found in one recording, as plain data with a versioned schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voxlite.values import LABELS, Decision, Detection, Scores, Segment, Trait, Turn

if TYPE_CHECKING:
    from voxlite.tasks.quality import QualityReport

SCHEMA = "voxlite.report/1"
"""A key that a task adds, as "speakers" came, leaves the number alone; one that changes or goes would raise it."""


@dataclass(frozen=True)
class Report:
    """The findings of one recording.

    Parameters
    ----------
    source
        The path as it was given, "-" for standard input, None for sound in memory.
    duration_s, rate_hz, channels
        Of the recording itself, before any conversion.
    voice
        Whether there is a human voice anywhere; None when the task was not asked for.
    segments
        Voice, silence and noise, partitioning the recording; empty when the task was not asked for.
    scores
        Probability of voice per step; None when the task was not asked for.
    quality
        Media quality; None when the task was not asked for.
    models
        One entry per model used: name, version, licence.
    speakers
        Who speaks when, in order of time; the turns partition the voice segments. None when the task was not asked for.
    traits
        What the voices sound like, one entry for each of the tasks gender and mood that was asked for.
    detections
        Where other sounds are to be heard, one entry for each detector that was given.
    """

    source: str | None
    duration_s: float
    rate_hz: int
    channels: int
    voice: Decision | None = None
    segments: tuple[Segment, ...] = ()
    scores: Scores | None = None
    quality: QualityReport | None = None
    models: tuple[dict[str, str], ...] = ()
    speakers: tuple[Turn, ...] | None = None
    traits: tuple[Trait, ...] = ()
    detections: tuple[Detection, ...] = ()

    def shares(self) -> dict[str, float]:
        """Return the share of the recording's time per label, 0..1; zeros when there are no segments."""
        total_s = sum(segment.duration_s for segment in self.segments)
        return {
            label: (
                sum(s.duration_s for s in self.segments if s.label == label) / total_s if total_s else 0.0
            )
            for label in LABELS
        }

    def speaker_times_s(self) -> dict[str, float]:
        """Return how long each speaker speaks, seconds, in order of appearance."""
        times_s: dict[str, float] = {}
        for turn in self.speakers or ():
            times_s[turn.speaker] = times_s.get(turn.speaker, 0.0) + turn.duration_s
        return times_s

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON: no NaN, no infinity, times in seconds."""
        result: dict[str, Any] = {
            "schema": SCHEMA,
            "source": self.source,
            "duration_s": round(self.duration_s, 4),
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "models": [dict(model) for model in self.models],
        }
        if self.voice is not None:
            result["voice"] = self.voice.to_dict()
            result["shares"] = {label: round(share, 4) for label, share in self.shares().items()}
            result["segments"] = [segment.to_dict() for segment in self.segments]
        if self.speakers is not None:
            result["speakers"] = [turn.to_dict() for turn in self.speakers]
        for trait in self.traits:
            result[trait.task] = trait.to_dict()
        if self.detections:
            result["detections"] = [detection.to_dict() for detection in self.detections]
        if self.quality is not None:
            result["quality"] = self.quality.to_dict()
        return result
