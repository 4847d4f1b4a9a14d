from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import voxlite
from voxlite.report.report import Report
from voxlite.values import Decision, Scores, Segment, Turn

SOURCE = Path(voxlite.__file__).resolve().parent.parent
RATE_HZ = 16_000
LABELS = ("silence", "voice", "noise", "voice")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Run a command in this process; the result has exit_code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv(
        "XDG_DATA_HOME", str(tmp_path / "data")
    )  # no command may meet the models a person imported
    monkeypatch.delenv("VOXLITE_DEBUG", raising=False)

    def run(*args: object, stdin: bytes | None = None) -> Any:
        from voxlite.cli.main import app

        return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)

    return run


@pytest.fixture
def as_process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the program as a user does."""

    def run(*args: object, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "100", **env}
        command = [sys.executable, "-m", "voxlite", *map(str, args)]
        return subprocess.run(
            command, input=stdin, capture_output=True, env=environment, timeout=120, check=False
        )

    return run


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Two seconds: one of digital silence, one of a tone; no voice anywhere."""
    path = tmp_path / "tone.wav"
    times_s = np.arange(RATE_HZ) / RATE_HZ
    samples = np.concatenate([np.zeros(RATE_HZ), 0.3 * np.sin(2 * np.pi * 440 * times_s)])
    soundfile.write(path, samples, RATE_HZ, "PCM_16")
    return path


@pytest.fixture
def fake_analyze(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Replace the analysis: silence, voice, noise, voice of one second each; returns the calls that were made."""
    calls: list[dict[str, Any]] = []

    def analyze(
        path: object,
        tasks: Any,
        threads: int,
        *,
        models: object,
        on_progress: Any,
        speakers: object = None,
        neutral: Any = (),
        detectors: Any = (),
    ) -> Report:
        calls.append({"path": path, "tasks": tasks, "threads": threads, "models": models})
        if neutral:
            calls[-1]["neutral"] = neutral
        if speakers is not None:
            calls[-1]["speakers"] = speakers
        with soundfile.SoundFile(path) as file:
            duration_s, rate_hz, channels = file.frames / file.samplerate, file.samplerate, file.channels
        on_progress(duration_s)
        ends_s = np.arange(1, int(duration_s) + 1, dtype=np.float64)
        segments = tuple(Segment(t - 1, t, LABELS[k % 4], 0.9) for k, t in enumerate(ends_s.tolist()))
        values = np.array([s.label == "voice" for s in segments], np.float32)
        return Report(
            source=str(path),
            duration_s=duration_s,
            rate_hz=rate_hz,
            channels=channels,
            voice=Decision("voice", 0.9, 0.5, duration_s),
            segments=segments,
            scores=Scores(ends_s - 1, ends_s, values),
            speakers=tuple(Turn(s.start_s, s.end_s, "speaker 1", 0.8) for s in segments if s.label == "voice")
            if "speaker" in tasks
            else None,
        )

    monkeypatch.setattr("voxlite.analysis.analyze", analyze)
    return calls
