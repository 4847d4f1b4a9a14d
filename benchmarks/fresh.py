"""What a model costs a process that has just started: `python -m benchmarks.fresh MODEL` prints JSON.

Seconds to load the file, allocate its tensors and run the first one-second window, and the peak of resident memory
(Linux). Nothing but NumPy and LiteRT is imported, because whatever else is there would be counted too.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def high_water_kib() -> int:
    """Return this process's peak of resident memory, KiB.

    Not getrusage's: its maximum starts from the process that started this one.
    """
    return kib("VmHWM")


def kib(what: str) -> int:
    """Return an entry of /proc/self/status, KiB: "VmRSS" is the memory resident now."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def first_run(path: str) -> dict[str, float]:
    """Load a model file, run it once on a second of digital silence, and return what that took."""
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    imported_kib = high_water_kib()
    started = time.perf_counter()
    interpreter = Interpreter(model_path=path, num_threads=1)
    entry = interpreter.get_input_details()[0]
    interpreter.allocate_tensors()
    loaded = time.perf_counter()
    interpreter.set_tensor(entry["index"], np.zeros(entry["shape"], np.float32))
    interpreter.invoke()
    return {
        "load_ms": 1000 * (loaded - started),
        "first_ms": 1000 * (time.perf_counter() - started),
        "imported_mb": imported_kib / 1024,
        "peak_mb": high_water_kib() / 1024,
    }


def in_fresh_processes(path: Path, times: int) -> dict[str, float]:
    """Return the medians of `first_run` over several processes, one after the other."""
    found = []
    for _ in range(times):
        command = [sys.executable, "-m", "benchmarks.fresh", str(path.resolve())]
        answer = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
        found.append(json.loads(answer.stdout.splitlines()[-1]))
    return {key: statistics.median(row[key] for row in found) for key in found[0]}


if __name__ == "__main__":
    print(json.dumps(first_run(sys.argv[1])))
