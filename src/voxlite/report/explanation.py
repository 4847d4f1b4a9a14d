"""`Explanation`: one prediction with everything that led to it, plain arrays from the waveform to the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.frontend.stages import Stages
from voxlite.report.overview import Envelope
from voxlite.runtime import ModelInfo
from voxlite.values import Decision, FloatArray, Scores

SCHEMA = "voxlite.explanation/1"


@dataclass(frozen=True)
class Explanation:
    """How a model came to its score at one moment of a recording.

    Parameters
    ----------
    source
        Path of the recording, None for sound in memory.
    duration_s, rate_hz, channels
        Of the recording as it is; everything below is at the model's rate, mono.
    model
        The model; its front end and its geometry are in `model.metadata`.
    at_s
        The moment, seconds from the start.
    step
        Number of the step that covers the moment.
    envelope
        Outline of the whole recording.
    around, around_s
        float32[n], -1..1, sound around the moment, and the second where it begins.
    stages
        The front end's stages for the samples that the step depends on, which are what the model is given.
    zeros_before, zeros_after
        Samples among these that lie outside of the recording and are zero.
    net_input
        What the front end in the model's file gives to the net: `stages.log_mel`, or the feature image
        float32[image_height, image_width, 3], 0..1.
    scores, silent
        Probabilities of the steps around the moment, and bool[n], where the silence gate kept them from the net.
    first_step
        Number of the first of these steps.
    logit
        What the net gave for the step; -inf where it was not asked.
    level_dbfs
        Level of the step's sound, dBFS, never below -120.
    threshold
        Probability from which a step is voice.
    decision
        Verdict on the stretch of steps around the moment that a clip's verdict is calibrated for.
    decision_s
        Begin and end of that stretch, seconds.
    """

    source: str | None
    duration_s: float
    rate_hz: int
    channels: int
    model: ModelInfo
    at_s: float
    step: int
    envelope: Envelope
    around: FloatArray
    around_s: float
    stages: Stages
    zeros_before: int
    zeros_after: int
    net_input: FloatArray
    scores: Scores
    silent: NDArray[np.bool_]
    first_step: int
    logit: float
    level_dbfs: float
    threshold: float
    decision: Decision
    decision_s: tuple[float, float]

    @property
    def score(self) -> float:
        """Probability of voice at the moment, 0..1; 0 where the gate found silence."""
        return float(self.scores.values[self.step - self.first_step])

    @property
    def is_silent(self) -> bool:
        """Whether the gate found silence, so that the net was not asked."""
        return bool(self.silent[self.step - self.first_step])

    @property
    def is_voice(self) -> bool:
        """Whether the probability reaches the threshold."""
        return not self.is_silent and self.score >= self.threshold

    @property
    def label(self) -> str:
        """The moment in a word: the model's first or second label, or "silence"."""
        labels = self.model.metadata.labels
        return "silence" if self.is_silent else labels[0] if self.is_voice else labels[1]

    @property
    def step_s(self) -> tuple[float, float]:
        """Begin and end of the step, seconds."""
        length = self.model.metadata.geometry.step
        rate_hz = self.model.metadata.frontend.rate_hz
        return self.step * length / rate_hz, (self.step + 1) * length / rate_hz

    @property
    def window_s(self) -> tuple[float, float]:
        """Begin and end of the window, seconds; outside of 0..duration_s where it is filled with zeros."""
        geometry, rate_hz = self.model.metadata.geometry, self.model.metadata.frontend.rate_hz
        first = self.step * geometry.step - geometry.before
        return first / rate_hz, (first + geometry.window) / rate_hz

    def verdict(self) -> str:
        """Return the verdict on the moment in words.

        Examples
        --------
        "voice, 0.982, threshold 0.50"
        """
        if self.is_silent:
            return "silence: the net was not asked"
        return f"{self.label}, {self.score:.3f}, threshold {self.threshold:.2f}"

    def decision_text(self) -> str:
        """Return the verdict on the stretch around the moment in words.

        Examples
        --------
        "voice, 0.996, threshold 0.50"
        """
        decision = self.decision
        figures = f"{decision.label}, {decision.score:.3f}, threshold {decision.threshold:.2f}"
        return "; ".join([figures, *decision.reasons])

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain data, without the arrays."""
        metadata = self.model.metadata
        return {
            "schema": SCHEMA,
            "source": self.source,
            "duration_s": round(self.duration_s, 6),
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "at_s": round(self.at_s, 6),
            "label": self.label,
            "score": round(self.score, 6),
            "threshold": self.threshold,
            "silent": self.is_silent,
            "logit": round(self.logit, 4) if math.isfinite(self.logit) else None,
            "level_dbfs": round(self.level_dbfs, 1),
            "step": {"number": self.step, **_span(self.step_s)},
            "depends_on": {
                **_span(self.window_s),
                "samples": len(self.stages.samples),
                "rate_hz": metadata.frontend.rate_hz,
                "zeros_before": self.zeros_before,
                "zeros_after": self.zeros_after,
            },
            "fed": {"what": metadata.net_input, "shape": list(self.net_input.shape)},
            "decision": {**_span(self.decision_s), **self.decision.to_dict()},
            "model": {**self.model.summary(), "size_bytes": self.model.size_bytes},
            "frontend": metadata.frontend.to_dict(),
        }


def _span(span_s: tuple[float, float]) -> dict[str, float]:
    return {"start_s": round(span_s[0], 6), "end_s": round(span_s[1], 6)}
