"""Where a detector heard its sound, for people: a line, and a table of the events."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from voxlite.report.palette import clock, printable
from voxlite.report.speaker_text import MOST_SEGMENTS
from voxlite.values import Detection


def detection_parts(detection: Detection) -> list[RenderableType]:
    """Return what a report tells of one detector's sound."""
    events = detection.events
    line = Text(f"{printable(detection.label)}: ", style="bold")
    line.append(_count(len(events)), style="bold")
    line.append(
        f"  (highest probability {detection.score:.2f}, threshold {detection.threshold:.2f})", style="dim"
    )
    if not events:
        return [line]
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("#", "start", "end", "length", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, event in enumerate(events[:MOST_SEGMENTS], 1):
        times = (clock(event.start_s), clock(event.end_s), f"{event.duration_s:.2f} s")
        table.add_row(str(number), *times, f"{event.score:.2f}")
    parts: list[RenderableType] = [line, table]
    if len(events) > MOST_SEGMENTS:
        parts.append(
            Text(f"... and {len(events) - MOST_SEGMENTS} more: --format json lists them all", style="dim")
        )
    return parts


def _count(n: int) -> str:
    if n == 0:
        return "not heard"
    return "heard once" if n == 1 else f"heard {n} times"
