"""`voxlite score`: a report against the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("start_s,end_s,label\n0,1,silence\n1,2.1,voice\n2.1,3,noise\n3,4,voice\n")
    return path


@pytest.fixture
def call(tmp_path):
    path = tmp_path / "call.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 32_000), 8_000)
    return path


def test_score_compares_with_the_truth(in_process, fake_analyze, truth, call, tmp_path):
    text = in_process("score", truth, call).stdout
    assert "97.5 % of 40 steps of 100 ms have the right label" in text
    assert "ends of voice: 50 ms off on average (2 compared)" in text
    assert "2 of 2 found, 0 missed, 0 found where there is none" in text
    facts = json.loads(in_process("score", "--json", truth, call).stdout)
    assert facts["schema"] == "voxlite.score/1"
    assert facts["right_share"] == 0.975
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    assert in_process("score", "--picture", tmp_path / "s.png", truth, call).exit_code == 0
    assert (tmp_path / "s.png").exists()


def test_score_says_when_there_is_nothing_to_compare(in_process, fake_analyze, call, tmp_path):
    (tmp_path / "t.csv").write_text("start_s,end_s,label\n0,1,silence\n")
    assert "beginnings of voice: none to compare" in in_process("score", tmp_path / "t.csv", call).stdout
    result = in_process("score", tmp_path / "no.csv", call)
    assert result.exit_code == 1
    assert "no.csv" in result.stderr
