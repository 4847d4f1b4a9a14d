"""`voxlite explain` as a program: picture, text, JSON, and one line for what cannot be."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

pytest.importorskip("matplotlib", reason="needs the plot extra")


def test_a_picture_and_text_as_a_process(as_process, samples_dir, tmp_path):
    done = as_process(
        "explain", samples_dir / "voice-en-wideband.flac", "--at", "1.0", "--out", tmp_path / "one.png"
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    text = done.stdout.decode()
    rows = dict(line.split(maxsplit=1) for line in text.splitlines()[1:] if not line.startswith(" "))
    assert text.splitlines()[0].endswith("voice-en-wideband.flac")
    assert rows["moment"].startswith("0:01.00 of ")
    assert rows["verdict"].startswith("voice, ")
    assert rows["step"].rstrip() == "25: 1.000 to 1.040 s"
    assert "0.430 to 1.175 s: 11 920 samples at 16 000 Hz" in text
    assert "73 x 64 numbers (logmel)" in text
    assert "compact, version 1" in text
    assert "one.png" in text


def test_json_and_the_default_picture(in_process, tone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = in_process("explain", tone, "--at", "1.5", "--model", "voice=compact", "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["source"] == str(tone)
    assert facts["label"] == "no voice"
    assert facts["step"]["number"] == 37
    assert facts["picture"] == "explain.png"
    assert (tmp_path / "explain.png").exists()


def test_silence_and_zeros_in_words(in_process, tmp_path):
    soundfile.write(tmp_path / "zero.wav", np.zeros((800, 2)), 8_000)
    result = in_process("explain", tmp_path / "zero.wav", "--out", tmp_path / "one.svg")
    assert "silence: the net was not asked" in result.stdout
    assert "of them zeros beside the recording" in " ".join(result.stdout.split())
    assert (tmp_path / "one.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_standard_input(in_process, tone, tmp_path):
    result = in_process("explain", "-", "--at", "1.5", "-o", tmp_path / "one.png", stdin=tone.read_bytes())
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "standard input"
    assert (tmp_path / "one.png").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--at", "2.5"), "2.5 s is outside the recording: name a moment from 0 to 2.000 s"),
        (("--at", "-1"), "-1 s is outside the recording"),
        (("--model", "voice=nobody"), "no voice model named 'nobody'"),
        (("--model", "voice=nobody.tflite"), "nobody.tflite: cannot read the model file"),
        (("--out", "one.gif"), "one.gif: a picture's name must end in .png, .svg, .pdf"),
        (("--at", "1", "--out", "missing/one.png"), "cannot be written"),
    ],
)
def test_errors_are_one_line(in_process, tone, tmp_path, monkeypatch, options, line):
    monkeypatch.chdir(tmp_path)
    result = in_process("explain", tone, *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert line in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("*.png"))


def test_unreadable_files_and_wrong_use(as_process, in_process, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    for name in ("text.wav", "missing.wav"):
        done = as_process("explain", tmp_path / name, "--at", "1")
        assert (done.returncode, done.stdout) == (1, b"")
        assert name in done.stderr.decode()
        assert len(done.stderr.decode().splitlines()) == 1
    assert in_process("explain", "x.wav", "--model", "compact").exit_code == 2
    assert in_process("explain", "x.wav", "--at", "soon").exit_code == 2


def test_without_matplotlib_nothing_is_begun(in_process, tone, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = in_process("explain", tone)
    assert result.exit_code == 1
    assert "voxlite[plot]" in result.stderr
