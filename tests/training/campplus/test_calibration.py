"""What is known of CAM++'s scores: measured once, read back, written into the file of a known checkpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from voxlite.runtime import find_model
from voxlite.runtime.metadata import read_cohort, read_metadata
from voxlite.training.campplus import calibration as module
from voxlite.training.campplus import convert as campplus_import
from voxlite.training.card import imported_card
from voxlite.training.export import Parity
from voxlite.training.tflite_file import cohort_bytes

pytestmark = pytest.mark.train


class Embedder:
    """Stands for an imported file."""

    def __init__(self, model):
        self.model = model

    def vectors(self, sounds):
        rows = np.stack([np.log(np.abs(np.fft.rfft(sound, 4096))[20:44] + 1e-3) for sound in sounds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def written(talkers, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SpeakerEmbedder", Embedder)
    monkeypatch.setattr(module, "load_model", lambda path: SimpleNamespace(path=path))
    out = tmp_path / "found.npz"
    words = [
        "float16=a.tflite",
        "int8=b.tflite",
        "--manifest",
        talkers,
        "--cache",
        tmp_path / "cache",
        "--out",
        out,
    ]
    module.main([str(word) for word in words])
    return out


def test_what_was_measured_is_read_back(written) -> None:
    for storage in ("float16", "int8", "unheard-of"):
        found = module.measured(storage, written)
        assert found.constants["wide_slope"] > 0
        assert set(found.threshold) == {"value", "far", "frr", "data"}
        assert found.strangers.shape == (2, 24)  # two of four share their name with voices that are left out
        assert np.abs(found.strangers).max() == 127
        np.testing.assert_array_equal(cohort_bytes(found.strangers), found.strangers)
        assert ("measured on the float16 file" in found.threshold["data"]) == (storage == "unheard-of")
    with np.load(written, allow_pickle=False) as saved:
        assert saved["strangers"].dtype == np.int8
        assert set(json.loads(saved["json"].tobytes())) == {"float16", "int8"}


@pytest.fixture
def imported():
    """The content of a model file, and metadata of an imported one."""
    info = find_model("voice", "compact")
    training = {"known": True, "origin": "somewhere", "sha256": "0", "data": "Unknown.", "parameters": 7}
    said = replace(
        info.metadata, task="speaker", name="campplus", embedding_size=24, calibration={}, thresholds={}
    )
    return info.path.read_bytes(), replace(said, training=training)


def test_the_file_of_a_known_checkpoint_carries_what_was_measured(imported, written, monkeypatch) -> None:
    monkeypatch.setattr(campplus_import, "measured", lambda weights: module.measured(weights, written))
    content, said = campplus_import._calibrated(*imported, "mixed-int8", "int8")
    found = module.measured("int8", written)
    assert read_metadata(content, "x") == said
    assert (said.weights, said.calibration) == ("mixed-int8", found.constants)
    rows = found.strangers / np.linalg.norm(found.strangers, axis=1, keepdims=True)
    np.testing.assert_allclose(read_cohort(content, "x"), rows, atol=1e-6)
    card = imported_card(said, "mixed-int8", Parity("mixed-int8", 7_000_000, 0.004, 0.001))
    assert f"from {found.threshold['value']:.2f} on" in card
    assert "Not calibrated" not in card


def test_the_card_of_another_checkpoint_says_that_its_scores_mean_nothing(imported) -> None:
    card = imported_card(imported[1], "float16", Parity("float16", 14_000_000, 0.0004, 0.0001))
    assert "**Not calibrated**" in card
    assert "not detected" in card
