"""Gender and mood in numbers: the page's sections, speeds, and the peer's judge."""

import json

import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="module")
def figures():
    """What the commands write, in small."""
    row = {
        "n": 4, "unsure": 0.25, "right_of_decided": 0.9, "uar": 0.8, "ece": 0.1, "n_others": 2,
        "others_left_open": 0.5,
    }  # fmt: skip
    children = {**row, "n": 0, "unsure": None, "right_of_decided": None, "uar": None, "ece": None}
    gender = {
        "about": {"model": {"name": "compact"}},
        "protocol": {"split": "test", "per_voice": 12},
        "n_voices": 3,
        "conditions": {"3 s": row, "telephone": row},
        "by": {"age": {"adult": {**row, "others_left_open": None}, "child": children}},
        "confusion": {"female": {"female": 3, "unsure": 1}, "child": {"female": 1, "unsure": 1}},
    }
    judged = {"voxlite": {"uar": 0.6, "low": 0.5, "high": 0.7}, "peer": {"uar": 0.5, "low": 0.4, "high": 0.6}}
    moods = {
        "corpora": {"emodb": {"speakers": 10}},
        "protocols": {"leave one speaker out": {"emodb": judged}},
        "means": {"leave one speaker out": {"voxlite": 0.6, "peer": 0.5}},
        "arousal": {
            "left_out": "corpus",
            "by_corpus": {"emodb": 0.71},
            "mean": 0.7,
            "within": {"emodb": 0.83},
            "within_mean": 0.8,
        },
    }
    return gender, moods


def test_sections_hold_what_was_measured_the_bad_included(bench, figures) -> None:
    gender, moods = figures
    speed = {
        "models": [{"task": "mood", "name": "mood", "size_bytes": 1_280_000, "rtf": 0.0026}],
        "all_tasks": {
            "tasks": ["voice", "mood"],
            "seconds": 120.0,
            "median_s": 0.85,
            "times_real_time": 142.0,
        },
    }
    text = "\n".join(bench("sections.traits").traits(gender, moods, speed))
    assert "| 3 s | 4 | 25.0 % | 90.0 % | 80.0 % | 0.100 | 50.0 % |" in text
    assert "| age: child | 0 | - | - | - | - | 50.0 % |" in text
    assert "| child | 1 | 1 |" in text
    assert "| emodb | 10 | 0.600 (0.50 .. 0.70) | 0.500 (0.40 .. 0.60) |" in text
    assert "| mean |  | 0.600 | 0.500 |" in text
    assert "| emodb | 0.71 | 0.83 |" in text
    assert "| mood | mood | 1.28 MB | 0.0026 |" in text
    assert "142 times real time" in text


def test_what_was_not_measured_says_how(bench) -> None:
    module = bench("sections.traits")
    text = "\n".join(module.traits(None, None, None))
    for command in (module.EVALUATE_GENDER, module.MOODS, module.TRAITS):
        assert text.count(command) >= 2


def test_speeds_of_every_model_and_of_all_tasks(bench, tmp_path) -> None:
    pytest.importorskip("scipy", reason="needs the diarize extra")
    sample, out = tmp_path / "two.wav", tmp_path / "traits.json"
    soundfile.write(sample, np.random.default_rng(0).normal(0, 0.1, 32_000), 16_000)
    bench("traits").main(["--repeats", "1", "--sample", str(sample), "--out", str(out)])
    found = json.loads(out.read_text())
    assert {(row["task"], row["name"]) for row in found["models"]} == {
        ("gender", "compact"),
        ("mood", "mood"),
        ("mood", "mood-research"),
        ("speaker", "compact"),
    }
    assert all(row["rtf"] > 0 for row in found["models"])
    assert found["all_tasks"]["seconds"] == pytest.approx(2)


def test_the_peers_judge_learns_only_what_it_may(bench) -> None:
    pytest.importorskip("sklearn", reason="needs the bench group")
    rng = np.random.default_rng(1)
    labels = np.array(["a", "b", "c"] * 30)
    rows = (np.eye(3)[np.tile(np.arange(3), 30)] + 0.1 * rng.standard_normal((90, 3))).astype(np.float32)
    learned = np.arange(90) < 60
    judge = bench("moods").SvmJudge(rows)
    names = np.array(["a", "b", "c", "never seen"])
    scores = judge(learned, ~learned, labels[learned], names)
    assert (names[scores.argmax(axis=1)] == labels[~learned]).all()
    assert (scores[:, 3] == -np.inf).all()
