"""Paths of SVG drawings: waveform, probability, bars; whole numbers, so that an hour stays small.

All stretch with the page: drawings have a width of `WIDTH`, or of one per column, whatever the screen's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from voxlite.report.overview import Envelope, averaged
from voxlite.report.timeline import cell_labels, time_ticks
from voxlite.values import LABELS, Label, Scores, Segment, Span

WIDTH = 100_000
HEIGHT = 200
BAR_HEIGHT = 20
MOST_SPANS = 5_000
"""Bars drawn one by one; with more of them, what fills most of each of 8 000 cells is drawn."""
_CELLS = 8_000
_MOST_STEPS = 3_000
_TOPS: Mapping[Label, int] = {"voice": 0, "noise": 9, "silence": 17}
"""Where a label's bar begins: their heights differ, so that nobody needs the colours."""


def wave_paths(
    envelope: Envelope, segments: Sequence[Segment], duration_s: float
) -> tuple[dict[str, str], float]:
    """Return an outline for each label, and the amplitude that fills the height.

    Parameters
    ----------
    envelope
        The waveform; the drawing is one wide per column and `HEIGHT` high.
    segments
        What the columns hold; where nothing is known, the label is "unknown".
    duration_s
        Length of the recording, seconds.
    """
    top = max(float(envelope.high.max()), float(-envelope.low.min()), 1e-4)
    middle = HEIGHT / 2
    # Silence still shows as a line, one unit thick.
    high = np.minimum(np.round(middle - middle * envelope.high / top), middle - 0.5).astype(int)
    low = np.maximum(np.round(middle - middle * envelope.low / top), middle + 1).astype(int)
    labels = cell_labels(segments, len(high), duration_s)
    paths: dict[str, list[str]] = {}
    for label, run in groupby(range(len(labels)), key=lambda column: labels[column]):
        columns = list(run)
        part = slice(columns[0], columns[-1] + 1)
        paths.setdefault(label or "unknown", []).append(_outline(columns[0], high[part], low[part]))
    return {label: "".join(parts) for label, parts in paths.items()}, top


def _outline(first: int, high: NDArray[np.int64], low: NDArray[np.int64]) -> str:
    """Return a closed outline: along the upper edge, then back along the lower one."""
    upper = np.diff(np.append(high, high[-1])).tolist()
    lower = np.diff(low[::-1]).tolist()
    there = " ".join(f"1 {step}" for step in upper)
    back = "".join(f" -1 {step}" for step in [0, *lower])
    return f"M{first} {high[0]}l{there}V{low[-1]}l{back[1:]}z"


def probability_path(scores: Scores, duration_s: float) -> str:
    """Return the stair of a probability as a closed area, `WIDTH` wide and `HEIGHT` high; at least one score."""
    edges_s, values = averaged(scores, _MOST_STEPS)
    places = _places(edges_s, duration_s)
    heights = np.round(HEIGHT * (1 - values)).astype(int).tolist()
    steps = "".join(
        f"V{height}H{place}" for height, place in zip(heights[:-1], places[1:].tolist(), strict=True)
    )
    return f"M{places[0]} {HEIGHT}{steps}V{HEIGHT}z"


def label_paths(segments: Sequence[Segment], duration_s: float) -> dict[str, str]:
    """Return the bars of each label that occurs, `WIDTH` wide and `BAR_HEIGHT` high."""
    if len(segments) > MOST_SPANS:
        segments = _merged(segments, duration_s)
    return {
        label: bars_path((s for s in segments if s.label == label), duration_s, _TOPS[label])
        for label in LABELS
        if any(s.label == label for s in segments)
    }


def bars_path(spans: Iterable[Span], duration_s: float, top: int = 0) -> str:
    """Return bars from `top` down to `BAR_HEIGHT`; the shortest stays one unit wide."""
    times_s = [(span.start_s, span.end_s) for span in spans]
    if not times_s:
        return ""
    places = _places(np.array(times_s), duration_s).tolist()
    parts = []
    for start, end in places:
        width = max(1, end - start)
        parts.append(f"M{start} {top}h{width}V{BAR_HEIGHT}h-{width}z")
    return "".join(parts)


def ruler(duration_s: float, most: int = 6) -> list[tuple[str, str]]:
    """Return (place in percent, time) for the marks below a timeline; none so near the end that it would be cut."""
    ticks_s, words = time_ticks(0.0, duration_s, most)
    return [
        (f"{100 * tick_s / duration_s:.3f}%", word)
        for tick_s, word in zip(ticks_s.tolist(), words, strict=True)
        if tick_s <= 0.97 * duration_s
    ]


def _merged(segments: Sequence[Segment], duration_s: float) -> list[Segment]:
    labels = cell_labels(segments, _CELLS, duration_s)
    cell_s, merged, at = duration_s / _CELLS, [], 0
    for label, run in groupby(labels):
        n = len(list(run))
        if label is not None:
            merged.append(Segment(at * cell_s, (at + n) * cell_s, label, 1.0))
        at += n
    return merged


def _places(times_s: NDArray[np.float64], duration_s: float) -> NDArray[np.int64]:
    return np.round(np.clip(times_s / duration_s, 0, 1) * WIDTH).astype(np.int64)
