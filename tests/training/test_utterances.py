"""Utterances of one voice, and the bank of voices that a teacher has embedded."""

import dataclasses

import numpy as np
import pytest

from voxlite.training.corpus import CorpusError
from voxlite.training.speaker import voice_bank
from voxlite.training.speaker.voice_bank import build_bank, load_bank
from voxlite.training.utterances import SHARED_IDS, sound_of, utterances, without_ends

RATE_HZ = 16_000


def make_clip(clips, **values):
    speech = next(clip for clip in clips if clip.kind == "speech")
    return dataclasses.replace(speech, **values)


def test_short_clips_of_a_speaker_are_joined_and_nobody_elses(clips):
    words = [
        make_clip(clips, name=f"{speaker}{k}", speaker=speaker, duration_s=0.8)
        for speaker in "ab"
        for k in range(9)
    ]
    made = utterances(words, least_s=3.0)
    assert [len(item.clips) for item in made] == [4, 5, 4, 5]  # what is left over goes to the last
    assert all({clip.speaker for clip in item.clips} == {item.voice[-1]} for item in made)
    assert sorted(clip.name for item in made for clip in item.clips) == sorted(clip.name for clip in words)


def test_long_clips_stay_alone_and_unknown_speakers_too(clips):
    chosen = [
        make_clip(clips, name="long", speaker="a", duration_s=5.0),
        make_clip(clips, name="rest", speaker="a", duration_s=1.5),
        make_clip(clips, name="crumb", speaker="b", duration_s=0.4),
        make_clip(clips, name="anyone", speaker="", duration_s=2.0),
        make_clip(clips, name="syllable", speaker="", duration_s=0.4),
        make_clip(clips, name="bang", kind="nonhuman", duration_s=5.0),
    ]
    made = {item.name: item for item in utterances(chosen)}
    assert set(made) == {"long", "rest", "anyone"}
    assert made["anyone"].voice == ""
    assert made["long"].voice.endswith("/a")


def test_pauses_at_the_ends_are_cut(rng):
    voice = rng.standard_normal(RATE_HZ).astype(np.float32) * 0.1
    padded = np.concatenate([np.zeros(RATE_HZ, np.float32), voice, np.zeros(2 * RATE_HZ, np.float32)])
    cut = without_ends(padded, RATE_HZ)
    assert RATE_HZ <= len(cut) <= 1.3 * RATE_HZ
    assert np.array_equal(without_ends(np.zeros(800, np.float32), RATE_HZ), np.zeros(800, np.float32))


class Teacher:
    """Embeds length and level; counts how often it is asked."""

    name, dim = "ruler", 3

    def __init__(self):
        self.asked = 0

    def embed(self, sounds, names):
        self.asked += len(sounds)
        rows = np.array([[len(sound) / RATE_HZ, np.abs(sound).max(), 1.0] for sound in sounds], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def learned(clips):
    return utterances([clip for clip in clips if clip.split == "train"], least_s=1.0)


def test_a_bank_holds_every_utterance_at_every_speed(learned, store, tmp_path, monkeypatch):
    monkeypatch.setattr(voice_bank, "_SHARD", 4)
    ticks = []
    bank = build_bank(learned, store, ("x1.00", "x1.25"), Teacher(), tmp_path, tick=lambda: ticks.append(1))
    n = len(learned)
    assert n > 2
    assert len(bank.samples) == len(bank.targets) == len(bank.classes) == len(bank.sources) == 2 * n
    assert len(ticks) == 2 * n
    assert bank.n_classes == len(set(bank.classes)) == 2 * len({item.voice for item in learned})
    for k, item in enumerate(learned):
        whole = sound_of(item, store)
        np.testing.assert_allclose(bank.sound(k, 0, len(whole)), whole, atol=1 / 32_768)
        assert len(bank.samples[n + k]) == pytest.approx(len(whole) / 1.25, abs=2)
    np.testing.assert_allclose(np.linalg.norm(bank.targets, axis=1), 1, atol=1e-6)
    assert len(bank.sound(0, 10, 5)) == 5


def test_an_interrupted_bank_goes_on_where_it_stopped(learned, store, tmp_path, monkeypatch):
    monkeypatch.setattr(voice_bank, "_SHARD", 2)
    first = build_bank(learned, store, ("x1.00",), Teacher(), tmp_path)
    last = max(tmp_path.glob("*/shard-*[0-9].npy"))
    last.unlink()
    again = Teacher()
    second = build_bank(learned, store, ("x1.00",), again, tmp_path)
    assert again.asked == (len(learned) % 2 or 2)
    np.testing.assert_array_equal(first.targets, second.targets)
    asked = again.asked
    build_bank(learned, store, ("x1.00",), again, tmp_path)
    assert again.asked == asked


def test_another_bank_in_the_folder_is_refused(learned, store, tmp_path):
    build_bank(learned, store, ("x1.00",), Teacher(), tmp_path)
    with pytest.raises(CorpusError, match="taught from other utterances: remove it"):
        build_bank(learned[1:], store, ("x1.00",), Teacher(), tmp_path)


def test_ids_that_several_sources_share_are_no_classes(learned, store, tmp_path):
    shared = [dataclasses.replace(item, source=SHARED_IDS[0]) for item in learned[:1]]
    unknown = [dataclasses.replace(item, voice="") for item in learned[1:2]]
    build_bank([*shared, *unknown, *learned[2:]], store, ("x1.00",), Teacher(), tmp_path)
    bank = load_bank(tmp_path, ("x1.00",))
    assert bank.classes[:2].tolist() == [-1, -1]
    assert (bank.classes[2:] >= 0).all()
