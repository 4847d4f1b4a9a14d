"""`Diarizer`: the speaker task over a recording that comes in portions; embeddings of windows are all it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from voxlite.audio import Conformer
from voxlite.errors import MissingExtraError
from voxlite.recognition.diarization import SpeakerOptions, diarize
from voxlite.runtime import ModelInfo, SpeakerEmbedder
from voxlite.tasks.voice_windows import VoiceWindows, WindowModel
from voxlite.values import FloatArray, Segment, Turn
from voxlite.voiceprints.scoring import PairScorer


class Diarizer:
    """A speaker model ready to say who speaks when.

    Parameters
    ----------
    model
        A shipped or imported speaker model's name, or the path of a `.tflite` file.
    threads
        Windows that run at the same time, 1..64; results do not depend on it.
    options
        Number of speakers, enrolled names.

    Raises
    ------
    ModelError
        If the model cannot be found or run; or if it is not calibrated and the number of speakers is not given.
    MissingExtraError
        If SciPy is not installed.
    """

    def __init__(
        self, model: str = "compact", threads: int = 4, options: SpeakerOptions | None = None
    ) -> None:
        if find_spec("scipy") is None:  # refused before the recording is read, not after
            raise MissingExtraError("telling speakers apart", "diarize")
        self._embedder = SpeakerEmbedder(model, threads)
        self._options = options or SpeakerOptions()
        self._scorer = None if self._options.is_exact else PairScorer(self._embedder.model)

    @property
    def model(self) -> ModelInfo:
        """The speaker model's file and what it says of itself."""
        return self._embedder.model

    def stream(self, rate_hz: int) -> SpeakerStream:
        """Return the task over one recording at `rate_hz`."""
        return SpeakerStream(self._embedder, rate_hz, self._options, self._scorer)


class SpeakerStream:
    """Turns of a recording that comes in portions of any size; they are known at its end.

    Parameters
    ----------
    embedder
        Of windows.
    rate_hz
        Rate of the samples that will be pushed.
    options, scorer
        As `diarize` takes them.
    """

    def __init__(
        self, embedder: WindowModel, rate_hz: int, options: SpeakerOptions, scorer: PairScorer | None
    ) -> None:
        self._conformer = Conformer(rate_hz, embedder.rate_hz)
        self._windows = VoiceWindows(embedder)
        self._options, self._scorer = options, scorer

    def push(self, samples: FloatArray, segments: Sequence[Segment], outlook_s: tuple[float, float]) -> None:
        """Take further mono samples, the segments that became final with them, and `VoiceStream.outlook_s`."""
        self._windows.push(self._conformer.push(samples), segments, outlook_s)

    def flush(self, segments: Sequence[Segment]) -> tuple[Turn, ...]:
        """Take the last segments, return the turns of the recording; `reset` before the next one."""
        windows = self._windows.finish(self._conformer.flush(), segments)
        return diarize(windows, self._options, self._scorer)

    def reset(self) -> None:
        """Forget everything and start a new recording."""
        self._conformer.reset()
        self._windows.reset()
