"""Fits on a user's own recordings: what they need, how they shrink, that they hold and can be taken back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voxlite.errors import EnrollmentError, StoreError
from voxlite.recognition.matching import Calibration
from voxlite.recognition.own_calibration import Trials, calibrated, fit, rates


def pairs(rng, n_people, n_each, slope=1.0, offset=0.0):
    """Trials whose true LLR is slope * value + offset: two Gaussians 2 d apart have the LLR 2 d x."""
    owner = np.repeat(np.arange(n_people), n_each)
    first, second = np.triu_indices(len(owner), 1)
    same = owner[first] == owner[second]
    true = rng.normal(np.where(same, 4.0, -4.0), np.sqrt(8.0))
    return Trials((true - offset) / slope, owner[first], owner[second], len(owner))


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, 2.0), (1.6, -3.0)])
def test_many_recordings_reveal_the_true_calibration(rng, slope, offset):
    found = fit(pairs(rng, 60, 8, slope, offset))
    assert found == pytest.approx((slope, offset), rel=0.15, abs=0.35)


def test_few_recordings_stay_near_the_model(rng):
    few, many = (fit(pairs(np.random.default_rng(5), n, 2, 0.4, 3.0)) for n in (3, 60))
    assert abs(few[0] - 1) < abs(many[0] - 1)
    assert abs(few[1]) < abs(many[1])


@example(3, 2, 0.3125, 4.0, 8000)
@given(st.integers(3, 6), st.integers(2, 4), st.floats(0.3, 3), st.floats(-5, 5), st.integers(0, 2**32 - 1))
def test_the_fit_is_where_the_likelihood_is_flat(n_people, n_each, slope, offset, seed):
    trials = pairs(np.random.default_rng(seed), n_people, n_each, slope, offset)

    def loss(a, b):
        llr, same = a * trials.llr + b, trials.same
        entropy = np.logaddexp(0, np.where(same, -llr, llr))
        mean = 0.5 * entropy[same].mean() + 0.5 * entropy[~same].mean()
        return trials.n_recordings * mean + (a - 1) ** 2 / 0.18 + b**2 / 2

    try:
        a, b = fit(trials)
    except (
        EnrollmentError
    ):  # few recordings may contradict the model by chance: then a flatter slope suits them better
        offsets = np.linspace(-6, 6, 121)
        least = [min(loss(a, b) for b in offsets) for a in (0.1, 0.15, 0.2)]
        assert least == sorted(least)
        return
    best = loss(a, b)
    for da, db in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert loss(a + da, b + db) >= best - 1e-9


def test_rates_count_what_is_wrong():
    same = np.array([True, True, True, True, False, False])
    accepted = np.array([True, False, True, True, True, False])
    found = rates(same, accepted)
    assert (found.far, found.frr, found.n_different, found.n_same) == (0.5, 0.25, 2, 4)
    assert rates(same[:4], accepted[:4]).far == 0.0


def test_rates_afterwards_are_of_people_left_out(rng):
    trials = pairs(rng, 8, 4, 1.0, 4.0)
    result = calibrated(trials, 8, 2.0)
    assert result.before.n_different == 28 * 16
    assert result.after.n_different == 2 * 28 * 16  # each pair of two people is left out with either
    assert result.before.n_same == result.after.n_same == 8 * 6
    assert result.before.frr > result.after.frr
    assert result.calibration.n_recordings == 32


def put_people(listener, n_people, n_each, spread=0.3, seed=3):
    rng = np.random.default_rng(seed)
    people = {}
    for n in range(n_people):
        own = np.eye(8)[n]
        people[f"Person {n}"] = [
            listener.put(f"{n}-{k}", own + spread * rng.standard_normal(8)) for k in range(n_each)
        ]
    return people


@pytest.fixture
def store(open_store, listener, consent):
    store = open_store()
    listener.put("ada", [1], 20.0)
    store.enroll("Ada", ["ada"], **consent)
    return store


def test_a_calibration_is_used_kept_and_taken_back(store, open_store, listener):
    people = put_people(listener, 5, 3)
    listener.put("5-0", [1], 0.5)
    people["Person 4"].append("5-0")
    assert store.calibration == Calibration()
    before = store.verify("Ada", "0-1")
    result = store.calibrate(people)
    assert (result.calibration.n_people, result.calibration.n_recordings) == (5, 15)
    assert result.left_out == ("Person 4: 5-0",)
    assert result.to_dict()["before"]["n_same"] == 15
    assert result.to_dict()["calibration"]["slope"] == result.calibration.slope
    after = store.verify("Ada", "0-1")
    assert after.score != before.score
    assert after.threshold == before.threshold
    store.close()
    again = open_store()
    assert again.calibration == result.calibration
    assert again.verify("Ada", "0-1") == after
    assert again.calibrate(people).calibration == result.calibration  # fitted anew, not on top
    assert again.reset_calibration()
    assert not again.reset_calibration()
    assert again.verify("Ada", "0-1") == before


def test_a_calibration_is_for_one_model(store, open_store, listener, make_listener):
    store.calibrate(put_people(listener, 4, 2))
    assert open_store(recognizer=make_listener(version="2")).calibration == Calibration()


def test_what_is_missing_is_said(store, listener):
    people = put_people(listener, 4, 2)
    people["Person 0"].pop()
    people["Person 1"].pop()
    with pytest.raises(
        EnrollmentError, match=r"needs 3 such people, but 2 of 4 .*: add two recordings each of 1 more"
    ):
        store.calibrate(people)
    assert store.calibration == Calibration()


def test_people_mixed_up_are_refused(store, listener):
    people = {}
    for n in range(6):  # half of each person's recordings are as unlike the other half as can be
        vectors = [sign * np.eye(8)[n] + 0.01 * copy for sign in (1, -1) for copy in (1, 2)]
        people[f"Odd {n}"] = [listener.put(f"{n}-{k}", vector) for k, vector in enumerate(vectors)]
    with pytest.raises(EnrollmentError, match="check that each folder holds one person"):
        store.calibrate(people)


def test_a_store_that_is_not_there_cannot_be_calibrated(open_store, listener):
    with pytest.raises(StoreError, match="enroll somebody first"):
        open_store("none.vault").calibrate(put_people(listener, 4, 2))
