"""`VoiceWindows`: what a model says of short windows of the voice in a recording, gathered while the sound goes by.

A voice segment is cut into windows of `window_s` whose begins lie `hop_s` apart from the segment's; what is left over
at its end gets a window that ends with it, and a segment shorter than a window is one. Windows never reach over a
segment's borders. Which windows there are depends on the segments alone, not on the portions in which sound comes:
a segment that goes on is cut as far as it is certain, so that no more sound is kept than a window and what the
detector has not decided yet. Of each window the model's vector is all that stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voxlite.quality.spectrum import SpectrumMeter
from voxlite.values import FloatArray, Segment

WINDOW_S, HOP_S = 1.5, 0.5
_LEAST_REST = 0.25
"""Share of a hop from which the rest of a segment gets a window of its own."""
_BATCH = 32


class WindowModel(Protocol):
    """What looks at windows: a `SpeakerEmbedder`, a `TraitScorer`, or anything like them."""

    @property
    def rate_hz(self) -> int:
        """Rate of the samples."""

    @property
    def size(self) -> int:
        """Numbers in a vector."""

    def vectors(self, sounds: Sequence[FloatArray]) -> FloatArray:
        """Return one vector for each sound, float32[len(sounds), size]."""


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of a recording in order of time.

    Parameters
    ----------
    start_s, end_s
        float64[n], seconds from the start of the recording.
    segment
        int64[n], number of the voice segment that each lies in; none is left out.
    vectors
        float32[n, size].
    voice_s
        float64[segments, 2], begin and end of the voice segments.
    bandwidth_hz
        Up to where the voice carries sound; None where there is no window of full length.
    """

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    segment: NDArray[np.int64]
    vectors: FloatArray
    voice_s: NDArray[np.float64]
    bandwidth_hz: float | None

    def __len__(self) -> int:
        return len(self.start_s)


class VoiceWindows:
    """Cuts windows and asks a model of them while sound and segments come in, in any portions.

    Parameters
    ----------
    model
        Asked of the windows.
    window_s, hop_s
        Length of a window and distance between two, seconds.
    """

    def __init__(self, model: WindowModel, window_s: float = WINDOW_S, hop_s: float = HOP_S) -> None:
        self._model = model
        self._window = round(window_s * model.rate_hz)
        self._hop = round(hop_s * model.rate_hz)
        self._meter_hop = model.rate_hz // 10
        self.reset()

    def reset(self) -> None:
        """Forget everything and start a new recording."""
        self._sound = np.zeros(0, np.float32)  # from sample _at on
        self._at = 0
        self._begin: int | None = None  # first sample of the voice that is being cut
        self._next = 0  # where its next window begins
        self._waiting: list[FloatArray] = []
        self._spans: list[tuple[int, int, int]] = []  # first sample, end, segment
        self._voice: list[tuple[float, float]] = []
        self._rows: list[FloatArray] = []
        self._meter = SpectrumMeter(self._model.rate_hz, self._meter_hop)

    def push(self, samples: FloatArray, segments: Sequence[Segment], outlook_s: tuple[float, float]) -> None:
        """Take further sound at the model's rate, and what the detector knows of it by now.

        Parameters
        ----------
        samples
            float32[n].
        segments
            Those that became final.
        outlook_s
            `VoiceStream.outlook_s` after that.
        """
        self._sound = np.concatenate([self._sound, samples])
        for segment in segments:
            if segment.label == "voice":
                self._cut(segment.start_s, segment.end_s, final=True)
        first_s, sure_s = outlook_s
        keep = round(first_s * self._model.rate_hz)
        if sure_s > first_s:
            self._cut(first_s, sure_s, final=False)
            sure = round(sure_s * self._model.rate_hz)
            keep = max(keep, min(self._next, sure - self._window))
        drop = min(max(0, keep - self._at), len(self._sound))
        self._sound, self._at = self._sound[drop:].copy(), self._at + drop
        if len(self._waiting) >= _BATCH:
            self._ask()

    def finish(self, samples: FloatArray, segments: Sequence[Segment]) -> Windows:
        """Take the last sound and segments and return all windows; `reset` before the next recording."""
        self.push(samples, segments, (0.0, 0.0))
        self._ask()
        spans = np.array(self._spans, np.int64).reshape(-1, 3)
        rate_hz, size = self._model.rate_hz, self._model.size
        n_metered = sum(end - start == self._window for start, end, _ in self._spans)
        return Windows(
            start_s=spans[:, 0] / rate_hz,
            end_s=spans[:, 1] / rate_hz,
            segment=spans[:, 2],
            vectors=np.concatenate([np.zeros((0, size), np.float32), *self._rows]),
            voice_s=np.array(self._voice, np.float64).reshape(-1, 2),
            bandwidth_hz=self._meter.bandwidth_hz(n_metered * self._window / rate_hz),
        )

    def _cut(self, start_s: float, end_s: float, final: bool) -> None:
        """Queue the windows of a voice that are certain; with `final`, those at its end too."""
        rate_hz = self._model.rate_hz
        stop = min(round(end_s * rate_hz), self._at + len(self._sound))
        if self._begin is None:
            self._begin = self._next = round(start_s * rate_hz)
        while self._next + self._window <= stop:
            self._queue(self._next, self._next + self._window)
            self._next += self._hop
        if not final:
            return
        begin, done = self._begin, self._next - self._hop + self._window
        if self._next == begin:
            self._queue(max(self._at, min(begin, stop - 1)), stop)
        elif stop - done >= _LEAST_REST * self._hop:
            self._queue(stop - self._window, stop)
        self._begin = None
        self._voice.append((start_s, end_s))

    def _queue(self, start: int, stop: int) -> None:
        sound = self._sound[start - self._at : stop - self._at].copy()
        self._waiting.append(sound if len(sound) else np.zeros(1, np.float32))
        self._spans.append((start, stop, len(self._voice)))
        if len(sound) == self._window:
            whole = len(sound) // self._meter_hop * self._meter_hop
            self._meter.push(sound[None, :whole], whole)

    def _ask(self) -> None:
        if self._waiting:
            self._rows.append(self._model.vectors(self._waiting))
            self._waiting = []
