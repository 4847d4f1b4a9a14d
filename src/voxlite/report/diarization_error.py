"""Diarization error rate (DER): how much of the speech was given to nobody, to somebody else, or made up.

    DER = (missed + false alarms + confusion) / speech

in seconds, where speech of two persons at once counts twice (NIST Rich Transcription 2009 evaluation plan). The found
names are mapped to the true ones, one to one, so that the most is right; what lies within `collar_s` of a true border
is not scored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.values import Turn


@dataclass(frozen=True)
class DiarizationScore:
    """How found turns compare with the true ones; all in seconds that were scored.

    Parameters
    ----------
    speech_s
        True speech, two at once counted twice.
    missed_s, false_alarm_s, confusion_s
        Speech given to nobody; found where there is none, or more speakers than there are; given to another.
    n_true, n_found
        Speakers.
    """

    speech_s: float
    missed_s: float
    false_alarm_s: float
    confusion_s: float
    n_true: int
    n_found: int

    @property
    def error_rate(self) -> float:
        """The DER; may exceed 1."""
        return (self.missed_s + self.false_alarm_s + self.confusion_s) / self.speech_s

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {"error_rate": round(self.error_rate, 5)} | {
            key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()
        }


def score_turns(truth: Sequence[Turn], found: Sequence[Turn], collar_s: float = 0.25) -> DiarizationScore:
    """Compare found turns with the true ones.

    Parameters
    ----------
    truth, found
        In any order; turns of different speakers may overlap, those of one speaker count once.
    collar_s
        What is left out on either side of each true border, seconds.

    Raises
    ------
    MissingExtraError
        If SciPy, which finds the best mapping, is not installed.
    VoxliteError
        If nothing of the truth is left to score, or a turn or the collar is no stretch of time.

    Examples
    --------
    >>> truth = [Turn(0, 10, "Ann", 1), Turn(10, 20, "Bob", 1)]
    >>> found = [Turn(0, 12, "speaker 1", 1), Turn(12, 20, "speaker 2", 1)]
    >>> score_turns(truth, found, collar_s=0).error_rate
    0.1
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise MissingExtraError("scoring speakers", "diarize") from error
    _check(truth, found, collar_s)
    borders_s = sorted({t for turn in truth for t in (turn.start_s, turn.end_s)})
    edges_s = np.unique(
        [t for turn in (*truth, *found) for t in (turn.start_s, turn.end_s)]
        + [t + side for t in borders_s for side in (-collar_s, collar_s)]
    )
    middles_s, lengths_s = (edges_s[:-1] + edges_s[1:]) / 2, np.diff(edges_s)
    lengths_s = np.where(_near(middles_s, borders_s, collar_s), 0.0, lengths_s)
    true, other = _active(truth, middles_s), _active(found, middles_s)
    together_s = (true * lengths_s) @ other.T
    rows, columns = linear_sum_assignment(-together_s)
    n_true, n_other = true.sum(axis=0), other.sum(axis=0)
    speech_s = float(n_true @ lengths_s)
    if speech_s <= 0:
        raise VoxliteError("no speech of the truth is left to score: give turns longer than both collars")
    return DiarizationScore(
        speech_s=speech_s,
        missed_s=float(np.maximum(n_true - n_other, 0) @ lengths_s),
        false_alarm_s=float(np.maximum(n_other - n_true, 0) @ lengths_s),
        confusion_s=max(
            0.0, float(np.minimum(n_true, n_other) @ lengths_s - together_s[rows, columns].sum())
        ),
        n_true=len(true),
        n_found=len(other),
    )


def _check(truth: Sequence[Turn], found: Sequence[Turn], collar_s: float) -> None:
    if not (math.isfinite(collar_s) and collar_s >= 0):
        raise VoxliteError(f"collar_s is {collar_s}: give a length in seconds, 0 or more")
    for name, turns in (("truth", truth), ("found turns", found)):
        for turn in turns:
            if not -math.inf < turn.start_s < turn.end_s < math.inf:
                raise VoxliteError(f"{name}: {turn.start_s} s to {turn.end_s} s is no stretch of time")


def _near(times_s: NDArray[np.float64], borders_s: Sequence[float], collar_s: float) -> NDArray[np.bool_]:
    """Return which moments lie within the collar of a border, bool[n]."""
    if not borders_s:
        return np.zeros(len(times_s), np.bool_)
    borders = np.array(borders_s)
    after = np.clip(np.searchsorted(borders, times_s), 1, len(borders) - 1) if len(borders) > 1 else None
    nearest_s = (
        np.abs(times_s - borders[0])
        if after is None
        else np.minimum(np.abs(times_s - borders[after - 1]), np.abs(times_s - borders[after]))
    )
    return np.asarray(nearest_s < collar_s, np.bool_)


def _active(turns: Sequence[Turn], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 where a speaker speaks at a moment, else 0, float64[speakers, n]."""
    speakers = {name: row for row, name in enumerate(dict.fromkeys(turn.speaker for turn in turns))}
    active = np.zeros((len(speakers), len(times_s)))
    for turn in turns:
        active[speakers[turn.speaker], (times_s > turn.start_s) & (times_s < turn.end_s)] = 1
    return active
