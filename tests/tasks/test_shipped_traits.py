"""The shipped gender and mood models on recordings of the repository, and as `analyze` tells them."""

import json
from pathlib import Path

import numpy as np
import pytest

from voxlite import Audio, GenderClassifier, MoodClassifier, analyze
from voxlite.runtime import shipped_models

SAMPLES = Path(__file__).parent.parent.parent / "samples"


@pytest.fixture(scope="module")
def gender():
    return GenderClassifier(threads=2)


@pytest.fixture(scope="module")
def mood():
    return MoodClassifier(threads=2)


@pytest.mark.parametrize(("name", "label"), [("voice-en-radio", "male"), ("voice-en-wideband", "female")])
def test_gender_of_announcers(gender, name, label) -> None:
    decision = gender.decide(SAMPLES / f"{name}.flac")
    assert decision.label == label
    assert decision.score > 0.9


def test_what_is_not_speech_stays_open(gender, mood) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(3 * 16_000) / 16_000
    for samples in (
        np.zeros(3 * 16_000),
        0.1 * rng.standard_normal(3 * 16_000),
        0.3 * np.sin(2 * np.pi * 440 * t),
        np.zeros(100),
    ):
        audio = Audio(samples.astype(np.float32), 16_000)
        for classifier in (gender, mood):
            assert classifier.decide(audio).label == "unsure"


def test_clipping_telephone_and_level_do_not_turn_a_voice(gender) -> None:
    audio = Audio.read(SAMPLES / "voice-en-wideband.flac", rate_hz=16_000)
    for samples in (audio.samples * 0.01, np.clip(audio.samples * 8, -1, 1), audio.samples[: 2 * 16_000]):
        assert gender.decide(Audio(samples, 16_000)).label in ("female", "unsure")
    assert gender.scores(Audio(audio.samples * 0.1, 16_000))["male"] < 0.1


def test_threads_change_nothing(gender) -> None:
    path = SAMPLES / "voice-en-wideband.flac"
    assert GenderClassifier(threads=1).scores(path) == gender.scores(path)


def test_moods_sum_to_one_and_arousal_is_a_share(mood) -> None:
    scores = mood.scores(SAMPLES / "voice-en-radio.flac")
    assert set(scores) == {"angry", "fearful", "happy", "neutral", "sad"}
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert 0 <= mood.arousal(SAMPLES / "voice-en-radio.flac") <= 1


def test_a_muffled_voice_is_less_excited(mood) -> None:
    audio = Audio.read(SAMPLES / "voice-en-radio.flac", rate_hz=16_000)
    muffled = np.convolve(audio.samples, np.ones(12) / 12, "same").astype(np.float32)
    assert mood.arousal(audio) > mood.arousal(Audio(muffled, 16_000))


def test_analyze_tells_both_for_the_recording_and_its_segments() -> None:
    report = analyze(SAMPLES / "call.flac", tasks=("voice", "gender", "mood"))
    voiced = [(s.start_s, s.end_s) for s in report.segments if s.label == "voice"]
    for trait in report.traits:
        assert [(part.start_s, part.end_s) for part in trait.segments] == voiced
    assert [trait.task for trait in report.traits] == ["gender", "mood"]
    data = report.to_dict()
    json.dumps(data, allow_nan=False)
    assert set(data["mood"]) == {"decision", "scores", "arousal", "segments"}
    assert [model["task"] for model in data["models"]] == ["voice", "gender", "mood"]


def test_models_are_small_and_say_what_they_are() -> None:
    by_name = {(model.metadata.task, model.name): model for model in shipped_models()}
    for key in (("gender", "compact"), ("mood", "mood"), ("mood", "mood-research")):
        model = by_name[key]
        assert model.size_bytes <= 2_000_000
        free = key[1] != "mood-research"
        assert model.metadata.training["free_only"] is free
        assert model.metadata.licence == ("CC-BY-SA-4.0" if free else "LicenseRef-research-only")
        assert "decide" in model.metadata.thresholds
    assert by_name["mood", "mood"].metadata.training["sources"] == ["emodb"]
