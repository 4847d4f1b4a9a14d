"""Row 4: window, hop and mel bands. Time of the compact net behind each front end, ROC-AUC of the probes.

The time is that of the whole graph at the compact net's full widths, untrained, since weights do not change it; the
quality is that of small nets trained on each front end (`python -m benchmarks.probes`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.accelerated.row import Part, Row, Setup
from benchmarks.interpreters import run_of
from benchmarks.probe_points import BASE, Point, points, quality, spread
from benchmarks.sections.results import PROBES, read
from benchmarks.windows import resampled
from voxlite.audio.quiet import quiet_stderr
from voxlite.frontend import log_mel

TITLE = "window, hop and mel bands"
DEFAULT = "25 ms windows every 10 ms, 64 mel bands"
CHANGES = (
    *(f"window {ms} ms" for ms in (16, 32, 40)),
    *(f"hop {ms} ms" for ms in (5, 16, 20)),
    *(f"{bands} bands" for bands in (40, 32)),
    "300..3400 Hz, 40 bands",
)
SECONDS = 4
"""Length of one call of a graph, about the longest that the engine makes."""


def measure(setup: Setup) -> Row:
    """Compare every front end with the base."""
    parts, remarks = compared(setup, CHANGES)
    return Row(TITLE, DEFAULT, tuple(parts), tuple(remarks))


def compared(setup: Setup, names: Sequence[str]) -> tuple[list[Part], list[str]]:
    """Return a part for each front end against the base, and what is to be said about them."""
    chosen = {name: points()[name] for name in (BASE, *names)}
    sound = setup.sound(SECONDS).samples
    samples = {name: resampled(sound, point.config.rate_hz) for name, point in chosen.items()}
    graphs = {name: run_of(graph_of(point), (1, len(samples[name]))) for name, point in chosen.items()}
    taken = setup.per_second_ms(
        {name: lambda name=name: graphs[name](samples[name]) for name in chosen},  # type: ignore[misc]
        SECONDS,
    )
    front = setup.per_second_ms(
        {name: lambda name=name: log_mel(samples[name], chosen[name].config) for name in chosen},  # type: ignore[misc]
        SECONDS,
    )
    probes = (read(setup.results / "probes.json") or {}).get("probes", [])
    between = spread(probes, "test")
    judged = {} if between is None else {"spread": between}
    parts = [
        Part(
            "compact net, front end",
            "default",
            name,
            taken[BASE],
            taken[name],
            quality(probes, BASE, "test"),
            quality(probes, name, "test"),
            {"off_front_ms": front[BASE], "on_front_ms": front[name], **judged},
        )
        for name in names
    ]
    return parts, _remarks(probes, names, between)


def _remarks(probes: Sequence[dict[str, Any]], names: Sequence[str], between: float | None) -> list[str]:
    if any(quality(probes, name, "test") is None for name in (BASE, *names)):
        return [f"ROC-AUC of other front ends: not measured yet ({PROBES})"]
    return [] if between is None else [f"probes: the base's ROC-AUC differs by {between:.4f} between seeds"]


@lru_cache(maxsize=32)
def graph_of(point: Point) -> bytes:
    """Return a .tflite graph, waveform of `SECONDS` to logits, of the compact net behind a front end."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from voxlite.training.export import convert_signature, save_model
    from voxlite.training.voice.networks import StepNetwork
    from voxlite.training.voice.training import compact_training

    plan = replace(compact_training(), config=point.config, net=point.plan())
    with tempfile.TemporaryDirectory() as name, quiet_stderr():  # the converter tells its whole way
        folder = Path(name)
        save_model(StepNetwork(plan, point.plan()), SECONDS * point.config.rate_hz, folder)
        return bytes(convert_signature(folder, "serving_default").convert())
