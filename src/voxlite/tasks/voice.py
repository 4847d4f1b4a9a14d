"""Voice or no voice: verdicts for clips, scores and segments for recordings, files and streams alike.

A step's probability is sigmoid(slope * logit + offset); a clip's pooled logit is the mean of its highest step logits
within the best second. Slopes, offsets and thresholds were fitted on validation data and travel in the model file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from voxlite.activity.segmenter import Segmenter, SegmenterConfig, StepSegment
from voxlite.audio import Audio, Conformer
from voxlite.runtime import Engine, find_model
from voxlite.tasks.pooling import SILENT_LOGIT, pool
from voxlite.tasks.steps import Steps, StepScorer
from voxlite.values import Decision, FloatArray, Label, Scores, Segment

_BLOCK_S = 60.0  # sound handed to the engine at a time: enough fragments for every thread, little memory


class VoiceDetector:
    """Finds human voices: speech, whisper, shout, unaccompanied song.

    Parameters
    ----------
    model
        A shipped model's name or the path of an exported `.tflite` file.
    threads
        Fragments that run at the same time, 1..64; results do not depend on it.
    threshold
        Probability in 0..1 from which a step or a clip is voice; None takes the model's own.
    min_voice_s, min_gap_s, pad_s
        Shortest voice, shortest pause that ends one, margin added around each; seconds.

    Raises
    ------
    ModelError
        If the model cannot be found or run.

    Examples
    --------
    >>> import numpy as np
    >>> from voxlite import Audio, VoiceDetector
    >>> detector = VoiceDetector(threads=1)
    >>> detector.decide(Audio(np.zeros(16_000, np.float32), 16_000)).label
    'no voice'
    """

    def __init__(
        self,
        model: str = "compact",
        threads: int = 4,
        threshold: float | None = None,
        min_voice_s: float = SegmenterConfig.min_voice_s,
        min_gap_s: float = SegmenterConfig.min_gap_s,
        pad_s: float = SegmenterConfig.pad_s,
    ) -> None:
        info = find_model("voice", model)
        self.model = info
        self._metadata = info.metadata
        self.threshold = (
            threshold if threshold is not None else float(self._metadata.thresholds["clip"]["value"])
        )
        step_threshold = (
            threshold if threshold is not None else float(self._metadata.thresholds["step"]["value"])
        )
        self.segmenter_config = SegmenterConfig(
            threshold=step_threshold, min_voice_s=min_voice_s, min_gap_s=min_gap_s, pad_s=pad_s
        )
        self.engine = Engine(info, threads)

    @property
    def rate_hz(self) -> int:
        """Rate the model works at; other rates are converted."""
        return self._metadata.frontend.rate_hz

    @property
    def step_s(self) -> float:
        """Seconds per score."""
        return self._metadata.geometry.step / self.rate_hz

    def scores(self, audio: Audio) -> Scores:
        """Return the probability of voice over time.

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

    def decide(self, audio: Audio) -> Decision:
        """Say whether there is a human voice in a clip.

        Parameters
        ----------
        audio
            Any length; one second is the reference that the calibration rests on.

        Returns
        -------
        Decision
            Label "voice" or "no voice"; `score` is a calibrated probability.
        """
        return self.decide_steps(self._all_steps(audio))

    def segments(self, audio: Audio) -> list[Segment]:
        """Return voice, silence and noise, partitioning the recording."""
        stream = self.stream(audio.rate_hz)
        found: list[Segment] = []
        for block in _blocks(audio):
            found += stream.push(block)
        return found + stream.flush()

    def stream(self, rate_hz: int) -> VoiceStream:
        """Return the streaming twin of `segments` for sound at `rate_hz`."""
        return VoiceStream(self, rate_hz)

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

    def decide_steps(self, steps: Steps) -> Decision:
        """Return the verdict on a clip from all its steps."""
        pooled = np.array([self.pooled(steps)], np.float32)
        heard_s = float(np.count_nonzero(~steps.silent)) * self.step_s
        score = float(self._sigmoid(pooled, "clip")[0]) if heard_s else 0.0
        reasons = [] if heard_s else ["nothing but silence"]
        if 0 < heard_s < self._metadata.calibration["pool_steps"] * self.step_s:
            reasons.append(f"only {heard_s:.2f} s of sound to judge by")
        label = "voice" if score >= self.threshold else "no voice"
        return Decision(label, score, self.threshold, heard_s, tuple(reasons))

    def pooled(self, steps: Steps) -> float:
        """Return the logit of a clip, not yet calibrated, from all its steps."""
        calibration = self._metadata.calibration
        logits = np.where(steps.silent, np.float32(SILENT_LOGIT), steps.logits)
        return pool(logits, int(calibration["pool_steps"]), int(calibration["pool_span_steps"]))

    def _sigmoid(self, logits: FloatArray, what: str) -> FloatArray:
        calibration = self._metadata.calibration
        odds = logits * np.float32(calibration[f"{what}_slope"]) + np.float32(calibration[f"{what}_offset"])
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -80, 80))), np.float32) * np.isfinite(logits)

    def _all_steps(self, audio: Audio) -> Steps:
        conformer, scorer = Conformer(audio.rate_hz, self.rate_hz), StepScorer(self.engine)
        parts = [scorer.push(conformer.push(block)) for block in _blocks(audio)]
        parts += [scorer.push(conformer.flush()), scorer.flush()]
        return Steps.join(parts)


class VoiceStream:
    """Segments of sound that arrives in portions of any size; the same to the sample as for a file.

    Parameters
    ----------
    detector
        Model, thresholds and durations.
    rate_hz
        Rate of the samples that will be pushed.
    """

    def __init__(self, detector: VoiceDetector, rate_hz: int) -> None:
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


def _blocks(audio: Audio) -> Iterator[FloatArray]:
    size = int(_BLOCK_S * audio.rate_hz)
    for start in range(0, len(audio.samples), size):
        yield audio.samples[start : start + size]
