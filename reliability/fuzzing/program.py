"""One case through the program, as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reliability.fuzzing.child import MEMORY_MIB, WALL_S, Outcome
from reliability.processes import memory_mib, overdue
from reliability.writers import PASSPHRASE

STATUSES = (0, 1, 2, 3, 4)
"""Done, an error, wrong use, rejected, not enough speech."""
_BASE_MIB = 140.0
"""Resident memory of the program over a recording that is whole, MiB; 118 to 133 by command."""


def run_program(
    arguments: Sequence[str], folder: Path, *, wall_s: float = WALL_S, base_mib: float = _BASE_MIB
) -> Outcome:
    """Run `voxlite ARGUMENTS` with `folder` as its current folder and home; it may write to `folder`/out alone."""
    before = set(folder.rglob("*"))
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("VOXLITE_", "PYTHON"))
    }
    environment |= {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "VOXLITE_PASSPHRASE": PASSPHRASE,
        "COLUMNS": "100",
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    started, most_mib = time.monotonic(), 0.0
    process = subprocess.Popen(
        [sys.executable, "-m", "voxlite", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while True:
        try:
            out, errors = process.communicate(timeout=0.05)
            break
        except subprocess.TimeoutExpired:
            most_mib = max(most_mib, memory_mib(process.pid, "VmHWM") - base_mib)
            if overdue(process.pid, started, wall_s):
                process.kill()
                process.communicate()
                return Outcome("no end", f"still at work after {wall_s:g} s", most_mib, wall_s)
    took_s = time.monotonic() - started
    new = [path.relative_to(folder) for path in folder.rglob("*") if path not in before]
    left = [str(path) for path in new if path.parts[0] != "out"]
    fault, detail = judged(process.returncode, out, errors, arguments)
    if not fault and most_mib > MEMORY_MIB:
        fault, detail = "memory", f"{most_mib:.0f} MiB more"
    if not fault and left:
        fault, detail = "files left", ", ".join(sorted(left))
    return Outcome(fault, detail, most_mib, took_s, refused=process.returncode == 1)


def judged(status: int, out: bytes, errors: bytes, arguments: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with what the program said, and the words; ("", "") where nothing is."""
    text = errors.decode(errors="replace")
    if status < 0:
        return f"signal {-status}", text[-300:]
    if status not in STATUSES:
        return f"status {status}", text[-300:]
    lines = text.splitlines()
    if "fault of voxlite" in text or "Traceback" in text:
        return "a fault of ours", text[-300:]
    if status == 1 and (len(lines) != 1 or not lines[0].startswith("voxlite: error: ")):
        return "not one line", text[-300:]
    if status == 0 and "--out" not in arguments and text:
        return "standard error", text[-300:]
    if status == 0 and "json" in arguments:
        try:
            json.loads(out)
        except ValueError as error:
            return "no JSON", str(error)
    return "", " ".join(lines)
