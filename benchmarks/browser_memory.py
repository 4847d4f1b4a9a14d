"""Memory while listening: how fast it grows, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_INK, _GRID, _RSS, _TOLD, _HEAP = "#222222", "#dddddd", "#1f6f8b", "#b4552d", "#5b7f2b"
Sample = Mapping[str, float]


def slope_per_min(samples: Sequence[Sample], key: str, after_s: float) -> float | None:
    """Return the slope of the line through what came after some seconds, per minute; None of fewer than two samples.

    Parameters
    ----------
    samples
        Each with "at_s" and the key.
    key
        Of the figure.
    after_s
        Earlier samples do not count.

    Examples
    --------
    >>> round(slope_per_min([{"at_s": 0, "x": 9}, {"at_s": 60, "x": 1}, {"at_s": 120, "x": 3}], "x", 30), 6)
    2.0
    """
    rows = [(one["at_s"], one[key]) for one in samples if one["at_s"] >= after_s]
    if len(rows) < 2:
        return None
    at, values = np.array(rows, np.float64).T
    return float(np.polyfit(at / 60, values, 1)[0])


def draw(memory: Mapping[str, Any], path: Path) -> None:
    """Draw the process, what the browser tells, and the page's objects over the minutes, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    axes: Any = figure.subplots()
    curves = (
        ("samples", "rss_mb", "renderer process, resident", _RSS, "-"),
        ("told", "total_mb", "page and workers, told by the browser", _TOLD, "o-"),
        ("samples", "heap_mb", "the page's own objects", _HEAP, "-"),
    )
    for rows, key, label, colour, style in curves:
        points = sorted((one["at_s"] / 60, one[key]) for one in memory[rows])
        if points:
            axes.plot(
                *zip(*points, strict=True), style, color=colour, linewidth=1.5, markersize=3, label=label
            )
    left = (memory["collected"]["rss_mb"], memory["collected"]["heap_mb"])
    axes.plot([memory["minutes"]] * 2, left, "D", color=_INK, markersize=5, clip_on=False, zorder=5,
              linestyle="none", label="after a collection at the end")  # fmt: skip
    axes.axvline(memory["settled_s"] / 60, color=_INK, linewidth=0.8, linestyle=":")
    axes.set_xlim(0, memory["minutes"])
    axes.set_ylim(0, None)
    axes.set_xlabel("minutes of listening", fontsize=8, color=_INK)
    axes.set_ylabel("MB", fontsize=8, color=_INK)
    axes.tick_params(labelsize=8)
    axes.grid(color=_GRID, zorder=0)
    axes.legend(fontsize=8, frameon=False, loc="center", bbox_to_anchor=(0.5, 0.42))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, facecolor="white")
