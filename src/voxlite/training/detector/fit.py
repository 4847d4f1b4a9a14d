"""The one layer that a detector learns, and what it is worth on recordings that it has not heard.

Ridge regression on scaled statistics, both sides weighing alike and each recording alike within its side. Folds hold
whole recordings: the scores that calibration, threshold and figures rest on come from layers that heard none of the
recording they judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.training.metrics import roc_auc
from voxlite.training.platt import fit_platt, sigmoid
from voxlite.training.ridge import ALPHA, FeatureBlocks, Head, Scaling, fit_head
from voxlite.values import FloatArray

FOLDS = 5
_FAR = 0.01
"""Share of other windows that the threshold may let through."""
_BOUNDS = (0.5, 0.99)


@dataclass(frozen=True, eq=False)
class Example:
    """What a detector's statistics say of windows.

    Parameters
    ----------
    rows
        float32[n, statistics].
    recording
        int[n], whose windows they are.
    wanted
        bool[n], whether the sound that is to be found is in them.
    plain
        bool[n], whether a window is as it was recorded.
    """

    rows: FloatArray = field(repr=False)
    recording: NDArray[np.int64]
    wanted: NDArray[np.bool_]
    plain: NDArray[np.bool_]

    def weights(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return weights of mean one of some windows: both sides alike, each recording alike within its side."""
        recording, wanted = self.recording[chosen], self.wanted[chosen]
        _, inverse, counts = np.unique(recording, return_inverse=True, return_counts=True)
        weights = 1 / counts[inverse]
        for side in (True, False):
            weights[wanted == side] /= weights[wanted == side].sum()
        return np.asarray(weights * len(weights) / weights.sum())


@dataclass(frozen=True, eq=False)
class Fitted:
    """A layer on statistics as they are, how its logit becomes a probability, and what that is worth."""

    head: Head
    slope: float
    offset: float
    threshold: dict[str, Any]
    figures: dict[str, float]


def fit_detector(examples: Example, seed: int) -> Fitted:
    """Fit a layer, its calibration and its threshold.

    Parameters
    ----------
    examples
        Of at least `FOLDS` recordings on either side.
    seed
        Of the folds.
    """
    held_out = _held_out(examples, np.random.default_rng(seed))
    weights = examples.weights(np.ones(len(held_out), np.bool_))
    slope, offset = fit_platt(held_out, examples.wanted, weights)
    plain = examples.plain
    odds = np.asarray(sigmoid(held_out, slope, offset)[plain], np.float64)
    truth = examples.wanted[plain]
    value = round(float(np.clip(np.quantile(odds[~truth], 1 - _FAR), *_BOUNDS)), 4)
    best, found = _by_recording(odds, examples.recording[plain], truth)
    point = {
        "value": value,
        "far": round(float(np.mean(odds[~truth] >= value)), 5),
        "frr": round(float(np.mean(best[found] < value)), 5),
        "data": f"windows of {int((~found).sum())} other recordings; {int(found.sum())} recordings of the sound, "
        f"each judged by layers that did not hear it",
    }
    figures = {"roc_auc": round(roc_auc(best, found), 4)}
    return Fitted(_fit(examples, np.ones(len(held_out), np.bool_)), slope, offset, point, figures)


def _held_out(examples: Example, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the logit of each window by a layer that heard nothing of its recording."""
    fold = np.zeros(int(examples.recording.max()) + 1, np.int64)
    for side in (True, False):
        own = rng.permutation(np.unique(examples.recording[examples.wanted == side]))
        fold[own] = np.arange(len(own)) % FOLDS
    logits = np.zeros(len(examples.rows))
    for number in range(FOLDS):
        judged = fold[examples.recording] == number
        logits[judged] = _fit(examples, ~judged)(examples.rows[judged])[:, 0]
    return logits


def _fit(examples: Example, chosen: NDArray[np.bool_]) -> Head:
    rows = examples.rows[chosen]
    scaling = Scaling.of(rows, FeatureBlocks(("statistics",), (rows.shape[1],)))
    targets = np.where(examples.wanted[chosen], 1, -1).astype(np.float32)[:, None]
    one_group = np.zeros(len(rows), "U1")
    return fit_head(scaling(rows), targets, examples.weights(chosen), one_group, ALPHA).behind(scaling)


def _by_recording(
    odds: NDArray[np.float64], recording: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the highest probability in each recording, and whether the sound is in it."""
    names = np.unique(recording)
    best = np.array([odds[recording == name].max() for name in names])
    return best, np.array([bool(wanted[recording == name][0]) for name in names])
