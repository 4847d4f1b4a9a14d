"""Laws of operating points: more people never make a stranger likelier to be named, however many there are."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.recognition.matching import (
    REFERENCES,
    Calibration,
    Matcher,
    Together,
    is_narrow,
    operating_point,
    per_comparison,
)

FARS = st.floats(1e-7, 0.5)


@given(FARS, st.integers(1, 100_000))
def test_the_chance_over_all_comparisons_is_what_was_asked_for(far, n):
    each = per_comparison(far, n)
    assert 0 < each <= far * (1 + 1e-12)
    assert -math.expm1(n * math.log1p(-each)) == pytest.approx(far, rel=1e-6)


@given(st.floats(1e-4, 0.5) | st.none(), st.integers(1, 5000), st.integers(1, 5000))
def test_more_people_never_lower_the_bar(make_listener, far, n, more):
    listener = make_listener()
    points = [operating_point(listener.model, listener.scorer, far, count) for count in (n, n + more)]
    assert points[0].llr <= points[1].llr
    assert points[0].far == points[1].far == (far or 0.01)


@given(st.floats(0.005, 0.3), st.integers(0, 2**32 - 1))
def test_strangers_are_named_no_more_often_with_more_people(make_listener, far, seed):
    """A stranger's LLRs are drawn so that t is passed with the rate the model's file says, e^-t / 10."""
    listener, rng = make_listener(), np.random.default_rng(seed)
    n_strangers = 4000
    llrs = -np.log(10 * rng.uniform(size=(n_strangers, 64)))
    for n in (1, 4, 16, 64):
        point = operating_point(listener.model, listener.scorer, far, n)
        if per_comparison(far, n) > 0.1:  # beyond the rates that were measured
            continue
        named = (llrs[:, :n].max(axis=1) >= point.llr).mean()
        assert abs(named - far) < 6 * math.sqrt(far / n_strangers)


def heard(speech_s, bandwidth_hz, vector=(1.0,)):
    embedding = np.zeros(8, np.float32)
    embedding[: len(vector)] = vector
    return SimpleNamespace(
        embedding=embedding / np.linalg.norm(embedding), speech_s=speech_s, bandwidth_hz=bandwidth_hz
    )


def test_the_band_and_the_shorter_side_reach_the_calibration(make_listener):
    seen = []

    class Scorer:
        cohort = make_listener().scorer.cohort

        def calibrated(self, scores, speech_s, narrow):
            seen.append((speech_s, narrow))
            return scores

    references = [heard(2.0, 8000.0), heard(9.0, 3400.0), heard(4.0, None)]
    found = Matcher(Scorer(), Calibration(2.0, 1.0)).llrs(heard(3.0, 8000.0), references)
    assert seen == [(2.0, False), (3.0, True), (3.0, False)]
    assert found.tolist() == [3.0, 3.0, 3.0]
    assert Matcher(Scorer()).llrs(heard(3.0, 8000.0), []).tolist() == []
    assert is_narrow(heard(1.0, 4200.0))


def test_a_matcher_agrees_with_the_scorer(make_listener, rng):
    listener = make_listener()
    listener.model.cohort = lambda: rows
    rows = rng.standard_normal((40, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scorer = type(listener.scorer)(listener.model)
    for n in range(3):
        listener.put(f"v{n}", rng.standard_normal(8), 4.0)
    probe, *others = (listener.sounds[f"v{n}"] for n in range(3))
    expected = scorer.llr(probe.embedding, np.stack([one.embedding for one in others]), 4.0, False)
    assert Matcher(scorer).llrs(probe, others) == pytest.approx(expected, abs=1e-5)


def test_references_together_have_all_their_speech_and_the_nearest_ones_band():
    probe = heard(3.0, 8000.0, (0, 1))
    together = Together.of(
        probe, [heard(2.0, 8000.0), heard(9.0, 3400.0, (0, 1)), heard(4.0, None, (1, 0.1))]
    )
    assert (together.speech_s, together.bandwidth_hz, together.nearest) == (15.0, 3400.0, 1)
    assert 0.85 < together.embedding @ probe.embedding < 1


def test_references_together_cost_what_their_number_gives_strangers(make_listener):
    scorer, probe = make_listener().scorer, heard(3.0, 8000.0)
    one, four = (Together.of(probe, [heard(3.0, 8000.0)] * n) for n in (1, 4))
    plain = Matcher(scorer).together(probe, [one, four])
    assert (one.cost, four.cost) == (0.0, pytest.approx(0.56))
    assert plain[0] - plain[1] == pytest.approx(0.56, abs=1e-4)
    assert plain[0] == pytest.approx(Matcher(scorer).llrs(probe, [one])[0])
    corrected = Matcher(scorer, Calibration(2.0, 1.0)).together(probe, [one, four])
    assert corrected == pytest.approx(2 * plain + 1, abs=1e-4)


def test_of_many_references_the_nearest_count():
    probe = heard(3.0, 8000.0)
    far = [heard(1.0, None, (0, 1))] * 20
    near = [heard(2.0, None)] * REFERENCES
    together = Together.of(probe, far + near)
    assert together.speech_s == 2.0 * REFERENCES
    assert together.embedding.tolist() == probe.embedding.tolist()
    assert together.nearest == len(far)
