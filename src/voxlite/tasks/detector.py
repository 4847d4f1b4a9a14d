"""Sounds that a user taught voxlite: where they are to be heard."""

from __future__ import annotations

import numpy as np

from voxlite.activity.segmenter import SegmenterConfig
from voxlite.audio import Audio
from voxlite.errors import ModelError
from voxlite.runtime import load_model
from voxlite.tasks.step_detector import StepDetector, StepStream, blocks, point_of
from voxlite.values import Detection, Event, FloatArray, Segment

_MIN_EVENT_S = 0.2
_MIN_GAP_S = 0.5


class SoundDetector(StepDetector):
    """Finds the sound that a model from `voxlite train detector` was taught.

    Parameters
    ----------
    model
        Path of the `.tflite` file.
    threads
        Fragments that run at the same time, 1..64; results do not depend on it.
    threshold
        Probability in 0..1 from which a moment counts; None takes the model's own.
    min_event_s, min_gap_s
        Shortest event, shortest pause that ends one; seconds. A moment is judged by the second around it, so the ends
        of an event are known to half a second.

    Raises
    ------
    ModelError
        If the file cannot be read or run, or is no detector.
    """

    def __init__(
        self,
        model: str,
        threads: int = 4,
        threshold: float | None = None,
        min_event_s: float = _MIN_EVENT_S,
        min_gap_s: float = _MIN_GAP_S,
    ) -> None:
        info = load_model(model)
        if info.metadata.task != "detector":
            raise ModelError(
                f"{model}: a model for {info.metadata.task!r}, not a detector: make one with `voxlite train detector`"
            )
        value = point_of(info, "step") if threshold is None else threshold
        config = SegmenterConfig(threshold=value, min_voice_s=min_event_s, min_gap_s=min_gap_s)
        super().__init__(info, threads, config)
        self.threshold = value

    @property
    def label(self) -> str:
        """What the sound is called."""
        return self._metadata.labels[0]

    def detect(self, audio: Audio) -> Detection:
        """Return where the sound is to be heard in a recording of any length and rate."""
        stream = DetectorStream(self, audio.rate_hz)
        for block in blocks(audio):
            stream.push(block)
        stream.flush()
        return stream.detection()


class DetectorStream:
    """Events of sound that arrives in portions of any size; the same to the sample as for a file.

    Parameters
    ----------
    detector
        Model, threshold and durations.
    rate_hz
        Rate of the samples that will be pushed.
    """

    def __init__(self, detector: SoundDetector, rate_hz: int) -> None:
        self._detector = detector
        self._stream = StepStream(detector, rate_hz)
        self.reset()

    def reset(self) -> None:
        """Forget everything and start a new recording."""
        self._stream.reset()
        self._found: list[Event] = []
        self._highest = 0.0

    def push(self, samples: FloatArray) -> list[Event]:
        """Take further mono samples, float32[n], and return the events that are now final."""
        return self._take(self._stream.push(samples))

    def flush(self) -> list[Event]:
        """End the recording and return the rest; `reset` before the next one."""
        return self._take(self._stream.flush())

    def detection(self) -> Detection:
        """Return all that was found since the last `reset`."""
        return Detection(self._detector.label, self._highest, self._detector.threshold, tuple(self._found))

    def _take(self, segments: list[Segment]) -> list[Event]:
        events = [
            Event(part.start_s, part.end_s, self._detector.label, part.score)
            for part in segments
            if part.label == "voice"  # as `StepDetector` calls whatever is looked for
        ]
        self._found += events
        probabilities = self._detector.probabilities(self._stream.last_steps)
        self._highest = float(np.max(probabilities, initial=self._highest))
        return events
