"""Error rates of a detector from its scores and the truth: the textbook's formulas, nothing is interpolated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]
Truth = NDArray[np.bool_]


def error_rates(values: Values, truth: Truth) -> tuple[Values, Values, Values]:
    """Return (thresholds, false alarm rates, miss rates) at every distinct score, thresholds ascending.

    A score at or above the threshold is an alarm.
    """
    thresholds = np.unique(values)
    positives, negatives = np.sort(values[truth]), np.sort(values[~truth])
    misses = np.searchsorted(positives, thresholds, side="left") / max(1, len(positives))
    false_alarms = 1 - np.searchsorted(negatives, thresholds, side="left") / max(1, len(negatives))
    return thresholds, false_alarms, misses


def equal_error_rate(values: Values, truth: Truth) -> float:
    """Return the mean of false alarms and misses where they are closest."""
    _, false_alarms, misses = error_rates(values, truth)
    at = int(np.argmin(np.abs(false_alarms - misses)))
    return float((false_alarms[at] + misses[at]) / 2)


def min_detection_cost(values: Values, truth: Truth, prior: float) -> float:
    """Return the least normalised detection cost over all thresholds, misses and false alarms costing alike.

    NIST's speaker recognition evaluations: (prior * misses + (1 - prior) * false alarms) / min(prior, 1 - prior); 1 is
    what a system costs that always says the same.
    """
    _, false_alarms, misses = error_rates(values, truth)
    costs = prior * misses + (1 - prior) * false_alarms
    return float(costs.min(initial=prior) / min(prior, 1 - prior))
