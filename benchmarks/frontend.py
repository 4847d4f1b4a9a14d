"""MFCC of the NumPy reference beside librosa's: same settings, one thread, in turns: `python -m benchmarks.frontend`.

The figures are medians over pairs of runs, the ratio is the median of the pairs' ratios. The exit status is 1 when
the reference is slower than librosa.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import librosa
import numpy as np

from benchmarks.common import publish
from voxlite.audio.audio import Audio
from voxlite.frontend import FrontEndConfig, mfcc
from voxlite.training.tables import Table
from voxlite.values import FloatArray

CONFIG = FrontEndConfig()


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 600], help="lengths of sound, seconds")
    parser.add_argument("--runs", type=int, default=15, help="pairs of runs for each length")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/frontend.json"))
    options = parser.parse_args()
    results = [compare(seconds, options.runs) for seconds in options.seconds]
    rows = [[f"{row['audio_s']} s", *(row[key] for key in _COLUMNS)] for row in results]
    table = Table.of("MFCC, one thread, milliseconds", ["sound", *_COLUMNS.values()], rows)
    publish({"benchmark": "frontend", "results": results}, options.out, [table])
    return 0 if all(row["librosa_over_voxlite"] >= 1 for row in results) else 1


_COLUMNS = {
    "voxlite_ms": "voxlite",
    "librosa_ms": "librosa",
    "librosa_over_voxlite": "librosa / voxlite",
    "voxlite_x_real_time": "voxlite x real time",
}


def compare(seconds: int, runs: int) -> dict[str, Any]:
    """Return medians for one length of white noise."""
    rng = np.random.default_rng(0)
    audio = Audio((0.1 * rng.standard_normal(seconds * CONFIG.rate_hz)).astype(np.float32), CONFIG.rate_hz)
    works: tuple[Callable[[], object], ...] = (lambda: mfcc(audio)), (lambda: librosa_mfcc(audio.samples))
    for work in works:  # caches, compilation, first allocations
        work()
    pairs = [[timed(work) for work in works] for _ in range(runs)]
    mine_s = median(mine for mine, _ in pairs)
    return {
        "audio_s": seconds,
        "runs": runs,
        "voxlite_ms": round(mine_s * 1e3, 2),
        "librosa_ms": round(median(other for _, other in pairs) * 1e3, 2),
        "librosa_over_voxlite": round(median(other / mine for mine, other in pairs), 2),
        "voxlite_x_real_time": round(seconds / mine_s),
    }


def timed(work: Callable[[], object]) -> float:
    """Return the seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def librosa_mfcc(samples: FloatArray) -> FloatArray:
    """Return librosa's coefficients with the reference's settings, in its own decibels."""
    result: FloatArray = librosa.feature.mfcc(
        y=samples,
        sr=CONFIG.rate_hz,
        n_mfcc=CONFIG.coefficients,
        n_mels=CONFIG.mel_bands,
        n_fft=CONFIG.fft_size,
        win_length=CONFIG.window_samples,
        hop_length=CONFIG.hop_samples,
        window="hamming",
        center=False,
        fmin=CONFIG.low_hz,
        fmax=CONFIG.high_hz,
        htk=True,
        mel_norm=None,
        norm="ortho",
    )
    return result


if __name__ == "__main__":
    sys.exit(main())
