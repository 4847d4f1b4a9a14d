"""`voxlite corpus`, `evaluate` and `train`: manifests are found, options are passed on, what is missing is named."""

import json
import sys

import numpy as np
import pytest

from voxlite.cli import corpus as corpus_command
from voxlite.cli import evaluate as evaluate_command
from voxlite.cli import export as export_command
from voxlite.cli import train as train_command
from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.training.places import find_cache, find_manifest

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def run(run_commands):
    return run_commands(corpus_command, evaluate_command, export_command, train_command)


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


def test_train_names_the_nets_there_are(run, corpus, tmp_path):
    result = run("train", "voice", "--manifest", corpus, "--out", tmp_path / "out", "--net", "resnet")
    assert result.exit_code == 2
    assert "inception_v3" in result.output


def test_train_without_keras_names_the_extra(run, corpus, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("voxlite.training.")]:
        if name.rpartition(".")[2] in ("fit", "nets", "training"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    result = run("train", "voice", "--manifest", corpus, "--out", tmp_path / "out", "--steps", 1)
    assert isinstance(result.exception, MissingExtraError)
    assert "voxlite[train]" in str(result.exception)


EPOCH = {"loss": 0.4, "goal": 0.1, "auc_clean": 0.99, "far99_clean": 0.05}


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_train_passes_its_options_on_and_draws_the_history(run, corpus, tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from voxlite.training.voice import training as voice

    seen = {}

    def train_voice(manifest, out, cache, plan, *, resume, tick, report):
        seen.update(manifest=manifest, cache=cache, plan=plan, resume=resume)
        out.mkdir(exist_ok=True)
        (out / "history.json").write_text("{}")
        tick()
        report(1, {"loss": 0.5, "progress": 0.25})
        report(2, {"step": 2, **EPOCH})
        return {"epochs": [{"step": 2, **EPOCH}, {"step": 4, **EPOCH, "goal": 0.2}]}

    monkeypatch.setattr(voice, "train_voice", train_voice)
    out = tmp_path / "out"
    words = ("train", "voice", "--manifest", corpus.parent, "--out", out)
    result = run(*words, "--steps", 4, "--batch", 8, "--seed", 3, "--workers", 2, "--max-minutes", 5)
    assert result.exit_code == 0, result.output
    plan = seen["plan"]
    assert (plan.fit.steps, plan.fit.batch, plan.fit.seed, plan.fit.max_minutes) == (4, 8, 3, 5.0)
    assert (plan.workers, plan.free_only, seen["resume"], seen["manifest"]) == (2, True, False, corpus)
    assert "best at step 2: auc_clean 0.9900" in result.output
    assert f"next: voxlite export {out}" in result.output.replace("\n", "")
    assert (out / "history.png").read_bytes().startswith(b"\x89PNG")
    free_cache = seen["cache"]
    assert "pass --resume" in str(run(*words).exception)
    assert run(*words, "--resume", "--research").exit_code == 0
    assert seen["resume"]
    assert not seen["plan"].free_only
    assert seen["cache"] != free_cache  # other clips: another store
    assert run(*words, "--resume", "--net", "inception_v3", "--max-minutes", 9).exit_code == 0
    assert (seen["plan"].net_name, seen["plan"].fit.max_minutes) == ("inception_v3", 9.0)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_train_speaker_passes_its_options_on(run, corpus, tmp_path, monkeypatch):
    pytest.importorskip("keras")
    from voxlite.training.speaker import teacher
    from voxlite.training.speaker import training as speaker

    seen = {}

    def train_speaker(manifest, out, cache, plan, known, *, taught, start, resume, tick, report):
        seen.update(plan=plan, teacher=known, taught=taught, start=start, resume=resume, cache=cache)
        out.mkdir(exist_ok=True)
        report(2, {"step": 2, "loss": 0.4, "goal": 0.1, "eer_emodb": 0.08})
        return {"epochs": [{"step": 2, "loss": 0.4, "goal": 0.1, "eer_emodb": 0.08}]}

    monkeypatch.setattr(speaker, "train_speaker", train_speaker)
    monkeypatch.setattr(teacher, "ModelTeacher", str.upper)
    out = tmp_path / "out"
    words = ("train", "speaker", "--manifest", corpus, "--out", out, "--teacher", "owl", "--steps", 7)
    result = run(*words, "--max-minutes", 9, "--workers", 2, "--seed", 5)
    assert result.exit_code == 0, result.output
    plan = seen["plan"]
    assert (plan.fit.steps, plan.fit.max_minutes, plan.fit.seed, plan.workers) == (7, 9.0, 5, 2)
    assert (plan.free_only, seen["teacher"], seen["resume"]) == (True, "OWL", False)
    assert "best at step 2: eer_emodb 0.0800" in result.output
    assert (out / "history.png").read_bytes().startswith(b"\x89PNG")
    (out / "history.json").write_text("{}")
    assert "pass --resume" in str(run(*words).exception)
    free_cache = seen["cache"]
    assert run(*words, "--resume", "--research", "--start", out / "x.weights.h5").exit_code == 0
    assert not seen["plan"].free_only
    assert (seen["resume"], seen["start"]) == (True, out / "x.weights.h5")
    assert seen["cache"] != free_cache


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_what_a_teacher_said_stands_for_it(run, corpus, tmp_path, monkeypatch):
    pytest.importorskip("keras")
    from voxlite.training.speaker import taught
    from voxlite.training.speaker import training as speaker

    seen = {}

    def train_speaker(manifest, out, cache, plan, known, **options):
        seen.update(teacher=known, **options)
        return {"epochs": []}

    about = np.frombuffer(b'{"teacher": "owl", "versions": [], "utterances": []}', np.uint8)
    np.savez(tmp_path / "said.npz", about=about)
    monkeypatch.setattr(speaker, "train_speaker", train_speaker)
    words = ("train", "speaker", "--manifest", corpus, "--out", tmp_path, "--taught", tmp_path / "said.npz")
    assert run(*words, "--teacher", "owl").exit_code == 0  # there is no model of that name
    assert isinstance(seen["teacher"], taught.RememberingTeacher)
    assert seen["taught"] == tmp_path / "said.npz"
    assert "owl said it, not campplus" in str(run(*words).exception)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_train_speaker_without_the_teacher_says_how_to_get_it(run, corpus, tmp_path, monkeypatch):
    pytest.importorskip("keras")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    result = run("train", "speaker", "--manifest", corpus, "--out", tmp_path / "out")
    assert "voxlite models import campplus" in str(result.exception)
