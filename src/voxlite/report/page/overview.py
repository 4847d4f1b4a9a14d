"""Many recordings on one page: totals, what failed, what needs a look, and a table to sort.

The page's size is bounded, whatever the archive's: totals are of all recordings, tables of some.
"""

from __future__ import annotations

import heapq
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from voxlite.report.page.rendering import render
from voxlite.report.palette import clock, grouped, printable
from voxlite.values import LABELS

MOST_ROWS = 1_000
"""Rows of each table."""


def overview_page(rows: Iterable[Mapping[str, Any]], title: str = "Archive") -> str:
    """Return an overview of many recordings as one HTML page.

    Parameters
    ----------
    rows
        One per recording, read once; every key but "path" may be missing or None:

        - "path": where it lies;
        - "error": why it could not be read;
        - "duration_s": seconds;
        - "voice_share", "silence_share", "noise_share": 0..1;
        - "loudness_lufs", "snr_db": LUFS and dB;
        - "remarks": plain words on its quality, a sequence of str;
        - "page": path of its own page, as seen from this one.
    title
        What the archive is called.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.
    """
    totals = _Totals()
    for row in rows:
        totals.add(row)
    return "".join(render("overview.html", {"title": printable(title), **totals.words()}, "overview.js"))


class _Totals:
    """What is told of an archive, collected row by row."""

    def __init__(self) -> None:
        self._n_rows = 0
        self._duration_s = 0.0
        self._label_s = dict.fromkeys(LABELS, 0.0)
        self._kinds: Counter[str] = Counter()
        self._n_failed = self._n_remarked = 0
        self._first: list[dict[str, Any]] = []
        self._failed: list[dict[str, Any]] = []
        # Those with the most remarks; of equals, the first.
        self._worst: list[tuple[int, int, dict[str, Any]]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a recording, and keep it if it belongs into a table."""
        self._n_rows += 1
        if row.get("error"):
            self._n_failed += 1
            if len(self._failed) < MOST_ROWS:
                self._failed.append(_shown(row))
            return
        duration_s = row.get("duration_s") or 0.0
        self._duration_s += duration_s
        for label in LABELS:
            self._label_s[label] += duration_s * (row.get(f"{label}_share") or 0.0)
        remarks = row.get("remarks") or ()
        self._kinds.update({_kind(remark) for remark in remarks})
        if len(self._first) < MOST_ROWS:
            self._first.append(_shown(row))
        if remarks:
            self._n_remarked += 1
            entry = (len(remarks), -self._n_rows, _shown(row))
            (heapq.heappush if len(self._worst) < MOST_ROWS else heapq.heappushpop)(self._worst, entry)

    def words(self) -> dict[str, Any]:
        """Return everything that the page says."""
        known_s = sum(self._label_s.values())
        shares, start = [], 0.0
        for label in LABELS if known_s else ():
            width = 100 * self._label_s[label] / known_s
            time = clock(self._label_s[label], 0, hours=True)
            shares.append({
                "label": label, "start": f"{start:.3f}%", "width": f"{width:.3f}%", "percent": f"{width:.1f} %",
                "time": time,
            })  # fmt: skip
            start += width
        return {
            "facts": [f"{grouped(self._n_rows)} recordings", f"{clock(self._duration_s, 0, hours=True)} of sound"],
            "shares": shares,
            "kinds": [(kind, grouped(n)) for kind, n in self._kinds.most_common()],
            "tables": {
                "failed": {"n": self._n_failed, "rows": self._failed},
                "remarked": {"n": self._n_remarked, "rows": [row for *_, row in sorted(self._worst, reverse=True)]},
                "all": {"n": self._n_rows - self._n_failed, "rows": self._first},
            },
        }  # fmt: skip


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's words, and the numbers that its table is sorted by."""
    cells = [_cell(row.get("duration_s"), lambda value: clock(value, 0))]
    cells += [_cell(row.get(f"{label}_share"), lambda value: f"{100 * value:.1f} %") for label in LABELS]
    cells += [_cell(row.get("loudness_lufs"), "{:.1f}".format), _cell(row.get("snr_db"), "{:.1f}".format)]
    page = row.get("page")
    return {
        "path": printable(str(row["path"])),
        # Quoted, "javascript:" is the name of a file like any other.
        "page": quote(os.fsencode(str(page).replace(os.sep, "/"))) if page else None,
        "error": printable(str(row.get("error") or "")),
        "remarks": [printable(remark) for remark in row.get("remarks") or ()],
        "cells": cells,
    }


def _cell(value: float | None, write: Any) -> tuple[str, str]:
    """Return the number to sort by and its words; nothing where there is none."""
    return ("", "") if value is None else (f"{value:.6g}", write(value))


def _kind(remark: str) -> str:
    """Return what a remark is about: "Clipped" of "Clipped: 3 % of samples ..."."""
    return "Drop-outs" if remark[:1].isdigit() else printable(remark.partition(":")[0])
