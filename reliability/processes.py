"""What is known of a process from outside: its memory, and how it ended (Linux)."""

from __future__ import annotations

import os
import time
from pathlib import Path

PATIENCE = 6.0
"""How much longer than its limit a process may take by the clock where other programs keep the processor busy."""


def cpu_s(pid: int) -> float:
    """Return the seconds of processor time that a process has used; 0 where it is gone."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        )
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def overdue(pid: int, began: float, limit_s: float) -> bool:
    """Tell whether a process has worked for `limit_s`, or does nothing and has been there `PATIENCE` times as long.

    Parameters
    ----------
    pid
        The process.
    began
        When it began, by `time.monotonic`.
    limit_s
        Seconds that it may take on a machine of its own.
    """
    passed_s = time.monotonic() - began
    return passed_s > limit_s and (passed_s > PATIENCE * limit_s or cpu_s(pid) > limit_s)


def resident_mib(pid: int | str = "self") -> float:
    """Return the memory of a process that is resident now, MiB."""
    return memory_mib(pid, "VmRSS")


def memory_mib(pid: int | str, what: str) -> float:
    """Return an entry of /proc/PID/status, MiB: "VmRSS" is resident now, "VmHWM" the most so far.

    0 where the process is gone.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(what)), 0.0)
