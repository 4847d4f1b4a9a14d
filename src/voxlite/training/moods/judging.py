"""voxlite's own judge of moods: the frozen features with a head that is fitted on what may be learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.training.moods.features import Described
from voxlite.training.ridge import ALPHA, Head, Scaling, balanced, fit_head, one_of
from voxlite.values import FloatArray


@dataclass(frozen=True, eq=False)
class RidgeJudge:
    """Fits a head for each fold, scaling included.

    Parameters
    ----------
    described
        All clips; rows of a fold refer to them.
    alpha
        Weight of the penalty.
    """

    described: Described
    alpha: float = ALPHA

    def __call__(
        self,
        learned: NDArray[np.bool_],
        judged: NDArray[np.bool_],
        labels: NDArray[np.str_],
        names: NDArray[np.str_],
    ) -> FloatArray:
        """Return float32[judged, names]."""
        head = mood_head(self.described.part(learned), labels, tuple(names.tolist()), self.alpha)
        return head(self.described.rows[judged])


def mood_head(
    described: Described, labels: NDArray[np.str_], names: tuple[str, ...], alpha: float = ALPHA
) -> Head:
    """Fit the linear layer that tells `names` apart; it takes features as they are."""
    scaling = Scaling.of(described.rows, described.blocks)
    weights = balanced(described.sources, labels)
    rows = scaling(described.rows)
    return fit_head(rows, one_of(labels, names), weights, described.sources, alpha).behind(scaling)
