"""The silence gate: which moments are so quiet that no model needs to look at them.

A 10 ms frame is silent when its level lies below a threshold between -60 and -50 dBFS. Within that range the
threshold follows the quietest 100 ms of the last two seconds, plus a margin, so that the hiss of a quiet room is
silence while a faint voice in a studio is not. Above -50 dBFS nothing is silence: a steady fan is noise. The rule
looks back only, so that a stream and a file agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.values import FloatArray

SILENCE_DB = -120.0
"""Level given to digital silence, dBFS."""


@dataclass(frozen=True)
class GateConfig:
    """The gate's numbers.

    Parameters
    ----------
    floor_dbfs, ceiling_dbfs
        Below the floor a frame is always silent, above the ceiling never.
    margin_db
        How far above the room's own level a frame still counts as silence.
    smooth_frames, memory_frames
        Frames of 10 ms over which the room's level is averaged, and for which its minimum is remembered.
    """

    floor_dbfs: float = -60.0
    ceiling_dbfs: float = -50.0
    margin_db: float = 6.0
    smooth_frames: int = 10
    memory_frames: int = 200


class SilenceGate:
    """Marks silent frames, for frames that arrive in any portions.

    Parameters
    ----------
    frame
        Samples per frame.
    config
        The gate's numbers.
    """

    def __init__(self, frame: int, config: GateConfig | None = None) -> None:
        self.frame = frame
        self.config = config or GateConfig()
        self.reset()

    @property
    def past_samples(self) -> int:
        """Samples before a frame that its verdict may depend on."""
        return (self.config.smooth_frames - 1 + self.config.memory_frames - 1) * self.frame

    def reset(self) -> None:
        """Forget everything heard so far."""
        self._power = np.zeros(0, np.float64)
        self._smooth = np.zeros(0, np.float64)

    def push(self, samples: FloatArray) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return for each frame whether it is silent, and its mean square.

        Parameters
        ----------
        samples
            float32[k * frame], whole frames that follow those of the last call.
        """
        power, threshold_db = self.measure(samples)
        return decibels(power) < threshold_db, power

    def measure(self, samples: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return for each frame its mean square, and the level below which it is silent, dBFS; remembers them.

        Parameters
        ----------
        samples
            float32[k * frame], whole frames that follow those of the last call.
        """
        config = self.config
        n = len(samples) // self.frame
        rows = samples.reshape(n, self.frame)
        power = np.einsum("ij,ij->i", rows, rows).astype(np.float64) / self.frame
        smooth = _trailing_mean(self._power, power, config.smooth_frames)
        floor = _trailing_min(self._smooth, smooth, config.memory_frames)
        self._power = np.concatenate([self._power, power])[-(config.smooth_frames - 1) :]
        self._smooth = np.concatenate([self._smooth, smooth])[-(config.memory_frames - 1) :]
        threshold_db = np.clip(decibels(floor) + config.margin_db, config.floor_dbfs, config.ceiling_dbfs)
        return power, threshold_db


def decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return dBFS of a mean square, never below `SILENCE_DB`."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10))))


def _trailing_mean(past: NDArray[np.float64], now: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Average each value with up to width - 1 values before it; fewer at the start.

    Summed in a fixed order, so that the portions in which frames arrive cannot change a bit.
    """
    n = len(now)
    missing = width - 1 - len(past)
    joined = np.concatenate([np.zeros(missing), past, now])
    total = np.zeros(n)
    for shift in range(width):
        total += joined[shift : shift + n]
    return total / np.minimum(width, np.arange(len(past) + 1, len(past) + n + 1))


def _trailing_min(past: NDArray[np.float64], now: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the smallest of each value and up to width - 1 values before it, by doubling spans."""
    least = np.concatenate([np.full(width - 1 - len(past), np.inf), past, now])
    span = 1
    while span < width:
        shift = min(span, width - span)
        least = np.minimum(least[:-shift], least[shift:])
        span += shift
    return least
