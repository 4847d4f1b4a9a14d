"""The vectors of who speaks when, and of raised rates, say what this package computes, and go every way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage

from voxlite import analyze
from voxlite.audio import Audio, conform
from voxlite.browser.vectors import raising, turns
from voxlite.recognition.clustering import MOST_CLUSTERED
from voxlite.recognition.demonstration import find_samples
from voxlite.runtime import find_model

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("vectors")
    files = turns.write(out)
    assert {path.parent for path in files} == {out / turns.FOLDER}
    return {path.name: path for path in files}


@pytest.fixture(scope="module")
def texts(written: dict[str, Path]) -> Any:
    return json.loads(written["turns.json"].read_text())


def rows(written: dict[str, Path], name: str, dim: int) -> Any:
    return np.fromfile(written[f"{name}.f32"], "<f4").reshape(-1, dim)


def test_they_are_small_and_the_same_each_time(written: dict[str, Path], tmp_path: Path) -> None:
    assert sum(path.stat().st_size for path in written.values()) < MEBIBYTE
    for path in turns.write(tmp_path):
        assert path.read_bytes() == written[path.name].read_bytes(), path.name


def test_trees_are_whole_and_some_have_equal_heights(written: dict[str, Path], texts: Any) -> None:
    for case in texts["clustered"]:
        n = len(rows(written, case["name"], case["dim"]))
        assert len(case["tree"]) == n - 1
        if n > 1:
            assert is_valid_linkage(np.array(case["tree"]))
    lengths = {case["name"]: len(case["tree"]) + 1 for case in texts["clustered"]}
    assert max(lengths.values()) > MOST_CLUSTERED
    assert min(lengths.values()) == 1
    equal = np.array(next(case["tree"] for case in texts["clustered"] if case["name"] == "equal"))
    assert len(np.unique(equal[:, 2])) < len(equal) / 2


def test_centres_are_of_unit_norm_and_as_many_as_were_asked_for(written: dict[str, Path], texts: Any) -> None:
    counts = set()
    for case in texts["clustered"]:
        for number, question in enumerate(case["questions"]):
            found = rows(written, f"{case['name']}.{number}", case["dim"])
            assert len(found) == question["n_centres"] <= max(question["most"], 1)
            np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
            counts.add(len(found))
    assert {1, 2, 3, 4, 5, 20} <= counts


def test_turns_of_the_call_are_those_of_its_report(texts: Any) -> None:
    call = next(case for case in texts["diarized"] if case["name"] == "call")
    told = call["answers"][0]["turns"]
    report = analyze(find_samples(None) / "call.flac", ("speaker",), threads=2)
    assert report.speakers is not None
    assert [(turn["start_s"], turn["end_s"], turn["speaker"]) for turn in told] == [
        (turn.start_s, turn.end_s, turn.speaker) for turn in report.speakers
    ]
    assert len({turn["speaker"] for turn in told}) > 1


def test_turns_are_of_every_kind(texts: Any) -> None:
    answers = [answer for case in texts["diarized"] for answer in case["answers"]]
    speakers = {turn["speaker"] for answer in answers for turn in answer["turns"]}
    assert {"Ada", "speaker 1", "speaker 4"} <= speakers
    assert any(not answer["turns"] for answer in answers)
    assert any(answer["asked"] for answer in answers)
    inside = [case for case in texts["diarized"] if len(case["answers"][0]["turns"]) > len(case["voice_s"])]
    assert inside, "no case in which somebody is relieved within a segment"
    assert {case["bandwidth_hz"] for case in texts["diarized"]} >= {None, 3_400.0}
    labels = {label for path in texts["paths"] for label in path["labels"]}
    assert len(labels) > 4


def test_raised_noise_is_what_sound_becomes_on_its_way_in() -> None:
    cases = raising.raised_cases()
    response = np.array(cases["response"])
    assert response.argmax() == 0
    assert abs(2 * response[1:].sum() + response[0] - 2) < 1e-3  # twice as many samples, each as loud
    assert [noise["rate_hz"] for noise in cases["noise"]] == list(raising.RATES_HZ)
    for noise in cases["noise"]:
        samples = np.float32(noise["samples"])
        conformed = conform(Audio(samples, noise["rate_hz"]), raising.MODEL_HZ).samples
        assert len(conformed) == len(noise["raised"])
        # The high-pass behind it takes little of white noise away.
        assert np.corrcoef(conformed, noise["raised"])[0, 1] > 0.9


def test_the_speaker_model_is_the_shipped_one(written: dict[str, Path], texts: Any) -> None:
    dim = find_model("speaker", "compact").metadata.embedding_size
    call = next(case for case in texts["diarized"] if case["name"] == "call")
    vectors = rows(written, "call", dim)
    assert len(vectors) == len(call["start_s"]) == len(call["segment"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
