"""`TraitStream`: a trait's task over a recording in portions; what a model says of windows is all it keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxlite.audio import Conformer
from voxlite.tasks.traits import TraitModel
from voxlite.tasks.voice_windows import VoiceWindows, Windows
from voxlite.values import FloatArray, Segment, Trait, TraitSegment


class TraitStream:
    """A trait of the voices in a recording that comes in portions of any size; known at its end.

    Parameters
    ----------
    trait
        The model.
    rate_hz
        Rate of the samples that will be pushed.
    """

    def __init__(self, trait: TraitModel, rate_hz: int) -> None:
        self._trait, scorer = trait, trait.scorer
        self._conformer = Conformer(rate_hz, scorer.rate_hz)
        window_s = scorer.window_samples / scorer.rate_hz
        self._windows = VoiceWindows(scorer, window_s, window_s)

    def push(self, samples: FloatArray, segments: Sequence[Segment], outlook_s: tuple[float, float]) -> None:
        """Take further mono samples, the segments that became final with them, and `VoiceStream.outlook_s`."""
        self._windows.push(self._conformer.push(samples), segments, outlook_s)

    def flush(self, segments: Sequence[Segment]) -> Trait:
        """Take the last segments, return what was found in the recording; `reset` before the next one."""
        return self._found(self._windows.finish(self._conformer.flush(), segments))

    def reset(self) -> None:
        """Forget everything and start a new recording."""
        self._conformer.reset()
        self._windows.reset()

    def _found(self, windows: Windows) -> Trait:
        trait = self._trait
        lengths_s = windows.end_s - windows.start_s
        segments = []
        for number, (start_s, end_s) in enumerate(windows.voice_s.tolist()):
            own = windows.segment == number
            decision = trait.decide(_mean(windows.vectors[own], lengths_s[own]), end_s - start_s)
            segments.append(TraitSegment(start_s, end_s, decision.label, decision.score))
        speech_s = float(sum(segment.duration_s for segment in segments))
        return trait.trait(_mean(windows.vectors, lengths_s), speech_s, segments)


def _mean(vectors: FloatArray, weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> FloatArray:
    """Return the weighted mean of vectors, zeros where there is none."""
    total = max(float(weights.sum()), 1e-9)
    return np.asarray(weights @ vectors / total, np.float32)
