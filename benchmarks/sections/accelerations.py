"""Every acceleration of the article, off against on, and the default that follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from benchmarks.sections.markdown import DASH, missing, number, table
from benchmarks.sections.results import ACCELERATIONS, PROBES, Results

COLUMNS = (
    "row",
    "what",
    "off",
    "on",
    "off, ms",
    "on, ms",
    "factor",
    "ROC-AUC, off",
    "ROC-AUC, on",
    "besides",
)
DEFAULT_COLUMNS = ("row", "acceleration", "the product's default", "remarks")
Row = dict[str, Any]


def accelerations(results: Results, pictures: Mapping[str, str]) -> list[str]:
    """Return the table, its picture, and what follows.

    Parameters
    ----------
    results
        What was measured.
    pictures
        Caption -> link of the picture, if it exists.
    """
    blocks = ["## Accelerations", f"`{ACCELERATIONS}`"]
    if results.accelerations is None:
        return [*blocks, missing(ACCELERATIONS)]
    rows = results.accelerations["rows"]
    low, high = results.accelerations["claim"]["factors"]
    return [
        *blocks,
        f"Each acceleration that the article names, off and on. The article claims {low:g} to {high:g} times for the "
        "instruction set. Milliseconds per second of sound, medians of runs in turns, on one thread but for the row on "
        "threads; the sound is the sample call over a steady noise. ROC-AUC: the mean over clean, 5 dB and telephone "
        "windows of the test split, where the setting can change it; for other front ends that of small nets trained "
        f"on each (`{PROBES}`).",
        table(COLUMNS, part_rows(rows)),
        *(f"![{caption}]({link})" for caption, link in pictures.items()),
        "What follows from each row:",
        table(DEFAULT_COLUMNS, default_rows(rows)),
    ]


def part_rows(rows: Mapping[str, Row]) -> list[list[str]]:
    """Return the cells of `COLUMNS` for each comparison."""
    return [
        [
            index,
            part["what"],
            part["off"],
            part["on"],
            *(_three_digits(part[key]) for key in ("off_ms", "on_ms")),
            number(part["factor"], 2),
            *(number(mean_auc(part[key]), 4) for key in ("off_auc", "on_auc")),
            _besides(part["more"]),
        ]
        for index, row in rows.items()
        for part in row["parts"]
    ]


def default_rows(rows: Mapping[str, Row]) -> list[list[str]]:
    """Return the cells of `DEFAULT_COLUMNS` for each acceleration."""
    return [
        [index, row["title"], row["default"], "; ".join(row["remarks"]) or DASH]
        for index, row in rows.items()
    ]


def mean_auc(aucs: Mapping[str, float] | None) -> float | None:
    """Return the mean over the conditions, None where nothing was measured.

    Examples
    --------
    >>> mean_auc({"clean": 0.98, "telephone": 0.96}), mean_auc(None)
    (0.97, None)
    """
    return fmean(aucs.values()) if aucs else None


def _three_digits(ms: float) -> str:
    return f"{ms:.0f}" if ms >= 99.5 else f"{ms:.3g}"


def _besides(more: Mapping[str, float]) -> str:
    """Return further figures of a comparison in words."""
    if "on_bytes" in more:
        return f"{number(more['off_bytes'] / 1000, 0)} kB, then {number(more['on_bytes'] / 1000, 0)} kB"
    if "largest_difference" in more:
        return f"results differ by at most {more['largest_difference']:.1g}"
    if "on_front_ms" in more:
        off, on = (_three_digits(more[f"{key}_front_ms"]) for key in ("off", "on"))
        return f"front end outside the graph: {off} ms, then {on} ms"
    return DASH
