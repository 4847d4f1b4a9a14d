from __future__ import annotations

import json
import shutil

from voxlite.bundle import replay, writing
from voxlite.bundle.sounds import synthetic_sounds


def test_the_program_writes_a_bundle(as_process, tmp_path, samples_dir):
    recording = samples_dir / "voice-es-telephone.flac"
    done = as_process("bundle", "compact", "--out", tmp_path / "b", "--recording", recording)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "8 test vectors" in done.stdout.decode()
    assert json.loads((tmp_path / "b" / "config.json").read_text())["schema"] == "voxlite.bundle/1"
    assert max(row.logit for row in replay(tmp_path / "b")) < 1e-6


def test_refusals_are_one_line(in_process, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious").write_text("mine")
    result = in_process("bundle", "compact", "--out", tmp_path / "full")
    assert result.exit_code == 1
    assert "not empty: pass --force" in result.stderr
    assert result.stderr.count("\n") == 1
    result = in_process("bundle", "enormous", "--out", tmp_path / "b")
    assert result.exit_code == 1
    assert "shipped are compact" in result.stderr
    result = in_process("bundle", "compact", "--out", tmp_path / "b", "-r", tmp_path / "gone.wav")
    assert result.exit_code == 1
    assert "gone.wav: no such file" in result.stderr
    assert not (tmp_path / "b").exists()


def test_force_replaces(in_process, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "synthetic_sounds", lambda: synthetic_sounds()[:2])
    assert in_process("bundle", "compact", "--out", tmp_path).exit_code == 0
    shutil.rmtree(tmp_path / "vectors")
    assert in_process("bundle", "compact", "--out", tmp_path).exit_code == 1
    assert in_process("bundle", "compact", "--out", tmp_path, "--force").exit_code == 0
    assert (tmp_path / "vectors" / "index.json").is_file()
