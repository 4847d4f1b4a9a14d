"""Decisions of a store, to the number: the stand-in recognizer says what is heard, LLR = 10 cos - 5."""

from __future__ import annotations

import math

import numpy as np
import pytest

from voxlite.errors import ModelError, StoreError, VoxliteError
from voxlite.recognition import Speech, deciding, identifying
from voxlite.recognition.identifying import Candidate
from voxlite.voiceprints.scoring import probability

DEFAULT_LLR = -math.log(0.1)


def at_cosine(cosine, axis=1):
    """A vector with this cosine to the first axis."""
    vector = np.zeros(8)
    vector[0], vector[axis] = cosine, math.sqrt(1 - cosine**2)
    return vector


@pytest.mark.parametrize(("cosine", "label"), [(0.74, "accepted"), (0.72, "rejected")])
def test_verify_decides_at_the_models_own_point(with_ada, listener, cosine, label):
    listener.put("x", at_cosine(cosine), 3.0)
    decision = with_ada.verify("Ada", "x")
    assert decision.label == label
    assert decision.score == pytest.approx(float(probability(10 * cosine - 5)), abs=1e-5)
    assert decision.threshold == pytest.approx(float(probability(DEFAULT_LLR)), abs=1e-6)
    assert decision.evidence_s == 3.0
    assert f"LLR {10 * cosine - 5:.1f} against the reference" in decision.reasons[0]
    assert "2.3 is needed" in decision.reasons[0]


@pytest.mark.parametrize(("far", "llr"), [(0.1, 0.0), (0.001, math.log(100)), (1e-5, math.log(1e4))])
def test_far_chooses_another_point(with_ada, listener, far, llr):
    listener.put("x", [1])
    assert with_ada.verify("Ada", "x", far=far).threshold == pytest.approx(float(probability(llr)), abs=1e-6)
    with_ada.far = far
    assert with_ada.verify("Ada", "x").threshold == pytest.approx(float(probability(llr)), abs=1e-6)


@pytest.mark.parametrize("far", [0.0, 1.0, -1, 2, math.nan])
def test_a_rate_that_is_none_is_refused(with_ada, far):
    with pytest.raises(VoxliteError, match=r"above 0 and below 1"):
        with_ada.verify("Ada", "ada.wav", far=far)


def test_a_model_without_a_point_asks_for_one(with_ada, listener):
    listener.model.metadata.thresholds.clear()
    with pytest.raises(ModelError, match="--far"):
        with_ada.verify("Ada", "ada.wav")
    assert with_ada.verify("Ada", "ada.wav", far=0.01).label == "accepted"


def test_the_nearest_reference_counts_most(with_ada, listener, consent):
    listener.put("phone", [0, 1], 20.0, 3400.0)
    with_ada.enroll("Ada", ["phone"], **consent, source="phone")
    listener.put("x", at_cosine(0.1), 2.0, 3400.0, "Clipped: much.")
    decision = with_ada.verify("Ada", "x")
    assert decision.label == "accepted"
    assert "2 references, the nearest the reference 'phone'" in decision.reasons[0]
    assert decision.reasons[1:] == ("Clipped: much.",)


def test_a_telephone_against_a_wideband_enrollment_is_named(with_ada, listener):
    listener.put("x", [1], 2.0, 3400.0)
    assert "wideband enrollment" in with_ada.verify("Ada", "x").reasons[1]
    assert any("wideband enrollment" in reason for reason in with_ada.identify("x").reasons)


@pytest.mark.parametrize(("speech_s", "label"), [(0.99, "not enough speech"), (1.0, "accepted")])
def test_under_a_second_of_speech_nobody_is_named(with_ada, listener, speech_s, label):
    listener.put("x", [1], speech_s)
    decision = with_ada.verify("Ada", "x")
    assert decision.label == label
    assert with_ada.identify("x").label == {"accepted": "Ada"}.get(label, label)
    if label != "accepted":
        assert decision.score < decision.threshold
        assert decision.reasons[0] == "only 1.0 s of speech: 1 s is needed"


def test_identify_names_the_likeliest_or_nobody(with_ada, listener, consent):
    listener.put("bob", [0, 1], 20.0)
    with_ada.enroll("Bob", ["bob"], **consent)
    listener.put("x", at_cosine(0.5))
    listener.put("stranger", [0, 0, 1])
    assert with_ada.identify("x").label == "Bob"
    assert with_ada.identify("ada.wav").label == "Ada"
    decision = with_ada.identify("stranger")
    assert decision.label == "unknown"
    assert decision.score < decision.threshold
    assert decision.reasons[0].startswith(("Ada: LLR -5.0", "Bob: LLR -5.0"))
    assert decision.reasons[1].startswith("next is ")


def test_an_empty_store_knows_nobody(with_ada):
    with_ada.forget("Ada")
    decision = with_ada.identify("ada.wav")
    assert (decision.label, decision.score) == ("unknown", 0.0)
    assert decision.reasons[0] == "nobody is enrolled"
    assert with_ada.voices() == ()


def test_the_point_of_identify_follows_the_number_of_people(open_store, listener, consent):
    store, llrs = open_store(), []
    for n in range(6):
        listener.put(f"p{n}", np.eye(8)[n], 20.0)
        store.enroll(f"Person {n}", [f"p{n}"] * (n + 1), **consent)
        llrs.append(store.identify("p0", far=0.01).threshold)
    expected = [float(probability(-math.log(10 * (1 - 0.99 ** (1 / n))))) for n in range(1, 7)]
    assert llrs == pytest.approx(expected, abs=1e-4)
    assert store.identify("p0").threshold == pytest.approx(expected[-1], abs=1e-4)
    assert store.identify("p0").reasons[0].endswith("is needed for a stranger's chance of 1 % among 6 people")
    assert store.verify("Person 5", "p5").threshold == pytest.approx(llrs[0], abs=1e-4)


def test_an_embedding_has_a_name_or_none(with_ada, listener):
    same, other = (np.array([x, y, 0, 0, 0, 0, 0, 0], np.float32) for x, y in ((1, 0), (0, 1)))
    assert with_ada.name_of(same, 3.0) == "Ada"
    assert with_ada.name_of(same, 0.9) is None
    assert with_ada.name_of(other, 3.0) is None


def test_a_question_makes_no_file(open_store, listener):
    store = open_store()
    listener.put("a", [1])
    for ask in (
        lambda: store.identify("a"),
        lambda: store.verify("Ada", "a"),
        store.voices,
        lambda: store.forget("A"),
    ):
        with pytest.raises(StoreError, match="enroll somebody first"):
            ask()
    assert not store.path.exists()


def test_only_the_nearest_references_are_scored(open_store, listener, monkeypatch, consent):
    monkeypatch.setattr(identifying, "CANDIDATES", 2)
    store = open_store()
    for n in range(10):
        listener.put(f"a{n}", at_cosine(0.98 - 0.005 * n), 6.0)
    store.enroll("Ada", [f"a{n}" for n in range(10)], **consent)
    for n, name in enumerate(("Bob", "Cleo", "Dan")):
        listener.put(name, at_cosine(0.1 + 0.1 * n, axis=2 + n), 6.0)
        store.enroll(name, [name], **consent)
    listener.put("x", [1])
    decision = store.identify("x")
    assert decision.label == "Ada"
    assert decision.reasons[1].startswith("next is Dan")
    assert len(store._directory.prints) == identifying.REFERENCES + 1
    assert store.verify("Ada", "x").score == decision.score  # of all her references, the same ones count


def test_a_score_that_is_no_number_names_nobody(with_ada):
    reference = with_ada.references("Ada")[0]
    point, speech = with_ada._point(0.01), Speech(reference.embedding, 5.0, 8000.0)
    candidate = Candidate("Ada", math.nan, reference, 1)
    assert deciding.identified([candidate], speech, point).label == "unknown"
    assert deciding.verified(candidate, speech, point).label == "rejected"
