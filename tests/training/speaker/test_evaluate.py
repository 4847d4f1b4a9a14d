"""The speaker protocol: which pairs there are, what the conditions change, and known figures of known embeddings."""

import dataclasses
import gzip

import numpy as np
import pytest

from voxlite.training.corpus import CorpusError
from voxlite.training.metrics import min_detection_cost
from voxlite.training.protocol import CLEAN
from voxlite.training.speaker.evaluate import (
    evaluate_speaker,
    n_embeddings,
    verification,
)
from voxlite.training.speaker.protocol import SpeakerProtocol, make_trials
from voxlite.training.windows import by_telephone

PROTOCOL = SpeakerProtocol(sources=("talk-0", "talk-1"), per_voice=2, lengths_s=(0.5,), snrs_db=(10.0,))


@pytest.fixture
def spoken(clips):
    """Two clips of each test speaker, one with a gender of its own."""
    test = [clip for clip in clips if clip.split == "test" and clip.kind == "speech"]
    made = []
    for k, clip in enumerate(test):
        for part in "ba":
            gender = "f" if k % 2 else "m"
            made.append(dataclasses.replace(clip, original=f"{part}-{clip.name}", gender=gender))
    return made


def test_all_pairs_within_a_source_and_no_others(spoken):
    trials = make_trials(spoken, PROTOCOL)
    speakers = {(clip.source, clip.speaker) for clip in trials.clips}
    assert len(trials.clips) == 2 * len(speakers)
    assert trials.same.sum() == len(speakers)
    per_source = len(speakers) // 2
    assert len(trials.same) == 2 * (2 * per_source) * (2 * per_source - 1) // 2
    for a, b, same in zip(trials.first, trials.second, trials.same, strict=True):
        one, other = trials.clips[a], trials.clips[b]
        assert one.source == other.source
        assert same == (one.speaker == other.speaker)
    originals = [clip.original for clip in trials.clips[:2]]
    assert originals == sorted(originals)


def test_the_list_does_not_depend_on_the_order_of_the_manifest(spoken, tmp_path):
    for name, order in (("a", spoken), ("b", spoken[::-1])):
        make_trials(order, PROTOCOL).write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    lines = gzip.decompress((tmp_path / "a").read_bytes()).decode().splitlines()
    assert {line.split()[0] for line in lines} == {"0", "1"}
    assert all(len(line.split()) == 3 for line in lines)


def test_one_voice_alone_makes_no_trials(spoken):
    with pytest.raises(CorpusError, match="no pairs"):
        make_trials(spoken[:2], PROTOCOL)
    with pytest.raises(CorpusError, match="no pairs"):
        make_trials([], PROTOCOL)


def test_cost_is_one_for_a_system_that_knows_nothing(rng):
    truth = np.arange(400) % 4 == 0
    assert min_detection_cost(np.zeros(400), truth, 0.01) == pytest.approx(1)
    assert min_detection_cost(truth.astype(float), truth, 0.01) == 0
    half = np.where(truth & (np.arange(400) % 8 == 0), 2.0, rng.random(400))
    assert min_detection_cost(half, truth, 0.01) == pytest.approx(0.5, abs=0.02)


def test_figures_of_scores_by_hand():
    values = np.array([0.9, 0.4, 0.6, 0.1], np.float32)
    same = np.array([True, True, False, False])
    found = verification(values, same, 0.5)
    assert found["eer"] == 0.5
    assert (found["n_target"], found["n_impostor"]) == (2, 2)


def test_conditions_change_what_they_say(spoken, clips, store):
    heard = []

    def embed(sound):
        heard.append(sound)
        spectrum = np.abs(np.fft.rfft(sound, 8192))[:2000].reshape(-1, 8).sum(axis=1) + 1e-6
        return (spectrum / np.linalg.norm(spectrum)).astype(np.float32)

    trials = make_trials(spoken, PROTOCOL)
    ticks = []
    found = evaluate_speaker(embed, trials, clips, store, PROTOCOL, tick=lambda: ticks.append(1))
    n = len(trials.clips)
    assert len(heard) == len(ticks) == n_embeddings(trials, PROTOCOL) == 4 * n
    assert list(found.conditions) == [CLEAN, "0.5 s", "10 dB", "telephone"]
    assert all(len(sound) <= 8_000 for sound in heard[n : 2 * n])
    for clean, noisy in zip(heard[:n], heard[2 * n : 3 * n], strict=True):
        assert len(clean) == len(noisy)
        assert not np.array_equal(clean, noisy)
    data = found.to_dict()
    assert data["n_speakers"] * 2 == data["n_clips"] == n
    # the buzzes differ in pitch alone, and these two copies of each are the same sound
    assert data["conditions"][CLEAN]["eer"] == 0
    clean, noisy = (found.conditions[name][trials.same].mean() for name in (CLEAN, "10 dB"))
    assert noisy < clean - 0.01
    genders = data["gender"]
    total = sum(row["n_impostor"] for row in genders.values())
    assert total == data["conditions"][CLEAN]["n_impostor"]


def test_pairs_of_unknown_gender_belong_to_neither(spoken):
    trials = make_trials([dataclasses.replace(clip, gender="") for clip in spoken[:6]] + spoken[6:], PROTOCOL)
    alike, apart = trials.genders()
    assert not (alike & apart).any()
    unknown = [
        not (trials.clips[a].gender and trials.clips[b].gender)
        for a, b in zip(trials.first, trials.second, strict=True)
    ]
    assert any(unknown)
    np.testing.assert_array_equal(~(alike | apart), unknown)


def test_a_telephone_passes_its_band_and_keeps_the_length():
    t = np.arange(16_001) / 16_000
    low, middle, high = (0.2 * np.sin(2 * np.pi * hz * t).astype(np.float32) for hz in (100, 1000, 5000))
    levels = [np.abs(by_telephone(tone, 16_000)[4000:12_000]).max() for tone in (low, middle, high)]
    assert len(by_telephone(low, 16_000)) == 16_001
    assert levels[1] > 0.15
    assert max(levels[0], levels[2]) < 0.03
