"""`voxlite export`: from a run to model files."""

import sys

import pytest

from voxlite.cli import export as export_command
from voxlite.errors import MissingExtraError, VoxliteError

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def run(run_commands):
    return run_commands(export_command)


@pytest.fixture
def trained(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "best.weights.h5").touch()
    return folder


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_export_to_one_file_or_to_a_folder(run, corpus, tmp_path, monkeypatch, trained):
    pytest.importorskip("tensorflow")
    from types import SimpleNamespace

    from voxlite.training.export import VARIANTS, Parity
    from voxlite.training.voice import publish

    def export_voice(run, out, manifest, cache, *, name, model_version, blend, tick, variants=VARIANTS):
        assert (run, manifest, model_version) == (trained, corpus, "2")
        out.mkdir(parents=True, exist_ok=True)
        for variant in variants:
            (out / f"voice-{name}-{variant}.tflite").write_text(variant)
        (out / f"voice-{name}.md").write_text("# card")
        tick()
        return publish.Published(
            [SimpleNamespace(task="voice", name=name, embedding_size=0)],
            [Parity(variant, 123_456, 0.01, 0.001) for variant in variants],
            out / f"voice-{name}.md",
        )

    monkeypatch.setattr(publish, "export_voice", export_voice)
    model = tmp_path / "made" / "mine.tflite"
    words = ("--manifest", corpus, "--name", "mine", "--version", "2")
    result = run("export", trained / "best.weights.h5", "--out", model, "--weights", "int8", *words)
    assert result.exit_code == 0, result.output
    assert "0.01" in result.output
    assert model.read_text() == "int8"
    assert model.with_suffix(".md").read_text() == "# card"
    folder = tmp_path / "all"
    assert run("export", trained, "--out", folder, *words).exit_code == 0
    assert len(list(folder.glob("*.tflite"))) == len(VARIANTS)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_export_knows_the_run_of_a_speaker_net(run, corpus, tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from types import SimpleNamespace

    from voxlite.training.export import Parity
    from voxlite.training.speaker import publish as publish_speaker
    from voxlite.training.voice import publish

    def export_speaker(run, out, manifest, cache, *, name, model_version, tick, variants=()):
        assert (run, name, model_version, tuple(variants)) == (tmp_path, None, "1", ())
        return publish.Published(
            [SimpleNamespace(task="speaker", name="compact", embedding_size=192)],
            [Parity("float16", 123_456, 0.01, 0.001)],
            out / "speaker-compact.md",
        )

    monkeypatch.setattr(publish_speaker, "export_speaker", export_speaker)
    (tmp_path / "plan.json").write_text('{"net_name": "speaker"}')
    (tmp_path / "best.weights.h5").write_bytes(b"")
    words = ("export", tmp_path, "--out", tmp_path / "out", "--manifest", corpus)
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "1 - cosine" in result.output
    assert "--blend is for voice nets" in str(run(*words, "--blend", tmp_path).exception)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_export_renews_the_front_end_of_a_model(run, tmp_path):
    pytest.importorskip("tensorflow")
    from voxlite.runtime import find_model, load_model

    shipped, out = find_model("voice", "compact"), tmp_path / "new.tflite"
    assert run("export", shipped.path, "--out", out).exit_code == 0
    assert load_model(out).metadata == shipped.metadata
    assert "end in .tflite" in str(run("export", shipped.path, "--out", tmp_path).exception)
    assert "cannot be read" in str(run("export", tmp_path / "no.tflite", "--out", out).exception)


def test_export_wants_a_training_run(run, corpus, tmp_path, trained):
    words = ("--out", tmp_path / "x.tflite", "--manifest", corpus)
    assert "train with `voxlite train` first" in str(run("export", tmp_path, *words).exception)
    (trained / "last.weights.h5").touch()
    error = run("export", trained / "last.weights.h5", *words).exception
    assert isinstance(error, VoxliteError)
    assert "name the training run's folder" in str(error)


def test_export_without_keras_names_the_extra(run, corpus, tmp_path, monkeypatch, trained):
    for name in ("export", "voice.publish"):
        monkeypatch.delitem(sys.modules, f"voxlite.training.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    error = run("export", trained, "--out", tmp_path / "x.tflite", "--manifest", corpus).exception
    assert isinstance(error, MissingExtraError)
