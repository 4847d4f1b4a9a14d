import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.training.metrics import (
    calibration,
    equal_error_rate,
    error_rates,
    false_alarms_at_recall,
    roc_auc,
    threshold_at_recall,
)


@st.composite
def scored(draw):
    """Scores on a coarse grid, so that ties happen, with both classes present."""
    n = draw(st.integers(2, 40))
    values = np.array(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)), float) / 8
    truth = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    truth[0], truth[1] = True, False
    return values, truth


def test_perfect_and_reversed_scores():
    truth = np.array([True, True, False, False])
    assert roc_auc(np.array([0.9, 0.8, 0.2, 0.1]), truth) == 1
    assert roc_auc(np.array([0.1, 0.2, 0.8, 0.9]), truth) == 0
    assert roc_auc(np.full(4, 0.5), truth) == 0.5
    assert equal_error_rate(np.array([0.9, 0.8, 0.2, 0.1]), truth) == 0
    assert equal_error_rate(np.array([0.1, 0.2, 0.8, 0.9]), truth) == 1


def test_auc_of_one_class_is_not_a_number():
    assert math.isnan(roc_auc(np.array([0.1, 0.2]), np.array([True, True])))


@given(scored())
def test_auc_counts_pairs(case):
    values, truth = case
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in values[truth] for n in values[~truth]]
    assert roc_auc(values, truth) == pytest.approx(np.mean(pairs))


@given(scored())
def test_auc_ignores_the_scale_and_mirrors(case):
    values, truth = case
    assert roc_auc(np.exp(3 * values) - 7, truth) == pytest.approx(roc_auc(values, truth))
    assert roc_auc(-values, truth) == pytest.approx(1 - roc_auc(values, truth))


@given(scored())
def test_error_rates_are_what_the_thresholds_do(case):
    values, truth = case
    thresholds, false_alarms, misses = error_rates(values, truth)
    assert (np.diff(thresholds) > 0).all()
    assert false_alarms[0] == 1
    assert misses[0] == 0
    for threshold, alarm, miss in zip(thresholds, false_alarms, misses, strict=True):
        assert alarm == pytest.approx(np.mean(values[~truth] >= threshold))
        assert miss == pytest.approx(np.mean(values[truth] < threshold))


@given(scored(), st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_threshold_finds_the_recall_and_no_higher_one_does(case, recall):
    values, truth = case
    threshold = threshold_at_recall(values, truth, recall)
    assert np.mean(values[truth] >= threshold) >= recall - 1e-9
    above = values[truth][values[truth] > threshold]
    if above.size:
        assert np.mean(values[truth] >= above.min()) < recall
    assert false_alarms_at_recall(values, truth, recall) == np.mean(values[~truth] >= threshold)


@given(scored())
def test_equal_error_rate_is_a_share(case):
    assert 0 <= equal_error_rate(*case) <= 1


def test_calibration_of_an_honest_and_of_a_boastful_score():
    truth = np.arange(1000) % 4 == 0
    error, points = calibration(np.full(1000, 0.25), truth)
    assert error == pytest.approx(0, abs=1e-9)
    assert points == [{"confidence": 0.25, "share": 0.25, "n": 1000.0}]
    error, _ = calibration(np.full(1000, 1.0), truth)
    assert error == pytest.approx(0.75)


@given(scored(), st.integers(1, 20))
def test_calibration_covers_every_score(case, bins):
    values, truth = case
    error, points = calibration(values, truth, bins)
    assert 0 <= error <= 1
    assert sum(point["n"] for point in points) == len(values)
    assert sum(point["share"] * point["n"] for point in points) == pytest.approx(truth.sum())
