"""The C example, compiled for the emulated processor, on vectors that another processor made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("VOXLITE_PARITY_PROGRAM")
NAMES = ("silence", "short", "buzz", "voice-es-telephone")


@pytest.mark.skipif(not PROGRAM, reason="needs a program for another processor: make test-arm")
def test_it_agrees() -> None:
    bundle = Path(os.environ["VOXLITE_PARITY"]) / "voice-compact"
    done = subprocess.run([str(PROGRAM), str(bundle), *NAMES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("largest difference") == len(NAMES)
