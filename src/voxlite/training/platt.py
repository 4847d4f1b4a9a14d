"""From logits to probabilities, and the error rates of a threshold.

Platt scaling (Platt 1999) with both classes weighted alike, so that a probability of one half is the point where both
are equally plausible.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from voxlite.training.metrics import Truth, Values


def fit_platt(logits: Values, truth: Truth, weights: Values | None = None) -> tuple[float, float]:
    """Return slope and offset of the log-odds.

    Parameters
    ----------
    logits
        float[n].
    truth
        bool[n], both classes present.
    weights
        float[n] within each class; None for ones.
    """
    weight = np.ones(len(logits)) if weights is None else np.asarray(weights, np.float64)
    weight = np.where(truth, weight / weight[truth].sum(), weight / weight[~truth].sum())
    sign = np.where(truth, 1.0, -1.0)

    def cost(parameters: Values) -> float:
        odds = parameters[0] * logits + parameters[1]
        return float(np.sum(weight * np.logaddexp(0.0, -sign * odds)))

    best = minimize(cost, np.array([1.0, 0.0]), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-8})
    return round(float(best.x[0]), 4), round(float(best.x[1]), 4)


def operating_point(probabilities: Values, truth: Truth, value: float, data: str) -> dict[str, Any]:
    """Return a threshold with its false alarm and false reject rates and the data they come from."""
    return {
        "value": value,
        "far": round(float(np.mean(probabilities[~truth] >= value)), 5),
        "frr": round(float(np.mean(probabilities[truth] < value)), 5),
        "data": data,
    }


def sigmoid(logits: Values, slope: float, offset: float) -> Values:
    """Return probabilities of logits."""
    return np.asarray(expit(slope * logits + offset))
