"""The vectors: that they reach what a port may get wrong, and leave no room for rounding to decide."""

import json
from pathlib import Path

import numpy as np
import pytest

from voxlite.bundle.sounds import synthetic_sounds
from voxlite.bundle.vectors import make_vector
from voxlite.tasks.voice import VoiceDetector


@pytest.fixture(scope="module")
def vectors(bundle_dir: Path) -> dict[str, dict]:
    index = json.loads((bundle_dir / "vectors" / "index.json").read_text())
    return {
        entry["name"]: json.loads((bundle_dir / "vectors" / entry["file"]).read_text())
        for entry in index["vectors"]
    }


def test_each_way_through_the_client_is_taken(vectors: dict[str, dict]) -> None:
    labels = [segment["label"] for data in vectors.values() for segment in data["segments"]]
    assert set(labels) == {"voice", "silence", "noise"}
    assert {data["clip"]["label"] for data in vectors.values()} == {"voice", "no voice"}
    assert all(value is None for value in vectors["silence"]["steps"]["logits"])
    assert len(vectors["short"]["steps"]["logits"]) == 1
    assert len({data["input"]["rate_hz"] for data in vectors.values()}) == 3
    buzz = vectors["buzz"]
    assert len(buzz["steps"]["logits"]) > 4 * 7  # several calls of the declared length
    assert buzz["conformed"]["n_samples"] % 640  # the last step is cut short
    assert [s["label"] for s in buzz["segments"]] == ["silence", "voice", "silence", "voice", "noise"]
    threshold_db = np.array(vectors["moving-noise"]["gate"]["threshold_db"])
    assert threshold_db.min() == -60
    assert np.any((threshold_db > -59) & (threshold_db < -50.5))
    assert max(vectors["white-noise"]["gate"]["threshold_db"]) == -50


def test_no_flag_hangs_on_rounding(vectors: dict[str, dict]) -> None:
    for sound in synthetic_sounds():
        margins = vectors[sound.name]["margins"]
        assert margins["gate_db"] > 0.01, sound.name
        assert margins["probability"] > 0.002, sound.name


def test_the_stages_follow_from_each_other(vectors: dict[str, dict], bundle_dir: Path) -> None:
    config = json.loads((bundle_dir / "config.json").read_text())
    numbers = config["calibration"]["step"]
    for data in vectors.values():
        steps = data["steps"]
        frames = np.array(data["gate"]["level_db"]) < np.array(data["gate"]["threshold_db"])
        assert frames.reshape(len(steps["silent"]), -1).all(axis=1).astype(int).tolist() == steps["silent"]
        for quiet, logit, value in zip(steps["silent"], steps["logits"], steps["probabilities"], strict=True):
            assert (logit is None) == bool(quiet)
            odds = numbers["slope"] * logit + numbers["offset"] if logit is not None else -np.inf
            assert value == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)
        assert data["segments"][0]["start_s"] == 0
        assert data["segments"][-1]["end_s"] == data["input"]["n_samples"] / data["input"]["rate_hz"]


def test_the_vector_is_what_the_client_says() -> None:
    detector = VoiceDetector(threads=1)
    sound = synthetic_sounds()[-1]
    data = make_vector(detector, sound).data
    decision = detector.decide(sound.audio)
    assert data["clip"]["score"] == decision.score
    assert data["clip"]["label"] == decision.label == "voice"
    np.testing.assert_allclose(
        data["steps"]["probabilities"], detector.scores(sound.audio).values, rtol=1e-6, atol=1e-9
    )


def test_sounds_are_always_the_same_and_within_full_scale() -> None:
    for one, two in zip(synthetic_sounds(), synthetic_sounds(), strict=True):
        np.testing.assert_array_equal(one.audio.samples, two.audio.samples)
        assert np.abs(one.audio.samples).max() <= 1


def test_the_segmenter_cases_hold_what_is_hard(bundle_dir: Path) -> None:
    cases = json.loads((bundle_dir / "vectors" / "segmenter.json").read_text())["cases"]
    assert {case["rules"]["pad_steps"] for case in cases} >= {0, 2, 8}
    assert any(not case["values"] for case in cases)
    assert {s["label"] for case in cases for s in case["segments"]} == {"voice", "silence", "noise"}
    for case in cases:
        ends = [segment["end_step"] for segment in case["segments"]]
        assert ends[-1:] == [len(case["values"])][: len(ends)]
