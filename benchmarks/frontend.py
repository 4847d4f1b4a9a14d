"""MFCC of the NumPy reference beside librosa's: same settings, one thread, one process, alternating runs.

    python benchmarks/frontend.py [--seconds 60 600] [--runs 15] [--json FILE]

Each run times both, one after the other, so that a busy machine slows both; the figures are medians of the runs, the
ratio is the median of the runs' ratios. Exit status 1 when the reference is slower than librosa.
"""

from __future__ import annotations

import os

# before NumPy loads its library
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", NUMBA_NUM_THREADS="1")

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from voxlite.audio.audio import Audio
from voxlite.frontend import FrontEndConfig, mfcc
from voxlite.values import FloatArray

CONFIG = FrontEndConfig()


def librosa_mfcc(samples: FloatArray) -> FloatArray:
    """Return librosa's coefficients with the reference's settings, in its own decibels."""
    import librosa

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


def timed(work: Callable[[], object]) -> float:
    """Return the seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(seconds: int, runs: int) -> dict[str, Any]:
    """Return medians for one length of white noise."""
    rng = np.random.default_rng(0)
    audio = Audio((0.1 * rng.standard_normal(seconds * CONFIG.rate_hz)).astype(np.float32), CONFIG.rate_hz)
    ours, theirs = (lambda: mfcc(audio)), (lambda: librosa_mfcc(audio.samples))
    ours(), theirs()  # imports, caches, first allocations
    pairs = [(timed(ours), timed(theirs)) for _ in range(runs)]
    return {
        "audio_s": seconds,
        "runs": runs,
        "voxlite_ms": round(median(mine for mine, _ in pairs) * 1e3, 2),
        "librosa_ms": round(median(other for _, other in pairs) * 1e3, 2),
        "voxlite_x_real_time": round(seconds / median(mine for mine, _ in pairs)),
        "librosa_over_voxlite": round(median(other / mine for mine, other in pairs), 2),
    }


def main() -> int:
    """Print a table, write JSON on request."""
    parser = argparse.ArgumentParser(description="MFCC: voxlite's NumPy reference beside librosa, one thread")
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 600])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [compare(seconds, options.runs) for seconds in options.seconds]
    print("audio      voxlite     librosa     librosa / voxlite")
    for row in results:
        print(
            f"{row['audio_s']:4d} s {row['voxlite_ms']:9.1f} ms {row['librosa_ms']:8.1f} ms"
            f" {row['librosa_over_voxlite']:10.2f}"
        )
    if options.json:
        about = {"machine": platform.processor() or platform.machine(), "numpy": np.__version__}
        options.json.write_text(
            json.dumps({"benchmark": "frontend", **about, "results": results}, indent=2) + "\n"
        )
    return 0 if all(row["librosa_over_voxlite"] >= 1 for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
