"""A recording boiled down to what fits a picture, built block by block: an hour costs no more memory than a minute.

The waveform becomes the lowest and highest sample per column, features (MFCCs, a power spectrum) their mean per column;
neither has more columns than it was told. Both use absolute sample positions, so that the blocks' sizes do not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.audio.audio import Audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import mfcc
from voxlite.values import FloatArray, Scores

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
    most_columns
        Largest number of columns.
    """

    def __init__(self, n_samples: int, most_columns: int = MOST_COLUMNS) -> None:
        self._n_samples = max(1, n_samples)
        n_columns = min(most_columns, self._n_samples)
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


class FrameMeans:
    """Collects the mean features of each column from blocks of samples.

    Parameters
    ----------
    n_samples
        Length of the recording as it will be pushed, about: what comes later is counted into the last column.
    config
        The front end; its rate is the rate of the samples.
    compute
        Turns float32[n] into features of all whole frames in it, floating-point [frames, size].
    size
        Numbers per frame.
    most_columns
        Largest number of columns.
    """

    def __init__(
        self, n_samples: int, config: FrontEndConfig, compute: Callable[[FloatArray], FloatArray], size: int,
        most_columns: int = MOST_COLUMNS,
    ) -> None:  # fmt: skip
        self._config = config
        self._compute = compute
        self._n_frames = max(0, (n_samples - config.window_samples) // config.hop_samples + 1)
        n_columns = min(most_columns, self._n_frames)
        self._sums = np.zeros((n_columns, size))
        self._counts = np.zeros(n_columns, np.int64)
        self._tail = np.zeros(0, np.float32)
        self._frames_done = 0

    def push(self, samples: FloatArray) -> None:
        """Take the next samples, float32[n] of any length."""
        held = np.concatenate([self._tail, samples]) if len(self._tail) else samples
        if len(held) >= self._config.window_samples and len(self._counts):
            values = self._compute(held)
            frames = self._frames_done + np.arange(len(values))
            columns = np.minimum(frames * len(self._counts) // self._n_frames, len(self._counts) - 1)
            first = np.flatnonzero(np.diff(columns, prepend=-1))  # where each column begins within this block
            self._sums[columns[first]] += np.add.reduceat(values, first, axis=0, dtype=np.float64)
            self._counts[columns[first]] += np.diff(np.append(first, len(values)))
            self._frames_done += len(values)
            held = held[len(values) * self._config.hop_samples :]
        self._tail = held.copy()

    def finish(self) -> FloatArray:
        """Return the means, float32[columns, size], without columns that no frame reached."""
        seen = self._counts > 0
        return np.asarray(self._sums[seen] / self._counts[seen, None], np.float32)


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
        config = config or FrontEndConfig()
        self._duration_s = max(1, n_samples) / config.rate_hz
        self._envelope = EnvelopeBuilder(n_samples)
        self._means = FrameMeans(
            n_samples,
            config,
            lambda samples: mfcc(Audio(samples, config.rate_hz), config),
            config.coefficients,
        )

    def push(self, samples: FloatArray) -> None:
        """Take the next samples, float32[n] of any length."""
        self._envelope.push(samples)
        self._means.push(samples)

    def finish(self) -> Overview:
        """Return what was collected; columns that no sample reached are silent."""
        envelope = self._envelope.finish()
        return Overview(envelope.low, envelope.high, self._means.finish(), self._duration_s)


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


def averaged(scores: Scores, most_steps: int = MOST_COLUMNS) -> tuple[NDArray[np.float64], FloatArray]:
    """Return scores as a stair of at most `most_steps` steps, means of neighbours where there are more.

    Parameters
    ----------
    scores
        At least one.
    most_steps
        Largest number of steps.

    Returns
    -------
    tuple
        Borders float64[steps + 1], seconds, and float32[steps + 1], the value from each border on, the last one twice.
    """
    group = -(-len(scores) // most_steps)
    first = np.arange(0, len(scores), group)
    counts = np.diff(np.append(first, len(scores)))
    values = np.add.reduceat(scores.values, first) / counts
    edges_s = np.append(scores.start_s[first], scores.end_s[-1])
    return edges_s, np.append(values, values[-1]).astype(np.float32)
