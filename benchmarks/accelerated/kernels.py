"""Row 1: the instruction set. Vector kernels against scalar ones, in both nets and in the front end.

LiteRT's reference kernels are plain C++ loops; its own kernels use vectors in part; XNNPACK, the default, throughout.
NumPy is run in processes of its own, because it chooses its kernels when it is loaded.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accelerated.row import Part, Row, Setup
from benchmarks.common import RATE_HZ
from benchmarks.interpreters import OPTIMISED, REFERENCE, XNNPACK, run_of
from voxlite.frontend import FrontEndConfig, native
from voxlite.frontend.spectrum import log_mel_numpy
from voxlite.runtime import ModelInfo

TITLE = "instruction set"
DEFAULT = "XNNPACK, which LiteRT chooses by itself; of the compiled front end the fastest set that the processor has"
CLAIM = (4.0, 8.0)
"""The factor that the article gives for this row."""
SCALAR = "scalar"
_FRONT_END_S = 60.0
_TURNS = 3
_CHILD = """
import sys, time
from benchmarks.sounds import call
from voxlite.frontend import FrontEndConfig, log_mel

sound, config, taken = call(float(sys.argv[1]), busy=True), FrontEndConfig(), []
for _ in range(int(sys.argv[2]) + 1):
    started = time.perf_counter()
    log_mel(sound, config)
    taken.append(time.perf_counter() - started)
print(sorted(taken[1:])[len(taken) // 2 - 1])
"""


def measure(setup: Setup) -> Row:
    """Time both nets with each set of kernels, and the front end with vectors and without."""
    parts, remarks = _net(setup, "compact net, one-second window", setup.compact_model), []
    if setup.inception_model is None:
        remarks.append(setup.no_inception)
    else:
        parts += _net(setup, "Inception-v3, one-second window", setup.inception_model)
    for found in (_compiled(setup), _numpy(setup)):
        if isinstance(found, str):
            remarks.append(found)
        else:
            parts += found
    return Row(TITLE, DEFAULT, tuple(parts), tuple(remarks))


def _net(setup: Setup, what: str, model: ModelInfo) -> list[Part]:
    sound = setup.sound(1).samples
    runs = {kernels: run_of(model, kernels=kernels) for kernels in (REFERENCE, OPTIMISED, XNNPACK)}
    taken = setup.per_second_ms(
        {kernels: lambda run=run: run(sound) for kernels, run in runs.items()},  # type: ignore[misc]
        len(sound) / RATE_HZ,
    )
    return [
        Part(what, REFERENCE, kernels, taken[REFERENCE], taken[kernels]) for kernels in (XNNPACK, OPTIMISED)
    ]


def _compiled(setup: Setup) -> list[Part] | str:
    """Return the compiled front end with each instruction set, and the fastest against NumPy."""
    here = native.kernel()
    vectors = [isa for isa in here.isas if isa != SCALAR]
    if SCALAR not in here.isas or not vectors:
        return f"front end: no compiled kernel with and without vectors ({here.detail})"
    config, samples = FrontEndConfig(), setup.sound(min(_FRONT_END_S, setup.seconds)).samples
    works: dict[str, Callable[[], object]] = {"NumPy": lambda: log_mel_numpy(samples, config)}
    for isa in here.isas:
        plan = native.plan_for(config, isa)
        works[isa] = lambda plan=plan: plan.log_mel(samples)  # type: ignore[misc]
    taken = setup.per_second_ms(works, len(samples) / RATE_HZ)
    return [
        *(Part("front end, compiled", SCALAR, isa, taken[SCALAR], taken[isa]) for isa in vectors),
        Part("front end", "NumPy", f"compiled, {vectors[0]}", taken["NumPy"], taken[vectors[0]]),
    ]


def _numpy(setup: Setup) -> list[Part] | str:
    """Return the NumPy front end with the processor's vector extensions and with the least there is."""
    found = _simd()
    if not found or platform.machine().lower() not in ("x86_64", "amd64"):
        return "front end in NumPy: its vector kernels cannot be switched off here"
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(found), "OPENBLAS_CORETYPE": "Prescott"}
    taken: dict[str, list[float]] = {"off": [], "on": []}
    for _ in range(_TURNS):
        taken["off"].append(_in_child(setup, plain))
        taken["on"].append(_in_child(setup, {}))
    off_ms, on_ms = (statistics.median(taken[name]) for name in ("off", "on"))
    return [Part("front end, NumPy", "SSE3", " and ".join(found), off_ms, on_ms)]


def _simd() -> list[str]:
    """Return the vector extensions that NumPy uses beyond its baseline, by its own names."""
    config: Any = np.show_config(mode="dicts")
    return list(config["SIMD Extensions"].get("found", []))


def _in_child(setup: Setup, environment: dict[str, str]) -> float:
    seconds = min(_FRONT_END_S, setup.seconds)
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(seconds), str(setup.repeats)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "VOXLITE_NATIVE": "off", **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return 1000 * float(answer.stdout.split()[-1]) / seconds
