"""Output that cannot be written: one line, status 1, and no half of a file."""

from __future__ import annotations

import errno
import os
import sys

import numpy as np
import pytest
import soundfile
import typer

from voxlite.cli import shell
from voxlite.cli.cutting import Container, Cut, cut_recording
from voxlite.cli.main import app
from voxlite.errors import VoxliteError


class FullStream:
    """Standard output on a full disk."""

    def flush(self):
        raise OSError(errno.ENOSPC, "No space left on device")

    def fileno(self):
        raise ValueError("no descriptor")


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    soundfile.write(path, 0.1 * np.ones(16_000), 16_000, "PCM_16")
    return path


@pytest.mark.parametrize("when", ["write", "close"])
def test_half_a_piece_is_removed(sound, tmp_path, monkeypatch, when):
    cuts = [Cut(0.0, 0.4, tmp_path / "one.wav"), Cut(0.5, 0.9, tmp_path / "two.wav")]
    real, calls = getattr(soundfile.SoundFile, when), []

    def fail(self, *arguments):
        calls.append(self.name)
        if (
            str(self.name).find("two") >= 0
            and self.mode == "w"
            and not self.closed
            and calls.count(self.name) == 1
        ):
            raise soundfile.LibsndfileError(2)
        return real(self, *arguments)

    monkeypatch.setattr(soundfile.SoundFile, when, fail)
    with pytest.raises(VoxliteError, match=r"two\.wav: cannot be written \(.*\): check .* the space left"):
        cut_recording(str(sound), cuts, Container.WAV)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.wav", "sound.wav"]


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX")
def test_pieces_of_names_that_are_no_utf8(sound, tmp_path):
    target = tmp_path / "caf\udce9-001.wav"
    cut_recording(str(sound), [Cut(0.0, 0.5, target)], Container.WAV)
    assert {path.name for path in tmp_path.iterdir()} == {"sound.wav", target.name}


def test_the_last_flush_says_why_it_failed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", FullStream())
    with pytest.raises(SystemExit) as left:
        shell.flush_output()
    assert left.value.code == 1
    assert capsys.readouterr().err.startswith("voxlite: error: No space left on device")


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), BrokenPipeError()])
def test_help_and_version_meet_a_full_disk(monkeypatch, capsys, error):
    """They are printed before any command runs."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(typer.core.TyperGroup, "main", fail)
    program = typer.main.get_group(app)
    if isinstance(error, BrokenPipeError):
        with pytest.raises(BrokenPipeError):
            program.main(["--version"])
        return
    with pytest.raises(SystemExit) as left:
        program.main(["--version"])
    assert left.value.code == 1
    assert capsys.readouterr().err == (
        "voxlite: error: No space left on device: check the path, its permissions and the space left\n"
    )
