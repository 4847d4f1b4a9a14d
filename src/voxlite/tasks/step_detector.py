"""What detectors that score steps have in common: scores over time, segments of recordings, of files and streams alike.

A step's probability is sigmoid(slope * logit + offset); slope, offset and threshold travel in the model file. A segment
in which the probability is high has the label "voice", whatever a detector looks for: its task gives it its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from voxlite.activity.segmenter import Segmenter, SegmenterConfig, StepSegment
from voxlite.audio import Audio, Conformer
from voxlite.errors import ModelError
from voxlite.runtime import Engine, ModelInfo
from voxlite.tasks.steps import Steps, StepScorer
from voxlite.values import FloatArray, Label, Scores, Segment

_BLOCK_S = 60.0  # sound handed to the engine at a time: enough fragments for every thread, little memory


class StepDetector:
    """A model that scores steps, its threshold and its segmenter's durations.

    Parameters
    ----------
    model
        What to run.
    threads
        Fragments that run at the same time, 1..64; results do not depend on it.
    config
        Threshold of a step, and durations.
    points
        Kinds of scores that the model file must be calibrated for: "step", "clip".

    Raises
    ------
    ModelError
        If the model cannot be run, or is not calibrated.
    """

    def __init__(
        self, model: ModelInfo, threads: int, config: SegmenterConfig, points: Sequence[str] = ("step",)
    ) -> None:
        self.model = model
        self._metadata = model.metadata
        _check(model, points)
        self.segmenter_config = config
        self.engine = Engine(model, threads)

    @property
    def rate_hz(self) -> int:
        """Rate the model works at; other rates are converted."""
        return self._metadata.frontend.rate_hz

    @property
    def step_s(self) -> float:
        """Seconds per score."""
        return self._metadata.geometry.step / self.rate_hz

    def scores(self, audio: Audio) -> Scores:
        """Return the probability over time of what is looked for.

        Parameters
        ----------
        audio
            Any length and rate.

        Returns
        -------
        Scores
            One value per step; 0 where the gate found silence; the last step ends with the audio.
        """
        return self.timed(self._all_steps(audio), audio.duration_s)

    def segments(self, audio: Audio) -> list[Segment]:
        """Return what is looked for, silence and the rest ("voice", "silence", "noise"), partitioning the recording."""
        stream = self.stream(audio.rate_hz)
        found: list[Segment] = []
        for block in blocks(audio):
            found += stream.push(block)
        return found + stream.flush()

    def stream(self, rate_hz: int) -> StepStream:
        """Return the streaming twin of `segments` for sound at `rate_hz`."""
        return StepStream(self, rate_hz)

    def timed(self, steps: Steps, duration_s: float) -> Scores:
        """Return the probabilities of all steps of a recording with their times."""
        start_s = np.arange(len(steps.logits), dtype=np.float64) * self.step_s
        keep = start_s < duration_s
        end_s = np.append(start_s[1:], duration_s)
        end_s[keep.sum() - 1] = duration_s
        return Scores(start_s[keep], end_s[keep], self.probabilities(steps)[keep])

    def probabilities(self, steps: Steps) -> FloatArray:
        """Return calibrated probabilities of steps, float32[n]; exactly 0 where silent."""
        return self._sigmoid(steps.logits, "step")

    def _sigmoid(self, logits: FloatArray, what: str) -> FloatArray:
        calibration = self._metadata.calibration
        odds = logits * np.float32(calibration[f"{what}_slope"]) + np.float32(calibration[f"{what}_offset"])
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -80, 80))), np.float32) * np.isfinite(logits)

    def _all_steps(self, audio: Audio) -> Steps:
        conformer, scorer = Conformer(audio.rate_hz, self.rate_hz), StepScorer(self.engine)
        parts = [scorer.push(conformer.push(block)) for block in blocks(audio)]
        parts += [scorer.push(conformer.flush()), scorer.flush()]
        return Steps.join(parts)


class StepStream:
    """Segments of sound that arrives in portions of any size; the same to the sample as for a file.

    Parameters
    ----------
    detector
        Model, threshold and durations.
    rate_hz
        Rate of the samples that will be pushed.
    """

    def __init__(self, detector: StepDetector, rate_hz: int) -> None:
        self._detector = detector
        self._rate_hz = rate_hz
        self._conformer = Conformer(rate_hz, detector.rate_hz)
        self._scorer = StepScorer(detector.engine)
        self._segmenter = Segmenter(detector.step_s, detector.segmenter_config)
        self._n_samples = 0
        self.last_steps = Steps.join([])
        """What the latest `push` or `flush` scored."""

    @property
    def now(self) -> Label:
        """The live label, at most 200 ms behind; the segments may still revise it."""
        return self._segmenter.now

    @property
    def outlook_s(self) -> tuple[float, float]:
        """What is known of the next voice segment: it begins no earlier, and lasts at least until then; seconds.

        Where the second is above the first, the segment goes on or waits to be given out, and its begin is final.
        """
        first, sure = self._segmenter.outlook()
        return first * self._detector.step_s, sure * self._detector.step_s

    def push(self, samples: FloatArray) -> list[Segment]:
        """Take further samples and return the segments that are now final.

        Parameters
        ----------
        samples
            float32[n], any n, full scale -1..1.

        Raises
        ------
        AudioError
            If samples are NaN, infinite, or not one-dimensional floating point.
        """
        if len(samples) == 0:
            return []
        samples = Audio(samples, self._rate_hz).samples
        self._n_samples += len(samples)
        return self._take(self._scorer.push(self._conformer.push(samples)))

    def flush(self) -> list[Segment]:
        """End the recording and return the rest; `reset` before the next one."""
        found = self._take(self._scorer.push(self._conformer.flush()))
        tail = self._scorer.flush()
        before = self.last_steps
        found += self._take(tail)
        self.last_steps = Steps.join([before, tail])
        found += self._times(self._segmenter.flush())
        if found:  # resampling may leave the last step a fraction of a sample short of the end
            found[-1] = replace(found[-1], end_s=self._n_samples / self._rate_hz)
        return found

    def reset(self) -> None:
        """Forget everything and start a new recording."""
        self._conformer.reset()
        self._scorer.reset()
        self._segmenter.reset()
        self._n_samples = 0

    def _take(self, steps: Steps) -> list[Segment]:
        self.last_steps = steps
        values = self._detector.probabilities(steps)
        return self._times(self._segmenter.push(values.tolist(), steps.silent.tolist()))

    def _times(self, found: list[StepSegment]) -> list[Segment]:
        step_s, end_s = self._detector.step_s, self._n_samples / self._rate_hz
        return [
            Segment(part.start * step_s, min(part.stop * step_s, end_s), part.label, part.score)
            for part in found
            if part.start * step_s < end_s
        ]


def point_of(model: ModelInfo, name: str) -> float:
    """Return the threshold that a model file states.

    Raises
    ------
    ModelError
        If it states none.
    """
    _check(model, (name,))
    return float(model.metadata.thresholds[name]["value"])


def _check(model: ModelInfo, points: Sequence[str]) -> None:
    metadata = model.metadata
    wanted = [f"{point}_{what}" for point in points for what in ("slope", "offset")]
    missing = [name for name in wanted if name not in metadata.calibration]
    missing += [name for name in points if name not in metadata.thresholds]
    if missing:
        raise ModelError(f"{model.path}: not calibrated ({missing[0]!r} is missing): export it again")


def blocks(audio: Audio) -> Iterator[FloatArray]:
    """Yield a recording in portions that an engine takes at a time."""
    size = int(_BLOCK_S * audio.rate_hz)
    for start in range(0, len(audio.samples), size):
        yield audio.samples[start : start + size]
