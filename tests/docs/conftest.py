"""What the tests of the documentation share: recordings under the names that pages use, and pages run side by side."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
if str(SCRIPTS) not in sys.path:
    sys.path.insert(0, str(SCRIPTS))
docs_blocks = importlib.import_module("docs_blocks")

COPIES = {
    "call.flac": ("call.flac",),
    "call.truth.csv": ("call.truth.csv",),
    "noise-typing.flac": ("knock.flac",),
    "voice-en-wideband.flac": ("calls/one.flac",),
    "noise-ring.flac": ("calls/two.flac",),
    "original-8000-mulaw.wav": ("more/three.wav",),
    "speaker-man-1.flac": ("people/bob/1.flac", "bob/1.flac"),
    "speaker-man-2.flac": ("people/bob/2.flac", "bob/2.flac"),
    "speaker-woman-1.flac": ("people/ada/1.flac", "ada/1.flac"),
    "speaker-woman-2.flac": ("people/ada/2.flac", "ada/2.flac"),
    "speaker-july-1.flac": ("people/cleo/1.flac",),
    "speaker-july-2.flac": ("people/cleo/2.flac",),
    "speaker-armelle-1.flac": ("people/dora/1.flac",),
    "speaker-armelle-2.flac": ("people/dora/2.flac",),
}
"""Recording of samples/ -> the names that pages give it."""
CONVERTED = {
    ("call.flac",): ("call.wav",),
    ("speaker-woman-1.flac",): ("ada-1.wav", "ada-reading-1.wav"),
    ("speaker-woman-2.flac",): ("ada-2.wav", "ada-reading-2.wav"),
    ("speaker-woman-1.flac", "speaker-woman-2.flac"): ("ada.wav", "ada-phone.wav"),
    ("speaker-woman-3.flac",): ("somebody.wav", "who.wav"),
    ("speaker-july-1.flac",): ("cleo-1.wav",),
    ("speaker-july-2.flac",): ("cleo-2.wav",),
}
"""Recordings put one after the other -> the names of the .wav file."""


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that pages take for granted: a call, people's recordings, a model of one's own."""
    folder = tmp_path_factory.mktemp("desk")
    lay_out(folder)
    return folder


def lay_out(folder: Path) -> None:
    import numpy as np
    import soundfile

    from voxlite.runtime import find_model

    for sample, names in COPIES.items():
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / "samples" / sample, folder / name)
    for parts, names in CONVERTED.items():
        read = [soundfile.read(ROOT / "samples" / part, dtype="int16") for part in parts]
        for name in names:
            rate_hz = read[0][1]
            samples = np.concatenate([samples for samples, _ in read])
            if name == "ada-phone.wav":
                samples, rate_hz = samples[::2], rate_hz // 2
            soundfile.write(folder / name, samples, rate_hz)
    shutil.copyfile(find_model("voice", "compact").path, folder / "mine.tflite")
    for sample, name in (("noise-typing.flac", "keyboard"), ("noise-traffic.flac", "other")):
        samples, rate_hz = soundfile.read(ROOT / "samples" / sample, dtype="int16")
        (folder / "sounds" / name).mkdir(parents=True)
        for number, piece in enumerate(np.array_split(samples, 6)):
            soundfile.write(folder / "sounds" / name / f"{number}.wav", piece, rate_hz)
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "samples").symlink_to(ROOT / "samples")


@pytest.fixture(scope="session")
def run_page(
    desk: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, list[Any]], Future[str]]]:
    """Start a page's steps in a folder and a process of their own; several pages run side by side."""
    home = tmp_path_factory.mktemp("homes")
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def start(page: str, steps: list[Any]) -> Future[str]:
            return pool.submit(_run, desk, home / page.replace("/", "-"), steps)

        yield start


def _run(desk: Path, folder: Path, steps: list[Any]) -> str:
    """Run the steps; returns what went wrong, empty if nothing did."""
    work = folder / "work"
    shutil.copytree(desk, work, symlinks=True)
    left = ("VOXLITE_CORPUS", "VOXLITE_DEBUG", "PYTHONPATH", "COVERAGE_PROCESS_START")
    environment = (
        {key: value for key, value in os.environ.items() if key not in left}
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "MPLCONFIGDIR": str(desk.parent / "matplotlib"),  # one font cache for all
            "COLUMNS": "100",
            "OPENBLAS_NUM_THREADS": "1",  # pages run side by side: its threads would wait in circles for each other
            "VOXLITE_PASSPHRASE": "several words are best",
        }
    )
    content = [{"where": one.where, "language": one.language, "text": one.text} for one in steps]
    program = Path(__file__).with_name("page_program.py")
    done = subprocess.run(
        [sys.executable, str(program)], input=json.dumps(content), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", cwd=work, env=environment, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else f"exit status {done.returncode}\n{done.stdout[-6000:]}"
