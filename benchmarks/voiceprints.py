"""Opening, identifying, enrolling and erasing in vaults of many prints: `python -m benchmarks.voiceprints`.

Random unit vectors stand for voices: nothing here depends on what they say. Each vault is opened in a fresh process
with one thread, so that its peak of resident memory is its own (Linux). A decision is everything that `identify` does
but listening: cosines to all, then score normalisation and likelihood ratios of the nearest.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.common import publish
from voxlite.recognition import Speech
from voxlite.training.tables import Table
from voxlite.values import FloatArray
from voxlite.voiceprints import PrintModel, ScryptCost, Vault, Voiceprint
from voxlite.voiceprints.scoring import PairScorer

MODEL = PrintModel("benchmark", "1")
PASSPHRASE = "a benchmark's passphrase"
REFERENCES = 2
"""Prints per person."""
_ROOT = Path(__file__).resolve().parent.parent
_CHILD = """
import json, sys, time
import numpy as np
from benchmarks.fresh import high_water_kib, kib
from benchmarks.voiceprints import MODEL, PASSPHRASE, StandIn, unit
from voxlite.recognition import Speech, VoiceprintStore
from voxlite.voiceprints import Vault
before = high_water_kib()
started = time.perf_counter()
vault = Vault(sys.argv[1], PASSPHRASE)
unlocked = time.perf_counter()
index = vault.index(MODEL)
read = time.perf_counter()
after, resident = high_water_kib(), kib("VmRSS")
times = []
for probe in unit(int(sys.argv[2]), index.matrix.shape[1], seed=1):
    begun = time.perf_counter()
    index.top(probe, 5)
    times.append(1000 * (time.perf_counter() - begun))
vault.close()
decisions = []
store = VoiceprintStore(sys.argv[1], PASSPHRASE, recognizer=StandIn(index.matrix.shape[1]))
for probe in (index.matrix[0], *unit(int(sys.argv[2]), index.matrix.shape[1], seed=2)):
    begun = time.perf_counter()
    store.identify(Speech(probe, 3.0, 7600.0))
    decisions.append(1000 * (time.perf_counter() - begun))
store.close()
print(json.dumps({
    "unlock_s": unlocked - started, "read_s": read - unlocked, "imported_mb": before / 1024, "peak_mb": after / 1024,
    "resident_mb": resident / 1024,
    "identify_ms_median": float(np.median(times)), "identify_ms_p95": float(np.percentile(times, 95)),
    "decide_ms_median": float(np.median(decisions[1:])), "decide_ms_p95": float(np.percentile(decisions[1:], 95)),
}))
"""


class StandIn:
    """Stands for the recognizer: what is listened to is the speech itself; 1000 random strangers, 200 count."""

    def __init__(self, dim: int) -> None:
        flat = {
            f"{band}_{what}_per_octave": 0.0 for band in ("wide", "narrow") for what in ("slope", "offset")
        }
        flat |= {f"{band}_{what}": 1.0 for band in ("wide", "narrow") for what in ("slope", "offset")}
        point = {"value": 5.0, "far": 0.01, "frr": 0.05, "data": "made up"}
        metadata = SimpleNamespace(calibration=flat | {"cohort_top": 200.0}, thresholds={"verify": point})
        path = Path("benchmark.tflite")
        self.model = SimpleNamespace(metadata=metadata, path=path, cohort=lambda: unit(1000, dim, seed=3))
        self.print_model = MODEL
        self.scorer = PairScorer(self.model)  # type: ignore[arg-type]

    def listen(self, speech: Speech) -> Speech:
        """Return what is given."""
        return speech


def unit(n: int, dim: int, seed: int) -> FloatArray:
    """Return random unit vectors, float32[n, dim]."""
    vectors = np.random.default_rng(seed).standard_normal((n, dim), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def prints_of(vectors: FloatArray, prefix: str) -> list[Voiceprint]:
    """Return prints of as many people as two references each allow."""
    now = datetime.now(timezone.utc)
    return [
        Voiceprint(
            f"{prefix} {at // REFERENCES}", vector, MODEL, 20.0, now, "benchmark", now, "headset", 7600.0
        )
        for at, vector in enumerate(vectors)
    ]


def measure(n: int, dim: int, repeats: int, folder: Path) -> dict[str, Any]:
    """Fill a vault with n prints and time what people do with it.

    Returns
    -------
    Seconds, milliseconds, bytes and MiB by name; "opened" is what a fresh process that opens the vault says.
    """
    path = folder / f"{n}.vault"
    prints = prints_of(unit(n, dim, seed=n), "Person")
    more = prints_of(unit(REFERENCES * repeats, dim, seed=n + 1), "Newcomer")
    # the cost of the passphrase is measured where the vault is opened: there it is the default
    with Vault(path, PASSPHRASE, create=True) as vault:
        fill_s = _timed(lambda: vault.add(*prints))
        one_by_one = [_timed(lambda one=one: vault.add(one)) for one in more[::REFERENCES]]  # type: ignore[misc]
        forget = [_timed(lambda name=name: vault.forget(name)) for name in _some(more, repeats)]  # type: ignore[misc]
        verify = [_timed(lambda: vault.prints(prints[0].person)) for _ in range(repeats)]
    return {
        "n_prints": n,
        "fill_s": fill_s,
        "file_mb": path.stat().st_size / 2**20,
        "enroll_ms": 1000 * statistics.median(one_by_one),
        "forget_s": statistics.median(forget),
        "prints_of_one_ms": 1000 * statistics.median(verify),
        "opened": opened(path, 20 * repeats),
    }


def _some(prints: Sequence[Voiceprint], n: int) -> list[str]:
    return list(dict.fromkeys(one.person for one in prints))[: min(n, 3)]


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def opened(path: Path, n_probes: int) -> dict[str, float]:
    """Open a vault in a fresh process with one thread, identify probes, and return what that took."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(n_probes)],
        cwd=_ROOT,
        env={**os.environ, **threads},
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def table(rows: Sequence[dict[str, Any]], dim: int) -> Table:
    """Return what to print."""
    columns = ["prints", "file, MiB", "unlock, s", "read all, s", "memory, MiB", "peak, MiB", "nearest, ms", "95 %",
               "decide, ms", "95 %", "enroll, ms", "prints of one, ms", "forget, s"]  # fmt: skip
    made = []
    for row in rows:
        found = row["opened"]
        made.append(
            [
                row["n_prints"],
                f"{row['file_mb']:.2f}",
                f"{found['unlock_s']:.2f}",
                f"{found['read_s']:.3f}",
                f"{found['resident_mb'] - found['imported_mb']:.0f}",
                f"{found['peak_mb'] - found['imported_mb']:.0f}",
                f"{found['identify_ms_median']:.3f}",
                f"{found['identify_ms_p95']:.3f}",
                f"{found['decide_ms_median']:.3f}",
                f"{found['decide_ms_p95']:.3f}",
                f"{row['enroll_ms']:.1f}",
                f"{row['prints_of_one_ms']:.2f}",
                f"{row['forget_s']:.3f}",
            ]
        )
    cost = ScryptCost()
    title = f"Vaults of prints of {dim} numbers, one thread; unlocking takes scrypt's {cost.memory_bytes >> 20} MiB"
    return Table.of(title, columns, made)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure vaults of the sizes asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prints", type=int, nargs="+", default=[1, 1000, 100_000])
    parser.add_argument("--dim", type=int, default=256, help="numbers per embedding")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/voiceprints.json"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        rows = [measure(n, options.dim, options.repeats, Path(name)) for n in options.prints]
    result = {"benchmark": "voiceprints", "dim": options.dim, "repeats": options.repeats, "vaults": rows}
    publish(result, options.out, [table(rows, options.dim)])


if __name__ == "__main__":
    main()
