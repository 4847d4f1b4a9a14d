"""Slope and offset of LLRs, fitted on a user's own recordings: another room, microphone or language shifts scores.

Every pair of recordings is a trial. The fit maximises, by Newton's method, the calibration's likelihood with both kinds
of pair counting half (the LLR is to hold where same and different are as likely),

    n * mean cross-entropy + (slope - 1)^2 / (2 * 0.3^2) + offset^2 / (2 * 1^2)

where n is the number of recordings, not that of pairs: those share recordings and say less than they seem to. The
second and third term keep a fit on few recordings near the model's own calibration.

The rates "after" are of people that the fit did not hear: each person is left out once, and the pairs with that
person's recordings are decided by the fit on the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import EnrollmentError
from voxlite.recognition.matching import Calibration, Heard, Matcher

LEAST_PEOPLE = 3
_SLOPE_SPREAD, _OFFSET_SPREAD = 0.3, 1.0
_LEAST_SLOPE = 0.1
_NEWTON_STEPS = 50


@dataclass(frozen=True)
class Rates:
    """How often decisions on a set of pairs are wrong.

    Parameters
    ----------
    far, frr
        Shares of pairs of two people that were accepted, and of one person that were rejected, 0..1.
    n_different, n_same
        How many pairs there were.
    """

    far: float
    frr: float
    n_different: int
    n_same: int


@dataclass(frozen=True)
class CalibrationResult:
    """What a calibration did.

    Parameters
    ----------
    calibration
        In use from now on.
    threshold_llr
        The LLR at which both rates were counted.
    before, after
        With the model's own calibration, and with this one on people that it was not fitted on.
    left_out
        Recordings with less than a second of speech, which were not used.
    """

    calibration: Calibration
    threshold_llr: float
    before: Rates
    after: Rates
    left_out: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a report."""
        return {
            "calibration": self.calibration.to_dict(),
            "threshold_llr": self.threshold_llr,
            "before": vars(self.before),
            "after": vars(self.after),
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Trials:
    """All pairs of some recordings.

    Parameters
    ----------
    llr
        float64[n], by the model's own calibration.
    first, second
        int[n], the persons' places.
    n_recordings
        That the pairs are made of.
    """

    llr: NDArray[np.float64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    n_recordings: int

    @property
    def same(self) -> NDArray[np.bool_]:
        """Whether a pair is of one person."""
        return np.asarray(self.first == self.second)


def trials_of(people: Mapping[str, Sequence[Heard]], matcher: Matcher) -> Trials:
    """Return the LLRs of all pairs, by the model's own calibration.

    Raises
    ------
    EnrollmentError
        If too few people have two recordings or more.
    """
    several = [name for name, heard in people.items() if len(heard) > 1]
    if len(several) < LEAST_PEOPLE:
        missing = LEAST_PEOPLE - len(several)
        got = f"{len(several)} of {len(people)} people have two usable recordings or more"
        raise EnrollmentError(
            f"calibrating needs {LEAST_PEOPLE} such people, but {got}: add two recordings each of {missing} more"
        )
    owner = np.repeat(np.arange(len(people)), [len(heard) for heard in people.values()])
    heard = [one for own in people.values() for one in own]
    plain = Matcher(matcher.scorer)
    rows = [plain.llrs(heard[at], heard[at + 1 :]) for at in range(len(heard) - 1)]
    first, second = np.triu_indices(len(heard), 1)
    return Trials(np.concatenate(rows).astype(np.float64), owner[first], owner[second], len(heard))


def fit(trials: Trials) -> tuple[float, float]:
    """Return the slope and the offset that suit some trials.

    Raises
    ------
    EnrollmentError
        If the recordings contradict the model: pairs of two people look more alike than those of one.
    """
    design = np.stack([trials.llr, np.ones_like(trials.llr)], axis=1)
    same = trials.same
    weights = np.where(same, 0.5 / max(same.sum(), 1), 0.5 / max((~same).sum(), 1)) * trials.n_recordings
    prior = np.array([_SLOPE_SPREAD, _OFFSET_SPREAD]) ** -2.0
    at = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        found = 1 / (1 + np.exp(-np.clip(design @ at, -80, 80)))
        gradient = design.T @ (weights * (found - same)) + prior * (at - [1.0, 0.0])
        curvature = (design * (weights * found * (1 - found))[:, None]).T @ design + np.diag(prior)
        step = np.linalg.solve(curvature, gradient)
        at = at - step / max(
            1.0, float(np.abs(step).max())
        )  # a far first step would leave the convex bowl's floor
        if np.abs(step).max() < 1e-9:
            break
    if at[0] < _LEAST_SLOPE:
        raise EnrollmentError(
            "calibrating: recordings of one person sound no more alike than those of two: check that each folder "
            "holds one person"
        )
    return float(at[0]), float(at[1])


def calibrated(
    trials: Trials, n_people: int, threshold_llr: float, left_out: Sequence[str] = ()
) -> CalibrationResult:
    """Return the fit of trials, and the rates at a threshold before and after it."""
    slope, offset = fit(trials)
    before = rates(trials.same, trials.llr >= threshold_llr)
    kept, accepted = [], []
    for person in np.unique(trials.first[trials.same]):
        out = (trials.first == person) | (trials.second == person)
        rest = Trials(trials.llr[~out], trials.first[~out], trials.second[~out], 0)
        n_rest = trials.n_recordings - _n_recordings(trials, int(person))
        own_slope, own_offset = fit(Trials(rest.llr, rest.first, rest.second, n_rest))
        kept.append(trials.same[out])
        accepted.append(own_slope * trials.llr[out] + own_offset >= threshold_llr)
    after = rates(np.concatenate(kept), np.concatenate(accepted))
    calibration = Calibration(slope, offset, n_people, trials.n_recordings)
    return CalibrationResult(calibration, threshold_llr, before, after, tuple(left_out))


def rates(same: NDArray[np.bool_], accepted: NDArray[np.bool_]) -> Rates:
    """Return the shares of wrong decisions; 0 where there was nothing to decide."""
    n_same, n_different = int(same.sum()), int((~same).sum())
    far = float((accepted & ~same).sum()) / max(n_different, 1)
    frr = float((~accepted & same).sum()) / max(n_same, 1)
    return Rates(far, frr, n_different, n_same)


def _n_recordings(trials: Trials, person: int) -> int:
    """Return how many recordings a person has: n make n (n - 1) / 2 pairs."""
    n_pairs = int((trials.same & (trials.first == person)).sum())
    return (1 + math.isqrt(1 + 8 * n_pairs)) // 2
