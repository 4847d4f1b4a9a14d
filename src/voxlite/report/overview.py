"""A recording boiled down to what fits a picture, built block by block: an hour costs no more memory than a minute.

The waveform becomes the lowest and highest sample per column, the MFCCs their mean per column; neither has more
than `MOST_COLUMNS` columns. Both use absolute sample positions, so that the blocks' sizes do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from voxlite.audio.audio import Audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import mfcc
from voxlite.values import FloatArray

MOST_COLUMNS = 1_500


@dataclass(frozen=True)
class Envelope:
    """The outline of a waveform; columns divide the recording into equal parts.

    Parameters
    ----------
    low, high
        float32[columns], lowest and highest sample of each column, full scale -1..1.
    """

    low: FloatArray
    high: FloatArray


class EnvelopeBuilder:
    """Collects an `Envelope` from blocks of samples.

    Parameters
    ----------
    n_samples
        Length of the recording as it will be pushed, about: what comes later is counted into the last column.
    """

    def __init__(self, n_samples: int) -> None:
        self._n_samples = max(1, n_samples)
        n_columns = min(MOST_COLUMNS, self._n_samples)
        self._low = np.full(n_columns, np.inf, np.float32)
        self._high = np.full(n_columns, -np.inf, np.float32)
        self._samples_done = 0

    def push(self, samples: FloatArray) -> None:
        """Take the next samples, float32[n] of any length."""
        if len(samples) == 0:
            return
        positions = self._samples_done + np.arange(len(samples))
        columns = np.minimum(positions * len(self._low) // self._n_samples, len(self._low) - 1)
        first = np.flatnonzero(np.diff(columns, prepend=-1))  # where each column begins within this block
        self._low[columns[first]] = np.minimum(self._low[columns[first]], np.minimum.reduceat(samples, first))
        self._high[columns[first]] = np.maximum(
            self._high[columns[first]], np.maximum.reduceat(samples, first)
        )
        self._samples_done += len(samples)

    def finish(self) -> Envelope:
        """Return what was collected; columns that no sample reached are silent."""
        reached = np.isfinite(self._low)
        return Envelope(
            np.where(reached, self._low, 0).astype(np.float32),
            np.where(reached, self._high, 0).astype(np.float32),
        )


@dataclass(frozen=True)
class Overview:
    """What a picture shows of the sound itself; columns divide the recording into equal parts.

    Parameters
    ----------
    low, high
        float32[columns], lowest and highest sample of each column, full scale -1..1.
    coefficients
        float32[columns, coefficients], mean MFCCs; no columns when the sound is shorter than one frame.
    duration_s
        Seconds that the columns cover.
    """

    low: FloatArray
    high: FloatArray
    coefficients: FloatArray
    duration_s: float


class OverviewBuilder:
    """Collects an `Overview` from blocks of samples.

    Parameters
    ----------
    n_samples
        Length of the recording as it will be pushed, about: what comes later is counted into the last column.
    config
        The front end; its rate is the rate of the samples.
    """

    def __init__(self, n_samples: int, config: FrontEndConfig | None = None) -> None:
        self._config = config or FrontEndConfig()
        self._n_samples = max(1, n_samples)
        self._envelope = EnvelopeBuilder(n_samples)
        n_frames = max(0, (self._n_samples - self._config.window_samples) // self._config.hop_samples + 1)
        self._n_frames = n_frames
        n_columns = min(MOST_COLUMNS, n_frames)
        self._sums = np.zeros((n_columns, self._config.coefficients))
        self._counts = np.zeros(n_columns, np.int64)
        self._tail = np.zeros(0, np.float32)
        self._frames_done = 0

    def push(self, samples: FloatArray) -> None:
        """Take the next samples, float32[n] of any length."""
        self._envelope.push(samples)
        self._push_frames(samples)

    def _push_frames(self, samples: FloatArray) -> None:
        held = np.concatenate([self._tail, samples]) if len(self._tail) else samples
        if len(held) >= self._config.window_samples and len(self._counts):
            values = mfcc(Audio(held, self._config.rate_hz), self._config)
            frames = self._frames_done + np.arange(len(values))
            columns = np.minimum(frames * len(self._counts) // self._n_frames, len(self._counts) - 1)
            np.add.at(self._sums, columns, values)
            np.add.at(self._counts, columns, 1)
            self._frames_done += len(values)
            held = held[len(values) * self._config.hop_samples :]
        self._tail = held.copy()

    def finish(self) -> Overview:
        """Return what was collected; columns that no sample reached are silent."""
        envelope = self._envelope.finish()
        seen = self._counts > 0
        coefficients = (self._sums[seen] / self._counts[seen, None]).astype(np.float32)
        return Overview(envelope.low, envelope.high, coefficients, self._n_samples / self._config.rate_hz)


def overview_of(
    blocks: Iterable[FloatArray], duration_s: float, config: FrontEndConfig | None = None
) -> Overview:
    """Return the overview of a recording that arrives in blocks.

    Parameters
    ----------
    blocks
        float32[n] each, at the configuration's rate.
    duration_s
        Length of the whole recording, seconds.
    config
        The front end; None for the default.
    """
    config = config or FrontEndConfig()
    builder = OverviewBuilder(round(duration_s * config.rate_hz), config)
    for block in blocks:
        builder.push(block)
    return builder.finish()
