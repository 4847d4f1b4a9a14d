"""An `Explanation` as one picture, read from top to bottom: sound, frame, spectrum, mel bank, MFCC, net, verdict.

The page is 10 inches wide, 1200 dots as a .png, and is laid out from the top in inches: a numbered section has a
title, a caption in plain words, and its maps. Panels over time share the columns of the page, so that a moment
stands at the same place in the spectrogram, the energies and the coefficients; to their right, one frame is followed
through all of them.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from voxlite.report.canvas import new_figure, picture_path, save_figure
from voxlite.report.explained import maps, signals
from voxlite.report.explained.words import captions, facts
from voxlite.report.explanation import Explanation
from voxlite.report.palette import COLOURS, FAINT, INK, recording_name
from voxlite.values import Label

_WIDTH_IN = 10.0
_HEAD_IN, _FOOT_IN = 1.05, 0.6  # above all sections; below the panels of one
_TITLES_IN = (0.66, 0.85, 0.5, 0.66, 0.5, 0.5, 0.66, 0.72)  # from a section's title to its panels
_RAIL_IN, _LEFT_IN = 0.3, 1.2  # the numbers' middle; where panels begin
_MAIN = (_LEFT_IN, 6.3)  # left edge and width of a panel over time
_SIDE = (7.75, 1.9)  # of the panel to its right
_WIDE = (_LEFT_IN, 8.45)
_THIRDS = ((_LEFT_IN, 2.3), (4.27, 2.3), (7.35, 2.3))
_OVERVIEW_IN, _GAP_IN = 0.42, 0.36
_HEIGHTS_IN = (_OVERVIEW_IN + _GAP_IN + 1.0, 1.2, 1.6, 1.1, 1.5, 1.3, 1.5, 1.15)  # of its panels

_TITLES = (
    "Sound",
    "One frame",
    "Spectrogram",
    "Mel filter bank",
    "Log-mel energies",
    "MFCC",
    "What the net is fed",
    "Scores",
)


def draw_explanation(explanation: Explanation, out_path: str | PathLike[str]) -> Path:
    """Draw an explanation into a file and return its path.

    Parameters
    ----------
    explanation
        What `voxlite.explain` found.
    out_path
        A .png, .svg or .pdf file; replaced if it exists.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    VoxliteError
        If the file cannot be written or is of another kind.
    """
    path = picture_path(out_path)
    save_figure(_figure(explanation), path)
    return path


class _Page:
    """A figure that is filled from the top, in inches."""

    def __init__(self, height_in: float) -> None:
        self.height_in = height_in
        self.figure = new_figure(_WIDTH_IN, height_in)
        self.top_in = 0.0  # of what is still empty, from the top of the page

    def text(self, left_in: float, down_in: float, text: str, **style: Any) -> Any:
        """Write at a distance from the top of what is still empty."""
        place = left_in / _WIDTH_IN, 1 - (self.top_in + down_in) / self.height_in
        return self.figure.text(*place, text, parse_math=False, **{"color": INK, "va": "top", **style})

    def panel(self, columns: tuple[float, float], down_in: float, height_in: float) -> Any:
        """Add a panel with its left edge and width, at a distance from the top of what is still empty."""
        left_in, width_in = columns
        bottom = 1 - (self.top_in + down_in + height_in) / self.height_in
        return self.figure.add_axes(
            (left_in / _WIDTH_IN, bottom, width_in / _WIDTH_IN, height_in / self.height_in)
        )


def _figure(explanation: Explanation) -> Any:
    page = _Page(_HEAD_IN + sum(_TITLES_IN) + sum(_HEIGHTS_IN) + len(_HEIGHTS_IN) * _FOOT_IN)
    _head(page, explanation)
    page.top_in = _HEAD_IN
    draw = (_sound, _frame, _spectrogram, _bank, _energies, _coefficients, _net, _scores)
    _rail(page)
    for number, (title, caption) in enumerate(zip(_TITLES, captions(explanation), strict=True)):
        page.text(
            _RAIL_IN, 0.1, str(number + 1), color="white", fontsize=11, fontweight="bold", ha="center",
            va="center", bbox={"boxstyle": "circle,pad=0.32", "facecolor": INK, "edgecolor": INK},
        )  # fmt: skip
        page.text(_RAIL_IN + 0.33, 0.0, title, fontsize=12.5, fontweight="bold")
        page.text(_RAIL_IN + 0.33, 0.25, caption, fontsize=9.5)
        page.top_in += _TITLES_IN[number]
        draw[number](page, explanation, _HEIGHTS_IN[number])
        page.top_in += _HEIGHTS_IN[number] + _FOOT_IN
    return page.figure


def _head(page: _Page, explanation: Explanation) -> None:
    """Put the verdict, large, and the facts about recording and model on top."""
    left_in = _RAIL_IN - 0.13
    page.text(left_in, 0.16, recording_name(explanation.source, longest=42), fontsize=13, fontweight="bold")
    label: Label = "silence" if explanation.is_silent else "voice" if explanation.is_voice else "noise"
    ink = "white" if label == "voice" else INK
    page.text(
        _WIDTH_IN - 0.2, 0.14, explanation.verdict(), fontsize=14, fontweight="bold", ha="right", color=ink,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": COLOURS[label], "edgecolor": COLOURS[label]},
    )  # fmt: skip
    for row, line in enumerate(facts(explanation)):
        page.text(left_in, 0.47 + 0.2 * row, line, fontsize=10)


def _rail(page: _Page) -> None:
    """Join the numbers of the sections by a line."""
    from matplotlib.lines import Line2D

    last_in = page.height_in - _HEIGHTS_IN[-1] - _TITLES_IN[-1] - _FOOT_IN
    ends = [1 - (down_in + 0.1) / page.height_in for down_in in (_HEAD_IN, last_in)]
    line = Line2D(
        [_RAIL_IN / _WIDTH_IN] * 2, ends, color=FAINT, linewidth=1.2, transform=page.figure.transFigure
    )
    page.figure.add_artist(line)


def _sound(page: _Page, explanation: Explanation, height_in: float) -> None:
    signals.overview(page.panel(_WIDE, 0, _OVERVIEW_IN), explanation)
    down_in = _OVERVIEW_IN + _GAP_IN
    signals.waveform(page.panel(_WIDE, down_in, height_in - down_in), explanation)


def _frame(page: _Page, explanation: Explanation, height_in: float) -> None:
    axes = [page.panel(columns, 0, height_in) for columns in _THIRDS]
    signals.frame(axes, explanation)


def _pair(page: _Page, height_in: float) -> tuple[Any, Any]:
    return page.panel(_MAIN, 0, height_in), page.panel(_SIDE, 0, height_in)


def _spectrogram(page: _Page, explanation: Explanation, height_in: float) -> None:
    maps.spectrogram(*_pair(page, height_in), explanation)


def _bank(page: _Page, explanation: Explanation, height_in: float) -> None:
    maps.bank(*_pair(page, height_in), explanation)


def _energies(page: _Page, explanation: Explanation, height_in: float) -> None:
    maps.energies(*_pair(page, height_in), explanation)


def _coefficients(page: _Page, explanation: Explanation, height_in: float) -> None:
    maps.coefficients(*_pair(page, height_in), explanation)


def _net(page: _Page, explanation: Explanation, height_in: float) -> None:
    if explanation.net_input.ndim == 3:
        width_in = (_MAIN[1] - 3 * 0.12) / 4
        columns = [(_LEFT_IN + k * (width_in + 0.12), width_in) for k in range(4)]
        maps.image([page.panel(place, 0, height_in) for place in columns], explanation)
    else:
        maps.matrix(page.panel(_MAIN, 0, height_in), explanation)
    maps.net(page.panel(_SIDE, 0, height_in), explanation)


def _scores(page: _Page, explanation: Explanation, height_in: float) -> None:
    signals.scores(page.panel(_WIDE, 0, height_in), explanation)
