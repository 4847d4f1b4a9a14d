"""Detection metrics from scores and truths; every formula is the textbook's, nothing is interpolated.

Those that a client needs too are in `voxlite.voiceprints.error_rates`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from voxlite.voiceprints.error_rates import Truth as Truth
from voxlite.voiceprints.error_rates import Values as Values
from voxlite.voiceprints.error_rates import equal_error_rate as equal_error_rate
from voxlite.voiceprints.error_rates import error_rates as error_rates
from voxlite.voiceprints.error_rates import min_detection_cost as min_detection_cost


def roc_auc(values: Values, truth: Truth) -> float:
    """Return the probability that a random positive scores above a random negative, ties counting half.

    The Mann-Whitney statistic; NaN when one class is missing.
    """
    n_positive, n_negative = int(truth.sum()), int((~truth).sum())
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def threshold_at_recall(values: Values, truth: Truth, recall: float) -> float:
    """Return the highest threshold that still finds `recall` of the positives."""
    positives = np.sort(values[truth])
    return float(positives[int(np.floor((1 - recall) * len(positives) + 1e-9))])


def false_alarms_at_recall(values: Values, truth: Truth, recall: float) -> float:
    """Return the share of negatives at or above `threshold_at_recall`."""
    return float(np.mean(values[~truth] >= threshold_at_recall(values, truth, recall)))


def calibration(
    values: Values, truth: Truth, bins: int = 15, weights: Values | None = None
) -> tuple[float, list[dict[str, float]]]:
    """Return the expected calibration error and the reliability diagram's points.

    Equal-width bins of the probability (Guo et al. 2017). With weights, a point's "n" is the sum of its weights.
    """
    index = np.minimum((values * bins).astype(int), bins - 1)
    weight = np.ones(len(values)) if weights is None else weights
    total, points, error = float(weight.sum()), [], 0.0
    for bin_index in range(bins):
        mask = index == bin_index
        n = float(weight[mask].sum())
        if n > 0:
            confidence, share = (float((weight * x)[mask].sum() / n) for x in (values, truth))
            error += abs(confidence - share) * n / total
            points.append({"confidence": confidence, "share": share, "n": n})
    return error, points


def both_alike(truth: Truth) -> Values:
    """Return weights by which both classes together count alike, their mean 1; float64[n]."""
    n_positive = max(1, int(truth.sum()))
    n_negative = max(1, len(truth) - n_positive)
    return np.where(truth, len(truth) / (2 * n_positive), len(truth) / (2 * n_negative))


def validation_figures(scored: Mapping[str, tuple[Values, Truth]]) -> dict[str, float]:
    """Return ROC-AUC and false alarms at 99 % recall of several sets, and their summary `goal` (lower is better)."""
    figures: dict[str, float] = {}
    for name, (values, truth) in scored.items():
        figures[f"auc_{name}"] = roc_auc(values, truth)
        figures[f"far99_{name}"] = false_alarms_at_recall(values, truth, 0.99)
    costs = [(1 - figures[f"auc_{name}"]) + 0.05 * figures[f"far99_{name}"] for name in scored]
    figures["goal"] = float(np.mean(costs))
    return figures
