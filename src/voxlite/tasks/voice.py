"""Voice or no voice: verdicts for clips, scores and segments for recordings, files and streams alike.

A step's probability is sigmoid(slope * logit + offset); a clip's pooled logit is the mean of its highest step logits
within the best second. Slopes, offsets and thresholds were fitted on validation data and travel in the model file.
"""

from __future__ import annotations

import numpy as np

from voxlite.activity.segmenter import SegmenterConfig
from voxlite.audio import Audio
from voxlite.errors import ModelError
from voxlite.runtime import find_model
from voxlite.tasks.pooling import SILENT_LOGIT, pool
from voxlite.tasks.step_detector import StepDetector, StepStream, point_of
from voxlite.tasks.steps import Steps
from voxlite.values import Decision


class VoiceDetector(StepDetector):
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
        If the model cannot be found or run, or is not calibrated.

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
        if not {"pool_steps", "pool_span_steps"} <= set(info.metadata.calibration):
            raise ModelError(f"{info.path}: not calibrated ('pool_steps' is missing): export it again")
        config = SegmenterConfig(
            threshold=point_of(info, "step") if threshold is None else threshold,
            min_voice_s=min_voice_s,
            min_gap_s=min_gap_s,
            pad_s=pad_s,
        )
        super().__init__(info, threads, config, ("step", "clip"))
        self.threshold = point_of(info, "clip") if threshold is None else threshold

    def stream(self, rate_hz: int) -> VoiceStream:
        """Return the streaming twin of `segments` for sound at `rate_hz`."""
        return VoiceStream(self, rate_hz)

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


class VoiceStream(StepStream):
    """Voice, silence and noise in sound that arrives in portions of any size: what `VoiceDetector.stream` returns."""
