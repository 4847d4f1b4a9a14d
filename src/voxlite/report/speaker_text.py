"""Who speaks when, for people: a bar per speaker over the recording's time, then the turns."""

from __future__ import annotations

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from voxlite.report.palette import SPEAKER_COLOURS, clock, printable
from voxlite.report.report import Report
from voxlite.report.timeline import covered, ruler
from voxlite.report.trait_text import labels_of
from voxlite.values import Turn

MOST_SEGMENTS = 30
"""Segments or turns listed before the rest is summed up in a note."""
_LONGEST_NAME = 24


def speaker_parts(report: Report, n_cells: int, mark: str) -> list[RenderableType]:
    """Return the lines on a report's speakers.

    Parameters
    ----------
    report
        With speakers.
    n_cells
        Characters in a line.
    mark
        What stands for a cell in which somebody speaks.
    """
    turns = report.speakers or ()
    if not turns:
        return [Text("Nobody speaks.")]
    times_s = report.speaker_times_s()
    title = Text(f"Speakers: {len(times_s)}, {len(turns)} turns", style="bold")
    return [title, _bars(report, times_s, n_cells, mark), *_list(report, turns, list(times_s))]


def _bars(report: Report, times_s: dict[str, float], n_cells: int, mark: str) -> Text:
    """Return one bar per speaker with the name before it, and the clock below them."""
    names = {name: _short(name) for name in times_s}
    facts = {name: f" {clock(spent_s, 0)}" for name, spent_s in times_s.items()}
    margin = max(map(len, names.values())) + 1
    n = max(10, n_cells - margin - max(map(len, facts.values())))
    edges_s = np.linspace(0.0, report.duration_s, n + 1)
    text = Text()
    for name, colour in zip(names, _colours(len(names)), strict=True):
        text.append(names[name].ljust(margin))
        shares = covered([turn for turn in report.speakers or () if turn.speaker == name], edges_s)
        text.append("".join(mark if share > 0.5 else " " for share in _visible(shares)), style=colour)
        text.append(f"{facts[name]}\n")
    text.append(" " * margin + ruler(report.duration_s, n), style="dim")
    return text


def _visible(shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    """Return shares in which a speaker who fills half of no cell still has one mark, where most is said."""
    values: list[float] = shares.tolist()
    if max(values) <= 0.5:
        values[int(np.argmax(shares))] = 1.0
    return values


def _list(report: Report, turns: tuple[Turn, ...], names: list[str]) -> list[RenderableType]:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("#", "start", "end", "length", "score"):
        table.add_column(title, justify="right", no_wrap=True)
    for title in ("speaker", *(trait.task for trait in report.traits)):
        table.add_column(title, no_wrap=True)
    colours = dict(zip(names, _colours(len(names)), strict=True))
    for number, turn in enumerate(turns[:MOST_SEGMENTS], 1):
        times = (clock(turn.start_s), clock(turn.end_s), f"{turn.duration_s:.2f} s")
        name = Text(_short(turn.speaker), style=colours[turn.speaker])
        table.add_row(str(number), *times, f"{turn.score:.2f}", name, *labels_of(report, turn.start_s))
    parts: list[RenderableType] = [table]
    if len(turns) > MOST_SEGMENTS:
        note = f"... and {len(turns) - MOST_SEGMENTS} more: --format csv, json or rttm lists them all"
        parts.append(Text(note, style="dim"))
    return parts


def _short(name: str) -> str:
    """Return a name that is safe on a terminal and not too long for a line."""
    text = printable(name)
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 3]}..."


def _colours(n: int) -> list[str]:
    return [SPEAKER_COLOURS[at % len(SPEAKER_COLOURS)] for at in range(n)]
