"""Decisions of a store, to the number: the stand-in recognizer says what is heard, LLR = 10 cos - 5."""

from __future__ import annotations

import math
import threading
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.audio import Audio
from voxlite.errors import EnrollmentError, ModelError, PassphraseError, StoreError, VoxliteError
from voxlite.recognition import identifying
from voxlite.voiceprints.scoring import probability

DEFAULT_LLR = -math.log(0.1)


def at_cosine(cosine, axis=1):
    """A vector with this cosine to the first axis."""
    vector = np.zeros(8)
    vector[0], vector[axis] = cosine, math.sqrt(1 - cosine**2)
    return vector


@pytest.fixture
def with_ada(open_store, listener, consent):
    store = open_store()
    listener.put("ada.wav", [1], 20.0)
    store.enroll("Ada", ["ada.wav"], **consent)
    return store


def test_enrolled_people_are_listed_with_what_they_agreed_to(open_store, listener, consent):
    store = open_store()
    listener.put("a", [1], 6.0)
    listener.put("b", [0, 1], 20.0)
    listener.put("c", [0.9, 0.1], 4.0)
    assert store.enroll("  Zoe ", ["b"], **consent).person == "Zoe"
    store.enroll("Ada", ["a"], **consent, source="phone")
    assert store.enroll("Ada", ["c"], **consent, source="headset").speech_s == 10.0
    ada, zoe = store.voices()
    assert (ada.person, ada.n_references, ada.speech_s, ada.sources) == ("Ada", 2, 10.0, ("headset", "phone"))
    assert (zoe.person, zoe.purposes, zoe.models) == ("Zoe", ("unlocking the door",), ("compact 1",))
    assert zoe.to_dict()["consent_at"] == "2026-05-01T12:30:00+00:00"


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


def test_the_best_reference_counts(with_ada, listener, consent):
    listener.put("phone", [0, 1], 20.0, 3400.0)
    with_ada.enroll("Ada", ["phone"], **consent, source="phone")
    listener.put("x", at_cosine(0.1), 2.0, 3400.0, "Clipped: much.")
    decision = with_ada.verify("Ada", "x")
    assert decision.label == "accepted"
    assert "'phone'" in decision.reasons[0]
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


def test_the_point_of_identify_follows_the_number_of_references(open_store, listener, consent):
    store, llrs = open_store(), []
    for n in range(6):
        listener.put(f"p{n}", np.eye(8)[n], 20.0)
        store.enroll(f"Person {n}", [f"p{n}"], **consent)
        llrs.append(store.identify("p0", far=0.01).threshold)
    expected = [float(probability(-math.log(10 * (1 - 0.99 ** (1 / n))))) for n in range(1, 7)]
    assert llrs == pytest.approx(expected, abs=1e-4)
    assert store.identify("p0").threshold == pytest.approx(expected[-1], abs=1e-4)
    assert "6 references" in store.identify("p0").reasons[0]


def test_forgetting_takes_effect_at_once_and_gives_a_receipt(with_ada, listener):
    assert with_ada.identify("ada.wav").label == "Ada"
    receipt = with_ada.forget("Ada")
    assert (receipt.what, receipt.n_prints, receipt.proven) == ("Ada", 1, True)
    assert with_ada.identify("ada.wav").label == "unknown"
    with pytest.raises(EnrollmentError, match="nobody is enrolled as 'Ada'"):
        with_ada.verify("Ada", "ada.wav")
    with pytest.raises(EnrollmentError, match="nobody"):
        with_ada.forget("Ada")


def test_another_process_changes_what_is_known(with_ada, open_store, listener, consent):
    assert with_ada.identify("ada.wav").label == "Ada"
    listener.put("bob", [0, 1], 20.0)
    other = open_store()
    other.enroll("Bob", ["bob"], **consent)
    assert with_ada.identify("bob").label == "Bob"
    other.forget("Ada")
    assert with_ada.identify("ada.wav").label == "unknown"


def test_somebody_erased_between_two_looks_is_not_named(with_ada, listener, monkeypatch, consent):
    listener.put("bob", [0, 1], 20.0)
    with_ada.enroll("Bob", ["bob"], **consent)
    listen = listener.listen

    def erase_meanwhile(sound):
        if any(voice.person == "Ada" for voice in with_ada.voices()):
            with_ada.forget("Ada")
        return listen(sound)

    monkeypatch.setattr(listener, "listen", erase_meanwhile)
    decision = with_ada.identify("ada.wav")
    assert decision.label == "unknown"
    assert decision.reasons[0].startswith("Bob")


@pytest.mark.parametrize("change", [{"name": "campplus"}, {"version": "2"}])
def test_prints_of_another_model_are_refused_with_the_cure(
    with_ada, open_store, change, consent, make_listener
):
    other = make_listener(**change)
    other.sounds["ada.wav"] = with_ada.recognizer.sounds["ada.wav"]
    store = open_store(recognizer=other)
    for ask in (store.identify, lambda sound: store.verify("Ada", sound)):
        with pytest.raises(
            EnrollmentError, match=r"compact 1.*cannot be compared.*enroll again with .*or choose"
        ):
            ask("ada.wav")
    store.enroll("Ada", ["ada.wav"], **consent)
    assert store.identify("ada.wav").label == "Ada"
    assert with_ada.identify("ada.wav").label == "Ada"
    assert len(store.voices()[0].models) == 2


def test_five_seconds_are_needed_in_total(open_store, listener, consent):
    store = open_store()
    listener.put("a", [1], 2.4)
    listener.put("b", [1, 0.1], 2.5)
    listener.put("c", [1, 0, 0.1], 0.9)
    with pytest.raises(
        EnrollmentError, match=r"Ada: 4.9 s of speech in 2 usable recordings: enroll with 5 s"
    ):
        store.enroll("Ada", ["a", "b", "c"], **consent)
    assert not store.path.exists()
    listener.put("d", [1, 0, 0, 0.1], 2.6)
    result = store.enroll("Ada", ["a", "d", "c"], **consent)
    assert (result.n_references, result.speech_s) == (2, 5.0)
    assert result.warnings == (
        "only 5.0 s of speech: 15 s or more make decisions surer",
        "c: only 0.9 s of speech: left out",
    )
    assert store.enroll("Ada", ["b"], **consent).n_references == 1  # together with what is there


def test_the_same_recording_counts_once(open_store, listener, consent):
    store = open_store()
    listener.put("a", [1], 3.0)
    with pytest.raises(EnrollmentError, match=r"3.0 s of speech in 1 usable recording:"):
        store.enroll("Ada", ["a", "a"], **consent)
    listener.put("b", [1, 0.1], 20.0)
    store.enroll("Ada", ["a", "b"], **consent)
    again = store.enroll("Ada", ["a"], **consent)
    assert (again.n_references, again.speech_s) == (0, 23.0)
    assert again.warnings == ("a: enrolled already: left out",)


def test_recordings_of_somebody_else_are_named(open_store, listener, consent):
    store = open_store()
    for name, vector in {"a": [1], "b": [1, 0.2], "c": [0, 0, 1]}.items():
        listener.put(name, vector, 9.0)
    warnings = store.enroll("Ada", ["a", "b", "c"], **consent).warnings
    assert warnings == ("c: does not sound like the other recordings: check that it is the same person",)
    listener.put("d", [0, 0, 0, 1], 9.0)
    listener.put("e", [0, 0, 0, 0, 1], 9.0)
    assert [w[0] for w in store.enroll("Bob", ["d", "e"], **consent).warnings] == ["d", "e"]
    assert store.enroll("Ada", ["d"], **consent).warnings[0].startswith("d: does not sound")


def test_bad_recordings_are_named_at_enrollment(open_store, listener, consent):
    store = open_store()
    listener.put(
        "a", [1], 20.0, 3400.0, "Very quiet: -50 LUFS; raise the input gain.", "Narrow band: nothing"
    )
    warnings = store.enroll("Ada", ["a"], **consent).warnings
    assert "telephone's band alone" in warnings[0]
    assert warnings[1:] == ("a: Very quiet: -50 LUFS; raise the input gain.",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"consent_at": datetime(2026, 5, 1)}, "consent_at"),
        ({"consent_at": "yesterday"}, "consent_at"),
        ({"purpose": ""}, "purpose"),
        ({"source": "\n"}, "source"),
    ],
)
def test_without_consent_or_purpose_nothing_is_stored(open_store, listener, change, message, consent):
    store = open_store()
    listener.put("a", [1], 20.0)
    with pytest.raises(EnrollmentError, match=message):
        store.enroll("Ada", ["a"], **(consent | change))
    assert not store.path.exists()
    with pytest.raises(EnrollmentError, match="give 1 to 200"):
        store.enroll(" ", ["a"], **consent)


@pytest.mark.parametrize("name", ["unknown", " Not enough speech "])
def test_nobody_can_be_called_nobody(open_store, consent, name):
    with pytest.raises(EnrollmentError, match="choose another name"):
        open_store().enroll(name, [], **consent)


def test_an_embedding_has_a_name_or_none(with_ada, listener):
    same, other = (np.array([x, y, 0, 0, 0, 0, 0, 0], np.float32) for x, y in ((1, 0), (0, 1)))
    assert with_ada.name_of(same, 3.0) == "Ada"
    assert with_ada.name_of(same, 0.9) is None
    assert with_ada.name_of(other, 3.0) is None


def test_an_error_of_the_index_is_not_taken_for_an_erasure(with_ada):
    with pytest.raises(EnrollmentError, match="against references of 8 numbers"):
        with_ada.name_of(np.eye(5, dtype=np.float32)[0], 3.0)


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


def test_a_wrong_passphrase_is_told_before_anything_is_heard(with_ada, open_store):
    with pytest.raises(PassphraseError, match="wrong"):
        open_store(passphrase="something else")
    with pytest.raises(StoreError, match="folder"):
        open_store(".")
    with pytest.raises(PassphraseError, match="8 characters"):
        open_store("new.vault", "short").import_voices(with_ada.path)


def test_a_closed_store_opens_again(with_ada):
    with_ada.close()
    with_ada.close()
    assert with_ada.identify("ada.wav").label == "Ada"


def test_voices_move_to_another_store(with_ada, open_store, tmp_path):
    file = tmp_path / "voices.json"
    assert with_ada.export_voices(file, "another passphrase") == 1
    with pytest.raises(StoreError, match="exists already"):
        with_ada.export_voices(file)
    other = open_store("other.vault", "a third passphrase")
    with pytest.raises(PassphraseError, match="wrong"):
        other.import_voices(file)
    brought = other.import_voices(file, "another passphrase")
    assert (brought.n_added, brought.persons) == (1, ("Ada",))
    assert other.identify("ada.wav").label == "Ada"
    with_ada.export_voices(file, force=True)
    assert open_store("third.vault").import_voices(file).n_prints == 1


def test_threads_ask_at_once(with_ada, listener):
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(with_ada.identify("ada.wav").label)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Ada"] * 8


def test_a_recording_in_memory_is_called_by_its_place(open_store, listener, monkeypatch, consent):
    speech = listener.sounds[listener.put("a", [1], 0.5)]
    monkeypatch.setattr(listener, "listen", lambda sound: speech)
    listener.put("b", [1], 20.0)
    sounds = [Audio(np.ones(5, np.float32), 16_000)]
    store = open_store()
    with pytest.raises(EnrollmentError, match="0 usable recordings"):
        store.enroll("Ada", sounds, **consent)


@settings(max_examples=12)
@given(order=st.permutations(range(5)), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_enrollment_does_not_matter(
    tmp_path_factory, order, seed, consent, make_listener, open_cheaply
):
    listener, rng = make_listener(), np.random.default_rng(seed)
    for n in range(5):
        listener.put(f"p{n}", rng.standard_normal(8), 6.0 + n)
    listener.put("x", rng.standard_normal(8), 3.0)
    found = []
    for places in (range(5), order):
        path = tmp_path_factory.mktemp("order") / "voices.vault"
        with open_cheaply(path, listener) as store:
            for n in places:
                store.enroll(f"Person {n % 3}", [f"p{n}"], **consent)
            found.append((store.identify("x"), store.verify("Person 1", "x")))
    assert found[0] == found[1]


def test_only_the_nearest_references_are_scored(open_store, listener, monkeypatch, consent):
    monkeypatch.setattr(identifying, "CANDIDATES", 2)
    store = open_store()
    for n in range(6):
        listener.put(f"a{n}", at_cosine(0.98 - 0.1 * n), 6.0)
    store.enroll("Ada", [f"a{n}" for n in range(6)], **consent)
    for n, name in enumerate(("Bob", "Cleo", "Dan")):
        listener.put(name, at_cosine(0.1 + 0.1 * n, axis=2 + n), 6.0)
        store.enroll(name, [name], **consent)
    listener.put("x", [1])
    decision = store.identify("x")
    assert decision.label == "Ada"
    assert decision.reasons[1].startswith("next is Dan")
    assert len(store._directory.prints) == identifying.REFERENCES + 1
