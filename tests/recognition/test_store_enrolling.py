"""What a store asks of recordings before it keeps a voiceprint of them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.audio import Audio
from voxlite.errors import EnrollmentError


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
