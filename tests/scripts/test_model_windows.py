"""The windows that hold every client to the same scores: what is written is read again, and differences are found."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from voxlite.runtime import shipped_models

SCRIPTS = Path(__file__).parents[2] / "scripts"
if str(SCRIPTS) not in sys.path:
    sys.path.insert(0, str(SCRIPTS))
model_windows = importlib.import_module("model_windows")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Three recordings' windows of every shipped model, by model, and the index."""
    folder = tmp_path_factory.mktemp("windows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            model_windows, "RECORDINGS", ("voice-fr*.flac", "noise-typing.flac", "original-8000-u*.wav")
        )
        model_windows.write_windows(folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return {one.model: one for one in model_windows.read_windows(folder)}, index


def test_every_shipped_model_is_written_and_read_again(stored):
    windows, index = stored
    assert set(windows) == {info.path.stem for info in shipped_models()}
    assert index["recordings"] == ["noise-typing", "original-8000-unsigned-8bit", "voice-fr-telephone"]
    for name, one in windows.items():
        run, n_samples = model_windows.runner(model_windows.model_named(name))
        assert one.inputs.shape == (3, n_samples)
        assert np.array_equal(np.stack([run(window) for window in one.inputs]), one.outputs)


def test_a_sound_shorter_than_a_window_goes_on_from_its_start(stored):
    short = stored[0]["gender-compact"].inputs[1]  # 2.1 s, in windows of 3 s
    n = round(2.1 * 16_000)
    period = next(k for k in range(n - 100, n + 100) if np.array_equal(short[k:], short[: len(short) - k]))
    assert abs(period - n) < 100


def test_equal_outputs_have_no_difference(stored):
    for one in stored[0].values():
        row = model_windows.compare(one, one.outputs)
        assert row["windows"] == 3
        assert row["raw"] == 0
        assert row["score"] == pytest.approx(0, abs=1e-12)
        assert row.get("same", 3) == 3


@pytest.mark.parametrize("name", ["voice-compact", "gender-compact", "mood-mood"])
def test_other_outputs_are_found_and_other_verdicts_counted(stored, name):
    one = stored[0][name]
    found = one.outputs.copy()
    found[2, 0] += np.float32(0.25)
    row = model_windows.compare(one, found)
    assert row["raw"] == pytest.approx(0.25, abs=1e-6)
    assert 0 < row["score"] <= 1
    swapped = model_windows.compare(one, one.outputs[[2, 1, 0]])
    assert swapped["same"] < 3 or name != "voice-compact"  # speech and typing change places


def test_of_an_embedding_the_angle_counts(stored):
    one = stored[0]["speaker-compact"]
    longer = model_windows.compare(one, 2 * one.outputs)
    assert longer["raw"] > 0
    assert longer["score"] == pytest.approx(0, abs=1e-6)
    assert model_windows.compare(one, -one.outputs)["cosine"] == pytest.approx(-1, abs=1e-6)


def test_the_command_wants_a_folder(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["model_windows.py"])
    assert model_windows.main() == 2
    assert "usage" in capsys.readouterr().err
