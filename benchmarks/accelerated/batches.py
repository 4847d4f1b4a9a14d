"""Row 8: many windows in one call. Steps per call of the compact net, windows per call of Inception-v3."""

from __future__ import annotations

from unittest import mock

import numpy as np

from benchmarks.accelerated.row import Part, Row, Setup
from benchmarks.common import RATE_HZ
from benchmarks.interpreters import run_of
from voxlite.runtime import Engine, ModelInfo

TITLE = "many windows in one call"
DEFAULT = "up to 96 steps in one call for files, single steps for live sound; [1, n] is what ships"
STEPS = (1, 8, 32, 96)
WINDOWS = (1, 4, 16)
MOST = 1e-6
"""Largest difference of logits at which results count as equal."""


def measure(setup: Setup) -> Row:
    """Time both nets with more and more per call."""
    parts, remarks = _steps(setup), []
    if setup.inception_model is None:
        remarks.append(setup.no_inception)
    else:
        found = _windows(setup, setup.inception_model)
        parts += found if isinstance(found, list) else []
        remarks += [found] if isinstance(found, str) else []
    remarks += [
        f"{part.what}, {part.on}: results differ by {part.more['largest_difference']:.1g}, more than {MOST:g}"
        for part in parts
        if part.more["largest_difference"] > MOST
    ]
    return Row(TITLE, DEFAULT, tuple(parts), tuple(remarks))


def _steps(setup: Setup) -> list[Part]:
    samples = setup.sound(setup.seconds).samples
    engines = {}
    for n in STEPS:
        with mock.patch("voxlite.runtime.engine.FRAGMENT_STEPS", (n,)):
            engines[n] = Engine(setup.compact_model, threads=1)
    taken = setup.per_second_ms(
        {
            str(n): lambda engine=engine: engine.logits([samples])  # type: ignore[misc]
            for n, engine in engines.items()
        },
        setup.seconds,
    )
    logits = {n: engine.logits([samples])[0] for n, engine in engines.items()}
    return [
        Part(
            "compact net",
            "1 step per call",
            f"{n} steps per call",
            taken["1"],
            taken[str(n)],
            more={"largest_difference": float(np.abs(logits[n] - logits[1]).max())},
        )
        for n in STEPS[1:]
    ]


def _windows(setup: Setup, model: ModelInfo) -> list[Part] | str:
    """Return Inception-v3's parts, or why its graph takes one window only."""
    clips = setup.sound(WINDOWS[-1]).samples.reshape(-1, RATE_HZ)
    try:
        runs = {n: run_of(model, (n, RATE_HZ)) for n in WINDOWS}
        logits = {
            n: np.concatenate([run(clips[at : at + n]) for at in range(0, len(clips), n)])
            for n, run in runs.items()
        }
        differences = {n: np.abs(values - logits[1]).max() for n, values in logits.items()}
    except (ValueError, RuntimeError) as error:
        return f"Inception-v3: its graph takes one window per call ({str(error).splitlines()[0]})"
    taken = setup.per_second_ms(
        {str(n): lambda n=n, run=run: run(clips[:n]) for n, run in runs.items()},  # type: ignore[misc]
        1,
    )
    return [
        Part(
            "Inception-v3",
            "1 window per call",
            f"{n} windows per call",
            taken["1"],
            taken[str(n)] / n,
            more={"largest_difference": float(differences[n])},
        )
        for n in WINDOWS[1:]
    ]
