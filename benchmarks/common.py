"""Machine, versions, timing and output that every benchmark shares."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console

from voxlite.cli.training_tools import show
from voxlite.training.tables import Table

RATE_HZ = 16_000
LEAST_S = 0.02
"""Length of a turn that caches cannot disturb."""
_PACKAGES = ("voxlite", "numpy", "ai-edge-litert", "soxr", "soundfile", "librosa", "cryptography")
_PEERS = (
    "onnxruntime",
    "silero-vad",
    "webrtcvad-wheels",
    "kaldi-native-fbank",
    "python-speech-features",
    "resemblyzer",
)


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the packages that matter here; those not installed are left out."""
    found = {}
    for name in (*_PACKAGES, *_PEERS):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def paired(
    works: dict[str, Callable[[], object]],
    repeats: int,
    budget_s: float = math.inf,
    least_s: float = 0.0,
) -> dict[str, float]:
    """Time several works in turn, again and again, and return the median seconds of each.

    Turns, because a machine's clock drifts: whatever slows one work slows its neighbour.

    Parameters
    ----------
    works
        Name -> what is timed.
    repeats
        Turns, after one that does not count.
    budget_s
        Turns that would not fit into it are left out, all but one.
    least_s
        A work shorter than this is done again within its turn until it takes about so long, and the mean counts:
        otherwise it would be timed with whatever its neighbour left in the caches.
    """
    loops, turn_s = {}, 0.0
    for name, work in works.items():
        first_s = _mean_s(work, 1)
        loops[name] = 1 if first_s >= least_s else max(1, int(least_s / _mean_s(work, 1)))
        turn_s += max(first_s, least_s)
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(max(1, int(min(repeats, budget_s / turn_s)))):
        for name, work in works.items():
            taken[name].append(_mean_s(work, loops[name]))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _mean_s(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def publish(result: dict[str, Any], out: Path, tables: Sequence[Table]) -> None:
    """Print tables and write the result with the machine's description as JSON."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    show(console, tables)
    write(result, out)
    console.print(str(out), highlight=False, soft_wrap=True)


def write(result: dict[str, Any], out: Path) -> None:
    """Write a result with the machine's description as JSON."""
    out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine(), **result}, indent=1, allow_nan=False)
    out.write_text(text + "\n", encoding="utf-8")
