"""Segments as CSV: one row each, with the recording's name in the first column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from voxlite.report.report import Report

COLUMNS = ("file", "start_s", "end_s", "duration_s", "label", "score")
"""The columns of `segment_rows`."""


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    r"""Return rows as CSV text: RFC 4180 quoting, lines ended by "\n"."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def segment_rows(report: Report) -> list[tuple[str, ...]]:
    """Return one row per segment, in the order of `COLUMNS`; times in seconds, score 0..1."""
    return [
        (
            report.source or "",
            f"{s.start_s:.4f}",
            f"{s.end_s:.4f}",
            f"{s.duration_s:.4f}",
            s.label,
            f"{s.score:.4f}",
        )
        for s in report.segments
    ]


def report_csv(report: Report, header: bool = True) -> str:
    """Return a report's segments as CSV, with a header row unless told otherwise."""
    rows = segment_rows(report)
    return csv_text([COLUMNS, *rows] if header else rows)
