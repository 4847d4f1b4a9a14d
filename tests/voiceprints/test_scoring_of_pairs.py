"""Scores of voice pairs: laws of AS-norm and of the calibration, operating points, what a file must hold."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import ModelError
from voxlite.voiceprints.scoring import Cohort, PairScorer, blended, octaves, probability

CONSTANTS = {
    "wide_slope": 2.0, "wide_slope_per_octave": 0.5, "wide_offset": -1.0, "wide_offset_per_octave": 0.25,
    "narrow_slope": 1.0, "narrow_slope_per_octave": 0.2, "narrow_offset": -2.0, "narrow_offset_per_octave": 0.0,
    "cohort_top": 4.0, "llr_at_far_0.1": 0.5, "llr_at_far_0.01": 2.0, "llr_at_far_0.001": 4.0,
}  # fmt: skip


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def some(n, seed=0, dim=6):
    return unit(np.random.default_rng(seed).standard_normal((n, dim)))


class Model:
    """Stands for a model file."""

    path = Path("speaker-x.tflite")

    def __init__(self, constants=CONSTANTS, rows=None):
        self.metadata = SimpleNamespace(calibration=constants)
        self._rows = some(9, 5) if rows is None else rows

    def cohort(self):
        return self._rows


def test_length_counts_in_octaves_and_is_limited_at_both_ends():
    assert octaves(3.0) == 0
    assert octaves(6.0) == pytest.approx(1)
    assert octaves(0.2) == octaves(1.0) < octaves(2.0) < octaves(8.0) == octaves(600.0)
    found = octaves(np.array([1.5, 3.0, 6.0], np.float32))
    np.testing.assert_allclose(found, [-1, 0, 1], atol=1e-6)


@given(st.integers(1, 12), st.integers(1, 20), st.integers(0, 99))
def test_statistics_are_of_the_nearest_strangers(n, top, seed):
    rows, voices = some(n, seed), some(3, seed + 1)
    mean, deviation = Cohort(rows, top).statistics(voices)
    for k, voice in enumerate(voices):
        nearest = sorted((rows @ voice).tolist())[-min(top, n) :]
        assert mean[k] == pytest.approx(np.mean(nearest), abs=1e-5)
        assert deviation[k] == pytest.approx(max(np.std(nearest), 1e-3), abs=1e-5)


@pytest.mark.parametrize("cohort", [Cohort(np.zeros((0, 6), np.float32), 50), Cohort(some(5), 0)])
def test_without_a_cohort_scores_stay_cosines(cohort):
    a, b = some(4, 1), some(4, 2)
    cosines = (a * b).sum(axis=1)
    found = cohort.normalised(cosines, cohort.statistics(a), cohort.statistics(b))
    np.testing.assert_array_equal(found, cosines)


def test_normalisation_is_symmetric_and_keeps_the_order_of_one_probe():
    cohort, a, b = Cohort(some(30, 3), 10), some(1, 4), some(8, 5)
    one, many = cohort.statistics(a), cohort.statistics(b)
    cosines = b @ a[0]
    np.testing.assert_allclose(
        cohort.normalised(cosines, one, many), cohort.normalised(cosines, many, one), atol=1e-6
    )
    same_reference = cohort.normalised(np.sort(cosines), one, (many[0][:1], many[1][:1]))
    assert (np.diff(same_reference) >= 0).all()


def test_one_cohort_member_does_not_divide_by_zero():
    cohort = Cohort(some(1), 1)
    found = cohort.normalised(np.float32([0.5]), cohort.statistics(some(1, 1)), cohort.statistics(some(1, 2)))
    assert np.isfinite(found).all()


def test_llr_by_hand():
    scorer = PairScorer(Model({**CONSTANTS, "cohort_top": 0.0}))
    probe, references = unit([1.0, 0.0]), unit([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    np.testing.assert_allclose(scorer.llr(probe, references, 3.0, False), [1.0, 0.2, -1.0], atol=1e-5)
    longer = scorer.llr(probe, references, 6.0, False)
    np.testing.assert_allclose(longer, [2.5 - 0.75, 1.5 - 0.75, -0.75], atol=1e-5)
    np.testing.assert_allclose(scorer.llr(probe, references, 3.0, True), [-1.0, -1.4, -2.0], atol=1e-5)


def test_each_pair_may_have_its_own_length():
    scorer = PairScorer(Model())
    scores, seconds = np.float32([0.1, 0.7, 2.0]), np.float32([1.0, 3.0, 9.0])
    for narrow in (False, True):
        alone = [scorer.calibrated(scores[k : k + 1], float(seconds[k]), narrow)[0] for k in range(3)]
        np.testing.assert_allclose(scorer.calibrated(scores, seconds, narrow), alone, rtol=1e-6)


def test_llr_is_the_same_both_ways():
    scorer, voices = PairScorer(Model()), some(5, 8)
    for a in range(5):
        for b in range(5):
            there = scorer.llr(voices[a], voices[b : b + 1], 2.0, False)
            back = scorer.llr(voices[b], voices[a : a + 1], 2.0, False)
            np.testing.assert_allclose(there, back, rtol=1e-4, atol=1e-5)


def test_rates_between_and_beyond_those_measured():
    scorer = PairScorer(Model())
    assert scorer.llr_at_far(0.01) == pytest.approx(2.0)
    assert scorer.llr_at_far(10**-2.5) == pytest.approx(3.0)
    assert scorer.llr_at_far(0.0001) == pytest.approx(
        4.0 + np.log(10)
    )  # odds fall as a calibrated ratio says
    assert scorer.llr_at_far(0.9) == pytest.approx(0.5)


@given(st.floats(1e-9, 0.99), st.floats(1e-9, 0.99))
def test_a_rarer_rate_never_lowers_the_threshold(one, other):
    scorer = PairScorer(Model())
    rare, common = sorted((one, other))
    assert scorer.llr_at_far(rare) >= scorer.llr_at_far(common)


def test_without_measured_rates_a_calibrated_ratio_is_believed():
    constants = {key: value for key, value in CONSTANTS.items() if not key.startswith("llr_at")}
    assert PairScorer(Model(constants)).llr_at_far(0.01) == pytest.approx(np.log(100))


def test_a_file_without_calibration_is_refused_with_the_cure():
    with pytest.raises(
        ModelError, match=r"speaker-x\.tflite: its scores are not calibrated: import or export"
    ):
        PairScorer(Model({}))


def test_probabilities_of_ratios():
    assert probability(0.0) == 0.5
    np.testing.assert_allclose(probability(np.float32([np.log(3), -np.log(3)])), [0.75, 0.25], rtol=1e-5)
    assert probability(1e9) == 1
    assert 0 <= probability(-1e9) < 1e-30


@given(st.integers(1, 5), st.integers(1, 9), st.integers(0, 99))
def test_references_blend_into_one_whatever_their_order(n_probes, n_references, seed):
    probes, references = some(n_probes, seed), some(n_references, seed + 1)
    found = blended(probes, references)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found, blended(probes, references[::-1]), atol=1e-4)
    np.testing.assert_allclose(found[:1], blended(probes[:1], np.tile(references, (3, 1))), atol=1e-4)


def test_the_nearer_of_two_references_counts_more():
    two = np.eye(6, dtype=np.float32)[:2]
    for cosine in (0.0, 0.3, 0.7):
        probe = unit([[1.0, cosine, 0, 0, 0, 0]])
        weights = blended(probe, two)[0, :2]
        assert weights[0] / weights[1] == pytest.approx(np.exp(3 * (probe[0, 0] - probe[0, 1])), rel=1e-4)


def test_one_reference_is_itself_and_opposite_ones_leave_the_nearest():
    one = some(1, 3)
    np.testing.assert_allclose(blended(some(4), one), np.tile(one, (4, 1)), atol=1e-6)
    across = unit([[0, 0, 1, 0, 0, 0]])
    opposite = np.array([[1, 0, 0, 0, 0, 0], [-1, 0, 0, 0, 0, 0]], np.float32)
    assert blended(across, opposite).tolist() == opposite[:1].tolist()
