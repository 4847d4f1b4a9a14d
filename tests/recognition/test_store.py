"""What a store does with the people in it: lists, forgets, moves, refuses; for several threads and processes."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from voxlite.errors import EnrollmentError, PassphraseError, StoreError


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


def test_an_error_of_the_index_is_not_taken_for_an_erasure(with_ada):
    with pytest.raises(EnrollmentError, match="against references of 8 numbers"):
        with_ada.name_of(np.eye(5, dtype=np.float32)[0], 3.0)


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
