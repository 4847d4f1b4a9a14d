"""`voxlite listen` with a stand-in for the microphone, and progress bars."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from voxlite.cli import listen, progress
from voxlite.values import Segment


class FakeStream:
    """Final segments after the first block and at the end."""

    now = "voice"

    def __init__(self):
        self.n_samples = 0

    def push(self, samples):
        self.n_samples += len(samples)
        return [Segment(0.0, 0.5, "noise", 0.8)] if self.n_samples == len(samples) else []

    def flush(self):
        return [Segment(0.5, self.n_samples / 16_000, "voice", 0.95)]


@pytest.fixture
def microphone(monkeypatch):
    """Replace the microphone by silence without end and the detector by a fake; returns what was asked for."""
    asked = {"stream": FakeStream()}

    def blocks(rate_hz, device, block_s):
        asked.update(device=device, rate_hz=rate_hz)
        try:
            for _ in range(asked.get("n_blocks", 1_000)):
                yield np.zeros(round(rate_hz * block_s), np.float32)
            raise KeyboardInterrupt
        finally:
            asked["closed"] = True

    monkeypatch.setattr("voxlite.audio.microphone", blocks)
    monkeypatch.setattr(
        "voxlite.tasks.voice.VoiceDetector",
        lambda *_: SimpleNamespace(stream=lambda rate_hz: asked["stream"]),
    )
    return asked


def test_listen_prints_segments_as_they_become_final(in_process, microphone):
    result = in_process("listen", "--seconds", "1.01", "--device", "3")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["0:00.00", "-", "0:00.50", "noise", "0.80"],
        ["0:00.50", "-", "0:01.01", "voice", "0.95"],
    ]
    assert microphone["device"] == 3
    assert microphone["closed"]


def test_interrupting_listen_ends_it_cleanly(in_process, microphone):
    microphone["n_blocks"] = 20
    result = in_process("listen", "--device", "USB")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "0:01.00" in result.stdout
    assert microphone["device"] == "USB"
    assert microphone["closed"]


def test_listen_shows_the_label_of_the_moment_on_a_terminal():
    import io

    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60, color_system=None, legacy_windows=False)
    with listen._Display(console) as display:
        display.live("noise", 1.5)
        display._live.refresh()
    assert "0:01.5" in out.getvalue()
    assert "noise" in out.getvalue()


def test_listen_without_sounddevice_names_the_extra(in_process, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    result = in_process("listen", "--seconds", "1")
    assert result.exit_code == 1
    assert "voxlite[mic]" in result.stderr


def test_progress_is_for_terminals_and_long_work(monkeypatch, capsys, tone):
    meter = progress.Meter(str(tone))
    with meter:
        meter(1.0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.Meter(str(tone)) as patient:
        patient(1.0)
        assert not patient.shown
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.0)
    with progress.Meter(str(tone), 2, 3) as shown:
        shown(1.0)
        task = shown._progress.tasks[0]
    assert (task.total, task.completed, task.description) == (2.0, 1.0, f"2/3  {tone}")


def test_progress_knows_no_length_of_what_it_cannot_open(tmp_path):
    assert progress._claimed_s("-") is None
    assert progress._claimed_s(str(tmp_path / "no.wav")) is None
