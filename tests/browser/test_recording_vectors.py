import json
from pathlib import Path

import numpy as np
import pytest

from voxlite import Audio, MoodClassifier, VoiceDetector
from voxlite.audio import conform, mix_down
from voxlite.browser.vectors import recordings
from voxlite.browser.vectors.sounds import raw_sounds

MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("vectors")
    files = recordings.write(out)
    assert sorted(files) == sorted((out / recordings.FOLDER).iterdir())
    return out / recordings.FOLDER


@pytest.fixture(scope="module")
def index(folder):
    return _load(folder / "index.json")


def test_the_vectors_are_small(folder):
    assert 1_000_000 < sum(path.stat().st_size for path in folder.iterdir()) < MOST_BYTES


def test_writing_again_gives_the_same_bytes(folder, tmp_path):
    for path in recordings.write(tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_the_index_names_every_sound_and_model(index):
    assert index["schema"] == recordings.SCHEMA
    assert index["sounds"] == [sound.name for sound in raw_sounds()]
    assert set(index["models"]) == {"voice", "speaker", "gender", "mood"}


def test_sounds_reach_all_that_clients_must_tell(folder, index):
    data = {name: _load(folder / f"{name}.json") for name in index["sounds"]}
    assert {d["input"]["rate_hz"] for d in data.values()} >= {8_000, 16_000, 22_050, 44_100, 48_000}
    assert {len(d["input"]["files"]) for d in data.values()} == {1, 2, 3}
    labels = {segment["label"] for d in data.values() for segment in d["segments"]}
    assert labels == {"voice", "silence", "noise"}
    assert {d["clip"]["label"] for d in data.values()} == {"voice", "no voice"}
    damaged = data["damaged"]["quality"]
    assert damaged["n_drop_outs"] == 3
    assert damaged["dead_channels"] == [3]
    assert damaged["clipped_share"] > 0.01
    assert len(data["speaker-man-1"]["windows"]["gender"]) >= 3


@pytest.mark.parametrize("name", ["voice-fr-telephone", "original-44100-stereo"])
def test_a_sound_is_what_this_client_makes_of_it(folder, name):
    data = _load(folder / f"{name}.json")
    channels = [np.fromfile(folder / file, "<f4") for file in data["input"]["files"]]
    audio = Audio(mix_down(np.stack(channels, axis=1)), data["input"]["rate_hz"])
    conformed = np.fromfile(folder / data["conformed"]["file"], "<f4")
    np.testing.assert_array_equal(conform(audio, 16_000).samples, conformed)
    detector = VoiceDetector(threads=1)
    assert detector.decide(audio).score == data["clip"]["score"]
    found = detector.segments(audio)
    assert [s.start_s for s in found] == [s["start_s"] for s in data["segments"]]
    assert [s["label"] for s in data["report"]["segments"]] == [s.label for s in found]
    scores = detector.scores(audio).values
    np.testing.assert_array_equal(scores, np.float32(data["steps"]["probabilities"])[: len(scores)])
    logits = data["steps"]["logits"]
    assert [value is None for value in logits] == [flag == 1 for flag in data["steps"]["silent"]]


def test_portions_add_up_to_the_segments(folder, index):
    for name in index["sounds"]:
        data = _load(folder / f"{name}.json")
        if data["portions"]:
            found = [segment for portion in data["portions"] for segment in portion["segments"]]
            assert found == data["segments"]


def test_windows_answer_what_a_classifier_hears(folder):
    data = _load(folder / "voice-fr-telephone.json")
    samples = np.fromfile(folder / data["input"]["files"][0], "<f4")
    heard = MoodClassifier(threads=1).listen(Audio(samples, data["input"]["rate_hz"]))
    # The last windows written are those of the speech that was cut out; three seconds of it fill one or two.
    vectors = [np.float32(window["vector"]) for window in data["windows"]["mood"]]
    means = [np.mean(vectors[-n:], axis=0) for n in (1, 2)]
    assert min(np.abs(heard.vector - mean).max() for mean in means) < 1e-6
    assert heard.speech_s == data["speech"]["speech_s"]


def test_cases_of_traits_go_every_way(index):
    labels = {case["decision"]["label"] for trait in index["traits"] for case in trait["cases"]}
    assert {"unsure", "female", "male"} <= labels
    assert len(labels) > 4
    reasons = {r for trait in index["traits"] for case in trait["cases"] for r in case["decision"]["reasons"]}
    assert "may be a child's voice" in reasons
    against = [trait for trait in index["traits"] if trait["neutral"]]
    assert len(against) == 1
    for case in against[0]["cases"]:
        assert set(case["figures"]) == {"arousal"}


def _load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))
