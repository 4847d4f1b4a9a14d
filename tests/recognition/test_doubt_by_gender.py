"""A gender that contradicts an enrolled person's prints: a reason for doubt, never a veto."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voxlite.audio import Audio
from voxlite.errors import ModelError, VoxliteError
from voxlite.recognition import SpeakerRecognizer, VoiceprintStore
from voxlite.tasks.gender import GenderModel
from voxlite.values import Decision, Trait


def sounding(speech, label):
    """The same speech with a gender."""
    decision = Decision(label, 0.9, 0.8, speech.speech_s)
    return replace(speech, traits=(Trait("gender", decision, {}, {}, ()),))


@pytest.fixture
def with_genders(open_store, listener, consent):
    """Return a store in which Ada's recordings sound as told, and Bob's are not known."""

    def made(*labels):
        store = open_store()
        for at, label in enumerate(labels):
            name = listener.put(f"ada {at}", [1, 0.01 * at], 20.0)
            listener.sounds[name] = sounding(listener.sounds[name], label)
        store.enroll("Ada", [f"ada {at}" for at in range(len(labels))], **consent)
        store.enroll("Bob", [listener.put("bob", [0, 1], 20.0)], **consent)
        listener.put("x", [1], 3.0)
        return store

    return made


def doubts(decision):
    return [reason for reason in decision.reasons if reason.startswith("doubt: ")]


def test_another_gender_is_doubted_and_moves_neither_score_nor_verdict(with_genders, listener):
    store, plain = with_genders("female", "unsure"), listener.sounds["x"]
    before = store.verify("Ada", plain)
    for heard in (sounding(plain, "male"), sounding(plain, "female"), sounding(plain, "unsure")):
        for decision in (store.verify("Ada", heard), store.identify(heard)):
            assert (decision.label in ("accepted", "Ada"), decision.score) == (True, before.score)
            expected = ["doubt: the voice sounds male, Ada's enrolled voice female"]
            assert doubts(decision) == (expected if heard.gender == "male" else [])
    assert not doubts(before)


def test_nothing_is_doubted_where_enrollment_noted_nothing_or_both(with_genders, listener):
    store = with_genders("female", "male")
    heard = sounding(listener.sounds["x"], "male")
    assert not doubts(store.verify("Ada", heard))
    assert not doubts(store.verify("Bob", heard))
    assert not doubts(
        store.identify(sounding(replace(heard, embedding=listener.sounds["bob"].embedding), "male"))
    )


def test_a_stranger_is_not_doubted_as_somebody(with_genders, listener):
    store = with_genders("female")
    listener.put("stranger", [0, 0, 1], 3.0)
    decision = store.identify(sounding(listener.sounds["stranger"], "male"))
    assert (decision.label, doubts(decision)) == ("unknown", [])


def test_what_was_noted_is_listed_and_moves_with_an_export(with_genders, open_store, tmp_path):
    store = with_genders("female", "unsure")
    assert {one.person: one.genders for one in store.voices()} == {"Ada": ("female",), "Bob": ()}
    store.export_voices(tmp_path / "out.voices")
    other = open_store("other.vault")
    other.import_voices(tmp_path / "out.voices")
    assert {one.person: one.genders for one in other.voices()} == {"Ada": ("female",), "Bob": ()}


def test_a_recognizer_tells_gender_only_if_asked(speaker_model, samples_dir):
    voice = Audio.read(samples_dir / "voice-en-wideband.flac")
    plain = SpeakerRecognizer(str(speaker_model), threads=1).listen(voice)
    assert (plain.traits, plain.gender) == ((), None)
    told = SpeakerRecognizer(str(speaker_model), threads=1, traits=[GenderModel("compact", 1)]).listen(voice)
    (trait,) = told.traits
    assert trait.task == "gender"
    assert told.gender == "female"
    assert sum(trait.scores.values()) == pytest.approx(1, abs=1e-5)
    assert trait.decision.evidence_s == told.speech_s
    assert (told.embedding == plain.embedding).all()


def test_models_of_different_rates_are_refused(speaker_model, monkeypatch):
    trait = GenderModel("compact", 1)
    monkeypatch.setattr(type(trait.scorer), "rate_hz", 8000)
    monkeypatch.setattr("voxlite.recognition.recognizer.SpeakerEmbedder.rate_hz", 16_000)
    with pytest.raises(ModelError, match=r"hears 8000 Hz, the speaker model 16000 Hz"):
        SpeakerRecognizer(str(speaker_model), threads=1, traits=[trait])


def test_a_trait_that_is_none_is_told(tmp_path):
    store = VoiceprintStore(tmp_path / "v.vault", "a long passphrase", traits=("age",))
    with pytest.raises(VoxliteError, match="no trait named 'age': choose from gender, mood"):
        store.recognizer.listen("x.wav")
