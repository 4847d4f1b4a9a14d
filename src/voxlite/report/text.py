"""A report for people: what it is, a coloured timeline, the voice segments, shares, quality, the verdict.

Built from rich renderables, so that a terminal gets colours in the way it understands them and a file gets plain
characters. `render_report` is for a console; `report_text` gives the same as a string.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from voxlite.report.detection_text import detection_parts
from voxlite.report.palette import ASCII_MARKS, COLOURS, MARKS, channel_text, clock, grouped, printable
from voxlite.report.quality_text import quality_lines
from voxlite.report.report import Report
from voxlite.report.speaker_text import MOST_SEGMENTS, speaker_parts
from voxlite.report.timeline import cell_labels, ruler
from voxlite.report.trait_text import labels_of, trait_lines
from voxlite.values import LABELS, Decision, Label

if TYPE_CHECKING:
    from voxlite.tasks.quality import QualityReport

_MARGIN = 2
_BLANK = Text()


def report_text(report: Report, width: int = 100) -> str:
    """Return the report as plain text without colour, lines at most `width` characters."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, color_system=None, force_terminal=False, highlight=False)
    console.print(render_report(report, width))
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def render_report(report: Report, width: int, ascii_only: bool = False) -> RenderableType:
    """Return the report as a rich renderable.

    Parameters
    ----------
    report
        What was found.
    width
        Characters in a line of the console.
    ascii_only
        Whether to draw with plain ASCII, for consoles that know nothing else.
    """
    parts: list[RenderableType] = []
    marks = ASCII_MARKS if ascii_only else MARKS
    n_cells = max(20, min(width, 160) - 2 * _MARGIN)
    if report.segments:
        parts += [_BLANK, _timeline(report, n_cells, marks)]
    if report.speakers is not None:
        parts += [_BLANK, *speaker_parts(report, n_cells, marks["voice"])]
    elif report.segments:
        parts += [_BLANK, *_voice_list(report)]
    if report.traits:
        parts += [_BLANK, *trait_lines(report)]
    for detection in report.detections:
        parts += [_BLANK, *detection_parts(detection)]
    if report.quality is not None:
        parts += [_BLANK, *_quality(report.quality)]
    if report.voice is not None:
        parts += [_BLANK, verdict_line(report.voice)]
    margin = (0, 0, 0, _MARGIN)
    body = [part if part is _BLANK else Padding(part, margin, expand=False) for part in parts]
    return Group(_header(report), *body)


def verdict_line(decision: Decision) -> Text:
    """Return the verdict as one line: label, score, threshold, and the reasons below it."""
    found = decision.label == "voice"
    heard = f"{decision.evidence_s:.1f} s" if decision.evidence_s < 60 else clock(decision.evidence_s, 0)
    line = Text("Verdict: ", style="bold")
    line.append(decision.label, style=f"bold {COLOURS['voice']}" if found else "bold")
    line.append(
        f"  (probability {decision.score:.2f}, threshold {decision.threshold:.2f}, from {heard} of sound)",
        style="dim",
    )
    for reason in decision.reasons:
        line.append(f"\n  - {reason}", style="not bold")
    return line


def _header(report: Report) -> Text:
    name = "standard input" if report.source == "-" else printable(report.source or "sound in memory")
    line = Text(name, style="bold")
    facts = f"{clock(report.duration_s)}, {grouped(report.rate_hz)} Hz, {channel_text(report.channels)}"
    line.append(f"\n  {facts}", style="not bold")
    return line


def _timeline(report: Report, n_cells: int, marks: Mapping[Label, str]) -> Text:
    """Return the bar, its clock below it, and the legend with each label's share."""
    bar = Text()
    for label in cell_labels(report.segments, n_cells, report.duration_s):
        if label is None:
            bar.append(" ")
        else:
            bar.append(marks[label], style=COLOURS[label])
    bar.append("\n" + ruler(report.duration_s, n_cells) + "\n", style="dim")
    shares = report.shares()
    for known in LABELS:
        bar.append("" if known == LABELS[0] else "   ")
        bar.append(marks[known], style=COLOURS[known])
        bar.append(f" {known} {100 * shares[known]:.1f} %")
    return bar


def _voice_list(report: Report) -> list[RenderableType]:
    voiced = [segment for segment in report.segments if segment.label == "voice"]
    if not voiced:
        return [Text("No voice segment.")]
    total_s = sum(segment.duration_s for segment in voiced)
    title = Text(f"Voice segments: {len(voiced)}, {clock(total_s)} in all", style="bold")
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("#", "start", "end", "length", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    for trait in report.traits:
        table.add_column(trait.task, no_wrap=True)
    for number, s in enumerate(voiced[:MOST_SEGMENTS], 1):
        times = (clock(s.start_s), clock(s.end_s), f"{s.duration_s:.2f} s")
        table.add_row(str(number), *times, f"{s.score:.2f}", *labels_of(report, s.start_s))
    parts: list[RenderableType] = [title, table]
    if len(voiced) > MOST_SEGMENTS:
        left = len(voiced) - MOST_SEGMENTS
        parts.append(Text(f"... and {left} more: --format csv or json lists them all", style="dim"))
    return parts


def _quality(quality: QualityReport) -> list[RenderableType]:
    table = Table(box=None, show_header=False, padding=(0, 3, 0, 0))
    table.add_column()
    table.add_column(no_wrap=True)
    for name, value in quality_lines(quality.to_dict()):
        table.add_row(name, value)
    parts: list[RenderableType] = [Text("Quality", style="bold"), table]
    if quality.remarks:
        parts.append(Text("\n".join(f"! {remark}" for remark in quality.remarks), style="yellow"))
    return parts
