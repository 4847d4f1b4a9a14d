import json
import sys

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from voxlite.cli import corpus as corpus_command
from voxlite.cli import evaluate as evaluate_command
from voxlite.cli import train as train_command
from voxlite.cli.training_tools import find_cache, find_manifest
from voxlite.errors import MissingExtraError, VoxliteError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """No command may touch the user's cache or meet the user's corpus."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)


@pytest.fixture
def run():
    app = typer.Typer()
    for command in (corpus_command, evaluate_command, train_command):
        command.register(app)

    def invoke(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return invoke


def test_manifest_by_name_by_folder_and_by_variable(corpus, monkeypatch):
    assert find_manifest(corpus) == find_manifest(corpus.parent) == corpus
    with pytest.raises(VoxliteError, match="pass --manifest"):
        find_manifest(None)
    monkeypatch.setenv("VOXLITE_CORPUS", str(corpus.parent))
    assert find_manifest(None) == corpus


def test_cache_is_per_corpus_and_purpose(corpus, tmp_path):
    assert find_cache(tmp_path, corpus, "test") == tmp_path
    folders = {find_cache(None, path, use) for path in (corpus, tmp_path) for use in ("test", "val")}
    assert len(folders) == 4


def test_check_of_an_honest_corpus(run, corpus):
    result = run("corpus", "check", corpus)
    assert result.exit_code == 0, result.output
    for words in ("Class balance", "Licences", "Durations", "speech", "CC0-1.0", "nothing wrong"):
        assert words in result.output


def test_check_of_a_damaged_corpus(run, corpus, tmp_path):
    (tmp_path / "manifest.csv").write_text(corpus.read_text())
    result = run("corpus", "check", tmp_path, "--no-decode")
    assert result.exit_code == 1
    assert "no such file" in result.output
    assert "more" in result.output  # forty lines are enough to see what is wrong
    assert f"{len(corpus.read_text().splitlines()) - 1} problems" in result.output


class FakeDetector:
    """Stands for the shipped model: what it hears is how much of the energy repeats."""

    rate_hz, threshold, about = 16_000, 0.4, {"model": "fake"}

    def __init__(self, model):
        assert model == "compact"

    def hears(self, samples):
        return False

    def __call__(self, samples):
        if not samples.any():
            return 0.0
        part = samples[:4000]
        correlation = np.fft.irfft(np.abs(np.fft.rfft(part, 8000)) ** 2) + 1e-9
        return float(np.clip(correlation[80:192].max() / correlation[0], 0, 1))


def test_evaluate_prints_and_writes(run, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate_command, "Detector", FakeDetector)
    out = tmp_path / "out"
    result = run("evaluate", "voice", "--manifest", corpus, "--out", out, "--per-source", 2)
    assert result.exit_code == 0, result.output
    assert "ROC-AUC" in result.output
    assert "telephone" in result.output
    data = json.loads((out / "evaluation.json").read_text())
    assert data["about"] == {"model": "fake"}
    assert data["protocol"]["per_group"] == 2
    assert set(data["conditions"]) >= {"clean", "0 dB", "telephone", "0.2 s", "whole clip"}
    assert (out / "det.png").is_file()


def test_evaluate_without_out_writes_nothing(run, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate_command, "Detector", FakeDetector)
    monkeypatch.chdir(tmp_path)
    result = run("evaluate", "voice", "--manifest", corpus, "--per-source", 1, "--cache", tmp_path / "clips")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clips"]


@pytest.mark.parametrize(
    ("net", "words"), [("inception_v3", "not available yet"), ("resnet", "'resnet' is unknown")]
)
def test_train_names_the_nets_there_are(run, corpus, tmp_path, net, words):
    result = run("train", "voice", "--manifest", corpus, "--out", tmp_path / "out", "--net", net)
    assert isinstance(result.exception, VoxliteError)
    assert words in str(result.exception)
    assert "\n" not in str(result.exception)


def test_train_without_keras_names_the_extra(run, corpus, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("voxlite.training.")]:
        if name.rpartition(".")[2] in ("fit", "nets", "voice"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    result = run("train", "voice", "--manifest", corpus, "--out", tmp_path / "out")
    assert isinstance(result.exception, MissingExtraError)
    assert "voxlite[train]" in str(result.exception)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_train_writes_weights_history_and_picture_and_resumes(run, corpus, tmp_path):
    pytest.importorskip("tensorflow")
    pytest.importorskip("pyroomacoustics")
    from voxlite.training import augment

    out, cache = tmp_path / "out", tmp_path / "cache"
    cache.mkdir()
    augment.save_rooms(cache / "rooms.npz", [np.eye(1, 100, dtype=np.float32)[0]])
    words = ("train", "voice", "--manifest", corpus, "--out", out, "--cache", cache, "--batch", 4)
    result = run(*words, "--steps", 2)
    assert result.exit_code == 0, result.output
    assert "next: voxlite export" in result.output
    assert (out / "best.weights.h5").is_file()
    assert (out / "history.png").is_file()
    assert json.loads((out / "history.json").read_text())["step"] == 2
    assert "--resume" in str(run(*words, "--steps", 2).exception)
    resumed = run(*words, "--steps", 3, "--resume")
    assert resumed.exit_code == 0, resumed.output
    assert [epoch["step"] for epoch in json.loads((out / "history.json").read_text())["epochs"]] == [2, 3]
