"""MFCC of voxlite, compiled and in NumPy, beside other libraries', on one thread: `python -m benchmarks.frontend`.

All works take turns in one process; times are medians over the turns, a ratio is the median of the turns' ratios. The
arithmetic limit is the time that 1.5 MFLOP per second of sound would take at the speed of this machine's float32
matrix product, measured in the same run: a whole FFT, the mel bank's and the DCT's products and nothing for memory.

The exit status is 1 when a goal is missed: compiled at least 3 times as fast as librosa and 10 times as fast as
kaldi-native-fbank, NumPy alone at least 1.5 times as fast as librosa. What is not installed sets no goal.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.common import publish
from benchmarks.mfcc_peers import KALDI, LIBROSA, peers
from voxlite.audio.audio import Audio
from voxlite.frontend import FrontEndConfig, mfcc, native
from voxlite.frontend.cepstrum import cepstrum_numpy
from voxlite.frontend.spectrum import log_mel_numpy
from voxlite.training.tables import Table

CONFIG = FrontEndConfig()
COMPILED, NUMPY = "voxlite, compiled", "voxlite, NumPy"
GOALS = ((LIBROSA, COMPILED, 3.0), (KALDI, COMPILED, 10.0), (LIBROSA, NUMPY, 1.5))
"""(Whose time, over whose, at least)."""
MFLOP_PER_S = 1.5  # of one second of sound
_PEAK_SIZE, _PEAK_RUNS = 1024, 10


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 600], help="lengths of sound, seconds")
    parser.add_argument("--runs", type=int, default=15, help="turns for each length")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/frontend.json"))
    options = parser.parse_args()
    with threadpool_limits(limits=1):
        peak_gflops = peak()
        results = [compare(seconds, options.runs, peak_gflops) for seconds in options.seconds]
    plan = native.plan_for(CONFIG)
    goals = [goal for goal in (judge(results, *goal) for goal in GOALS) if goal]
    result = {
        "benchmark": "frontend",
        "isa": plan.isa if plan else None,
        "peak_gflops": round(peak_gflops, 1),
        "mflop_per_s": MFLOP_PER_S,
        "goals": goals,
        "results": results,
    }
    publish(result, options.out, tables(result))
    return 0 if all(goal["met"] for goal in goals) else 1


def compare(seconds: int, runs: int, peak_gflops: float) -> dict[str, Any]:
    """Return medians for one length of white noise; `over` holds ratios to voxlite's two paths."""
    rng = np.random.default_rng(0)
    samples = (0.1 * rng.standard_normal(seconds * CONFIG.rate_hz)).astype(np.float32)
    works: dict[str, Callable[[], object]] = {
        NUMPY: lambda: cepstrum_numpy(log_mel_numpy(samples, CONFIG), CONFIG),
        **peers(samples, CONFIG),
    }
    if native.plan_for(CONFIG) is not None:
        audio = Audio(samples, CONFIG.rate_hz)
        works = {COMPILED: lambda: mfcc(audio), **works}
    for work in works.values():  # caches, compilation, first allocations
        work()
    turns = [{name: timed(work) for name, work in works.items()} for _ in range(runs)]
    limit_s = 1e-3 * MFLOP_PER_S * seconds / peak_gflops
    rows = {}
    for name in works:
        taken_s = median(turn[name] for turn in turns)
        rows[name] = {
            "ms": round(1e3 * taken_s, 2),
            "x_real_time": round(seconds / taken_s),
            "gflops": round(1e-3 * MFLOP_PER_S * seconds / taken_s, 2),
            "times_limit": round(taken_s / limit_s, 2),
            "over": {
                own: round(median(turn[name] / turn[own] for turn in turns), 2)
                for own in (COMPILED, NUMPY)
                if own in works
            },
        }
    return {"audio_s": seconds, "runs": runs, "limit_ms": round(1e3 * limit_s, 2), "rows": rows}


def timed(work: Callable[[], object]) -> float:
    """Return the seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak() -> float:
    """Return the GFLOP/s of a float32 matrix product, the best of some."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, _PEAK_SIZE, _PEAK_SIZE)).astype(np.float32)
    out = np.empty_like(a)
    return 2e-9 * _PEAK_SIZE**3 / min(timed(lambda: np.matmul(a, b, out=out)) for _ in range(_PEAK_RUNS))


def judge(results: list[dict[str, Any]], peer: str, own: str, least: float) -> dict[str, Any] | None:
    """Return whether a goal is met at every length, None if one of the two did not run."""
    ratios = [row["rows"][peer]["over"].get(own) for row in results if peer in row["rows"]]
    if not ratios or None in ratios:
        return None
    worst = min(ratios)
    return {"peer": peer, "own": own, "least": least, "found": worst, "met": worst >= least}


def tables(result: dict[str, Any]) -> list[Table]:
    """Return what people read."""
    columns = ["", "ms", "x real time", "time / compiled's", "time / NumPy's", "GFLOP/s", "time / limit"]
    made = []
    for found in result["results"]:
        rows = []
        for name, row in found["rows"].items():
            ratios = [f"{row['over'][own]:.2f}" if own in row["over"] else "-" for own in (COMPILED, NUMPY)]
            speed = [f"{row['ms']:.2f}", row["x_real_time"]]
            rows.append([name, *speed, *ratios, f"{row['gflops']:.2f}", f"{row['times_limit']:.1f}"])
        title = (
            f"MFCC of {found['audio_s']} s, one thread, kernel: {result['isa']}; arithmetic limit "
            f"{found['limit_ms']} ms at {result['peak_gflops']} GFLOP/s"
        )
        made.append(Table.of(title, columns, rows))
    goals = [
        [
            f"{goal['peer']} / {goal['own']}",
            f"{goal['least']:g}",
            f"{goal['found']:.2f}",
            "yes" if goal["met"] else "NO",
        ]
        for goal in result["goals"]
    ]
    return [*made, Table.of("Goals", ["ratio of times", "at least", "found", "met"], goals)]


if __name__ == "__main__":
    sys.exit(main())
