"""A report as a picture: waveform, MFCC image, probability of voice, then rows of segments, speakers and detections."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from voxlite.report.canvas import new_figure, picture_path, save_figure
from voxlite.report.overview import Overview, averaged
from voxlite.report.palette import (
    COLOURS,
    FAINT,
    GRID,
    INK,
    SPEAKER_COLOURS,
    channel_text,
    clock,
    grouped,
    recording_name,
)
from voxlite.report.report import Report
from voxlite.report.timeline import cell_labels, time_ticks
from voxlite.report.trait_text import trait_words
from voxlite.values import LABELS, Segment, Span


def draw_report(
    report: Report,
    overview: Overview,
    out_path: str | PathLike[str],
    truth: Sequence[Segment] | None = None,
) -> Path:
    """Draw a report into a file and return its path.

    Parameters
    ----------
    report
        What was found.
    overview
        The sound itself, from `overview_of`.
    out_path
        A .png, .svg or .pdf file; replaced if it exists.
    truth
        What should have been found; shown as a second row of segments.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    VoxliteError
        If the file cannot be written or is of another kind.
    """
    path = picture_path(out_path)
    save_figure(_figure(report, overview, truth), path)
    return path


def _figure(report: Report, overview: Overview, truth: Sequence[Segment] | None) -> Any:
    rows = _rows(report, truth)
    heights = [1.35, 1.5, 1.1, 0.34 * len(rows)]
    figure = new_figure(13, 7.4 + 0.35 * (len(rows) - 1))
    # The colour bar has a column of its own, so that all four panels keep the same width.
    grid = figure.add_gridspec(
        4, 2, height_ratios=heights, width_ratios=[1, 0.012], hspace=0.16, wspace=0.02,
        left=0.075, right=0.945, top=0.885, bottom=0.105 if report.traits else 0.075,
    )  # fmt: skip
    axes: list[Any] = []
    for row in range(4):
        axes.append(figure.add_subplot(grid[row, 0], sharex=axes[0] if axes else None))
    _waveform(axes[0], report, overview)
    _coefficients(axes[1], overview, figure, grid[1, 1])
    _probability(axes[2], report)
    _segments(axes[3], report, rows)
    _time_axis(axes, report.duration_s)
    _heading(figure, report)
    if report.traits:
        _trait_legend(figure, report)
    figure.align_ylabels(axes[:3])
    return figure


def _heading(figure: Any, report: Report) -> None:
    """Put file, verdict and facts at the top left, the colours' meaning at the top right."""
    from matplotlib.patches import Patch

    facts = [clock(report.duration_s), f"{grouped(report.rate_hz)} Hz", channel_text(report.channels)]
    if report.voice is not None:
        facts.insert(0, f"verdict: {report.voice.label} (probability {report.voice.score:.2f})")
    common = {"ha": "left", "va": "top", "parse_math": False}
    figure.text(
        0.075, 0.975, recording_name(report.source), fontsize=14, fontweight="bold", color=INK, **common
    )
    figure.text(0.075, 0.928, "   ·   ".join(facts), fontsize=10.5, color=INK, **common)
    words = "   ·   ".join(trait_words(trait) for trait in report.traits)
    figure.text(0.938, 0.972, words, fontsize=10.5, color=INK, ha="right", va="top")
    if report.segments:
        shares = report.shares()
        patches = [
            Patch(facecolor=COLOURS[label], label=f"{label}  {100 * shares[label]:.1f} %") for label in LABELS
        ]
        figure.legend(
            handles=patches, loc="upper right", bbox_to_anchor=(0.945, 0.947), ncols=3, frameon=False,
            fontsize=10.5, handlelength=1.1, handleheight=1.0, columnspacing=1.6, labelcolor=INK,
        )  # fmt: skip


def _waveform(axis: Any, report: Report, overview: Overview) -> None:
    """Draw one upright bar from the lowest to the highest sample of each column, in its label's colour."""
    from matplotlib.collections import PolyCollection

    n = len(overview.low)
    edges_s = np.linspace(0, report.duration_s, n + 1)
    # A column of silence still shows as a thin line.
    thin = 0.004 * max(float(np.abs([overview.low, overview.high]).max()), 1e-3)
    low, high = np.minimum(overview.low, -thin), np.maximum(overview.high, thin)
    left, right = edges_s[:-1], edges_s[1:]
    corners = np.stack([(left, low), (right, low), (right, high), (left, high)], axis=0).transpose(2, 0, 1)
    labels = cell_labels(report.segments, n, report.duration_s)
    colours = [COLOURS[label] if label else FAINT for label in labels]
    axis.add_collection(PolyCollection(corners, facecolors=colours, edgecolors=colours, linewidths=0.4))
    top = 1.08 * max(float(high.max()), float(-low.min()))
    axis.set_ylim(-top, top)
    axis.set_ylabel("amplitude\n(full scale = 1)", fontsize=9.5, color=INK)


def _coefficients(axis: Any, overview: Overview, figure: Any, bar_place: Any) -> None:
    """Draw the MFCCs, each coefficient scaled by its own mean and spread: else the first would drown the rest."""
    axis.set_ylabel("MFCC\ncoefficient", fontsize=9.5, color=INK)
    values = overview.coefficients
    if not len(values):
        _note(axis, "shorter than one frame: no coefficients")
        return
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)
    extent = (0.0, overview.duration_s, -0.5, values.shape[1] - 0.5)
    image = axis.imshow(
        scaled.T, origin="lower", aspect="auto", extent=extent, cmap="viridis", vmin=-3, vmax=3,
        interpolation="nearest",
    )  # fmt: skip
    bar = figure.colorbar(image, cax=figure.add_subplot(bar_place), ticks=[-2, 0, 2])
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8.5, colors=INK, length=2)
    bar.set_label("deviation (sd)", fontsize=8.5, color=INK)


def _probability(axis: Any, report: Report) -> None:
    """Draw the probability of voice over time, and the threshold."""
    axis.set_ylim(-0.04, 1.06)
    axis.set_yticks([0, 0.5, 1])
    axis.set_ylabel("probability\nof voice", fontsize=9.5, color=INK)
    scores = report.scores
    if scores is None or not len(scores):
        _note(axis, "no scores: the voice task was not asked for")
        return
    edges_s, values = averaged(scores)
    colour = COLOURS["voice"]
    axis.fill_between(edges_s, 0, values, step="post", color=colour, alpha=0.22, linewidth=0)
    axis.step(edges_s, values, where="post", color=colour, linewidth=0.9)
    if report.voice is not None:
        threshold = report.voice.threshold
        axis.axhline(threshold, color=INK, linewidth=0.9, linestyle=(0, (5, 4)))
        axis.annotate(
            f"threshold\n{threshold:.2f}", (1, threshold), xycoords=("axes fraction", "data"),
            xytext=(6, 0), textcoords="offset points", fontsize=8.5, color=INK, va="center",
            annotation_clip=False,
        )  # fmt: skip


def _segments(axis: Any, report: Report, rows: Sequence[_Row]) -> None:
    """Draw rows of bars, one below the other."""
    for place, row in enumerate(rows):
        for colour, spans in row.bars:
            ends = [(span.start_s, span.duration_s) for span in spans]
            if ends:
                axis.broken_barh(ends, (-place - 0.4, 0.8), facecolors=colour, linewidth=0)
    if not report.segments and len(rows) == 1:
        _note(axis, "no segments: the voice task was not asked for")
    axis.set_ylim(-len(rows) + 0.45, 0.55)
    axis.set_yticks([-place for place in range(len(rows))], [row.name for row in rows], parse_math=False)
    axis.tick_params(axis="y", length=0)


class _Row(NamedTuple):
    """Bars of one kind, with their colours."""

    name: str
    bars: list[tuple[str, Sequence[Span]]]


def _rows(report: Report, truth: Sequence[Segment] | None) -> list[_Row]:
    """Return the segments; the truth, when there is one, right below; then speakers, detections and traits."""
    rows = [_Row("found", _by_label(report.segments))]
    if truth is not None:
        rows.append(_Row("truth", _by_label(truth)))
    for place, speaker in enumerate(report.speaker_times_s()):
        turns = [turn for turn in report.speakers or () if turn.speaker == speaker]
        colour = SPEAKER_COLOURS[place % len(SPEAKER_COLOURS)]
        rows.append(_Row(recording_name(speaker, 14), [(colour, turns)]))
    for detection in report.detections:
        rows.append(_Row(recording_name(detection.label, 14), [(INK, detection.events)]))
    colours = _trait_colours(report)
    for trait in report.traits:
        bars = [(colours.get((trait.task, part.label), GRID), [part]) for part in trait.segments]
        rows.append(_Row(trait.task, list(bars)))
    return rows


def _by_label(segments: Sequence[Segment]) -> list[tuple[str, Sequence[Span]]]:
    return [(COLOURS[label], [s for s in segments if s.label == label]) for label in LABELS]


def _trait_colours(report: Report) -> dict[tuple[str, str], str]:
    """Return the colour of each task's labels that were given; what is unsure has none."""
    given = [
        (trait.task, label)
        for trait in report.traits
        for label in sorted(trait.scores)
        if any(part.label == label for part in trait.segments)
    ]
    return {key: SPEAKER_COLOURS[at % len(SPEAKER_COLOURS)] for at, key in enumerate(given)}


def _trait_legend(figure: Any, report: Report) -> None:
    """Say below everything which colour is which label."""
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=colour, label=label) for (_, label), colour in _trait_colours(report).items()]
    patches += [Patch(facecolor=GRID, label="unsure")]
    figure.legend(
        handles=patches, loc="lower left", bbox_to_anchor=(0.068, 0.0), ncols=len(patches), frameon=False,
        fontsize=9.5, handlelength=1.1, handleheight=1.0, columnspacing=1.4, labelcolor=INK,
    )  # fmt: skip


def _note(axis: Any, text: str) -> None:
    axis.text(0.5, 0.5, text, transform=axis.transAxes, ha="center", va="center", color=FAINT, fontsize=10)


def _time_axis(axes: Sequence[Any], duration_s: float) -> None:
    """Give every panel the same clock, written once below the last."""
    ticks_s, words = time_ticks(0.0, duration_s, 13)
    for axis in axes:
        axis.set_xlim(0, duration_s)
        axis.set_xticks(ticks_s, words)
        last = axis is axes[-1]
        axis.tick_params(axis="both", labelsize=9, colors=INK, length=3, labelbottom=last, bottom=last)
        axis.set_axisbelow(True)
        for side in ("top", "right", "left", "bottom"):
            axis.spines[side].set_visible(side == "bottom" and last)
            axis.spines[side].set_color(FAINT)
    for axis in (axes[0], axes[2]):
        axis.grid(True, color=GRID, linewidth=0.8)
    axes[-1].tick_params(axis="y", length=0)
    axes[-1].set_xlabel(f"time ({'h:mm:ss' if duration_s >= 3600 else 'm:ss'})", fontsize=9.5, color=INK)
