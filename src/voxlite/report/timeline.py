"""Segments squeezed into the cells of a bar: which label fills how much of each cell, and where to put ticks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voxlite.report.palette import clock
from voxlite.values import LABELS, Label, Segment, Turn

_STEPS_S = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
)


def label_shares(segments: Sequence[Segment], edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each cell that each label covers, float64[labels, cells], 0..1.

    Parameters
    ----------
    segments
        Ascending and free of overlap.
    edges_s
        float64[cells + 1], ascending borders of the cells, seconds.
    """
    return np.stack([covered([s for s in segments if s.label == label], edges_s) for label in LABELS])


def covered(spans: Sequence[Segment | Turn], edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each cell that ascending spans free of overlap cover, float64[cells], 0..1."""
    widths_s = np.maximum(np.diff(edges_s), 1e-12)
    if not spans:
        return np.zeros(len(widths_s))
    starts_s, ends_s = np.array([(span.start_s, span.end_s) for span in spans], np.float64).T
    # Seconds of the spans before time t, piecewise linear between their borders.
    times_s = np.stack([starts_s, ends_s], axis=1).ravel()
    done_s = np.cumsum(ends_s - starts_s)
    totals_s = np.stack([np.concatenate([[0.0], done_s[:-1]]), done_s], axis=1).ravel()
    return np.asarray(np.diff(np.interp(edges_s, times_s, totals_s)) / widths_s, np.float64)


def cell_labels(segments: Sequence[Segment], n_cells: int, duration_s: float) -> list[Label | None]:
    """Return the label that fills most of each of `n_cells` equal cells; None where nothing does."""
    shares = label_shares(segments, np.linspace(0.0, duration_s, n_cells + 1))
    best = shares.argmax(axis=0)
    return [LABELS[row] if shares[row, cell] > 0 else None for cell, row in enumerate(best)]


def tick_step_s(duration_s: float, most: int) -> float:
    """Return the smallest pleasant distance between ticks that needs at most `most` of them."""
    return next((step for step in _STEPS_S if duration_s / step <= most), _STEPS_S[-1])


def ruler(duration_s: float, n_cells: int) -> str:
    """Return times to stand below a bar of `n_cells` characters, each starting at its own place."""
    step_s = tick_step_s(duration_s, max(1, n_cells // 12))
    decimals = 0 if step_s >= 1 else 2
    line = ""
    for index in range(int(duration_s / step_s) + 1):
        place = round(index * step_s / duration_s * n_cells)
        word = clock(index * step_s, decimals)
        if place >= len(line) + (1 if line else 0) and place + len(word) <= n_cells:
            line = line.ljust(place) + word
    return line


def time_ticks(start_s: float, end_s: float, most: int) -> tuple[NDArray[np.float64], list[str]]:
    """Return where to put about `most` ticks between two moments, never before 0, and what to write there."""
    step_s = tick_step_s(end_s - start_s, most)
    decimals = 0 if step_s >= 1 else max(1, int(np.ceil(-np.log10(step_s))))
    first = int(np.ceil(max(0.0, start_s) / step_s - 1e-9))
    ticks_s = np.asarray(np.arange(first, int(end_s / step_s + 1e-9) + 1) * step_s, np.float64)
    return ticks_s, [clock(tick_s, decimals, hours=end_s >= 3600) for tick_s in ticks_s]
