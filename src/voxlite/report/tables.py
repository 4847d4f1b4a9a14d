"""Segments as CSV: one row each, with the recording's name in the first column.

Where the speaker task was asked for, a voice segment's place is taken by the turns in it, and a further column names
their speakers; it is empty for silence and noise. Gender and mood, where asked for, have a column each behind it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from voxlite.report.report import Report
from voxlite.report.trait_text import labels_of
from voxlite.values import Segment, Turn

COLUMNS = ("file", "start_s", "end_s", "duration_s", "label", "score")
"""The columns of `segment_rows`; "speaker" follows where the speaker task was asked for."""


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    r"""Return rows as CSV text: RFC 4180 quoting, lines ended by "\n"."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def segment_rows(report: Report) -> list[tuple[str, ...]]:
    """Return one row per segment or turn, in the order of `COLUMNS`; times in seconds, score 0..1."""
    if report.speakers is None:
        return [(*_row(report, s, s.label), *labels_of(report, s.start_s)) for s in report.segments]
    rest: list[tuple[Segment | Turn, str, str]] = [
        (s, s.label, "") for s in report.segments if s.label != "voice"
    ]
    rest += [(turn, "voice", turn.speaker) for turn in report.speakers]
    parts = sorted(rest, key=lambda part: part[0].start_s)
    return [
        (*_row(report, part, label), speaker, *labels_of(report, part.start_s))
        for part, label, speaker in parts
    ]


def _row(report: Report, part: Segment | Turn, label: str) -> tuple[str, ...]:
    times = (f"{value:.4f}" for value in (part.start_s, part.end_s, part.duration_s))
    return (report.source or "", *times, label, f"{part.score:.4f}")


def report_csv(report: Report, header: bool = True) -> str:
    """Return a report's segments as CSV, with a header row unless told otherwise."""
    rows = segment_rows(report)
    columns = (*COLUMNS, *(() if report.speakers is None else ("speaker",)))
    columns += tuple(trait.task for trait in report.traits)
    return csv_text([columns, *rows] if header else rows)
