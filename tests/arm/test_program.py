"""The program on this processor: the report of a recording holds the segments that the other one found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("VOXLITE_PARITY")


@pytest.mark.skipif(not FOLDER, reason="needs what another processor computed: make test-arm")
def test_the_report_is_the_same(samples_dir: Path) -> None:
    command = [sys.executable, "-m", "voxlite", "analyze", str(samples_dir / "voice-en-radio.flac")]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    vector = Path(str(FOLDER), "voice-compact", "vectors", "voice-en-radio.json")
    wanted = json.loads(vector.read_text(encoding="utf-8"))
    found = [(s["label"], s["start_s"], s["end_s"]) for s in report["segments"]]
    assert found == [(s["label"], round(s["start_s"], 4), round(s["end_s"], 4)) for s in wanted["segments"]]
    assert report["voice"]["label"] == wanted["clip"]["label"]
    assert report["quality"]["snr_db"] is not None
