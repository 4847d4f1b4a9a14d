"""What the archive's tests share: small archives, a pool without processes, tables as plain rows."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

if importlib.util.find_spec("pyarrow") is None:
    collect_ignore_glob = ["test_*.py"]

RATE_HZ = 16_000


@pytest.fixture(autouse=True)
def no_imported_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No scan may meet the models that a person imported."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


class Here:
    """Stands for the pool: the same function, in this process, and a note of what it was asked."""

    asked: list[str] = []  # noqa: RUF012  emptied by the fixture

    def __init__(self, plan: Any, n_workers: int, known: Any = None, people: Any = None) -> None:
        from voxlite.archive.contents import Hashes
        from voxlite.archive.listener import Listener

        self.listener = Listener(plan, known or Hashes(), Path("no scratch"), people)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *trouble: object) -> None:
        pass

    def run(self, entries: Iterable[Any]) -> Iterator[Any]:
        for entry in entries:
            outcome = self.listener.listen(entry)
            if not outcome.known:
                Here.asked.append(entry.path)
            yield outcome


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Scan without worker processes; returns the paths that were analysed, as they come."""
    Here.asked = []
    monkeypatch.setattr("voxlite.archive.pool.Pool", Here)
    return Here.asked


def write_tone(path: Path, hz: float = 440.0, seconds: float = 0.6) -> Path:
    """Write a tone as WAV."""
    times_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        soundfile.write(file, 0.3 * np.sin(2 * np.pi * hz * times_s), RATE_HZ, "PCM_16", format="WAV")
    return path


@pytest.fixture
def tone() -> Callable[..., Path]:
    """Give the writer of tones."""
    return write_tone


@pytest.fixture
def calls(tmp_path: Path, samples_dir: Path) -> Path:
    """An archive: three voices, a tone in a folder of its own, a hidden file and one that is no recording."""
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in ("voice-en-radio.flac", "voice-es-telephone.flac", "original-8000-mulaw.wav"):
        shutil.copy(samples_dir / name, folder / name)
    write_tone(folder / "deep" / "er" / "tone.wav")
    write_tone(folder / ".hidden.wav")
    (folder / "notes.txt").write_text("not a recording")
    return folder


@pytest.fixture
def rows() -> Callable[..., dict[str, dict[str, Any]]]:
    """Return the rows of recordings by path; a path that is there twice fails the test."""

    def read(out: Path, *without: str) -> dict[str, dict[str, Any]]:
        from pyarrow import parquet

        found: dict[str, dict[str, Any]] = {}
        for part in sorted((out / "recordings").glob("*.parquet")):
            for row in parquet.read_table(part).to_pylist():
                assert row["path"] not in found
                found[row["path"]] = {key: value for key, value in row.items() if key not in without}
        return found

    return read


@pytest.fixture
def segments() -> Callable[[Path], list[dict[str, Any]]]:
    """Return all segments, by path and time."""

    def read(out: Path) -> list[dict[str, Any]]:
        from pyarrow import parquet

        parts = (parquet.read_table(part).to_pylist() for part in (out / "segments").glob("*.parquet"))
        return sorted((row for part in parts for row in part), key=lambda row: (row["path"], row["start_s"]))

    return read
