"""Likelihood ratios of pairs of recordings as a matrix of colours: blue for one voice, orange for two."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np

from voxlite.report.canvas import new_figure, picture_path, save_figure
from voxlite.report.palette import INK, recording_name
from voxlite.values import FloatArray

_STRONGEST = 8.0
"""LLR at which a colour is full: three thousand to one."""


def draw_pairs(names: Sequence[str], llrs: FloatArray, out_path: str | PathLike[str], title: str) -> None:
    """Draw a matrix.

    Parameters
    ----------
    names
        Of the recordings.
    llrs
        float32[n, n], natural logarithm.
    out_path
        PNG, SVG or PDF.
    title
        One line above it.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    VoxliteError
        If the picture cannot be written.
    """
    path = picture_path(out_path)
    n = len(names)
    figure = new_figure(2.2 + 0.5 * n, 1.8 + 0.5 * n, layout="constrained")
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("pairs", ["#e69f00", "#ffffff", "#1f77b4"])
    axes = figure.add_subplot()
    image = axes.imshow(llrs, cmap=colours, vmin=-_STRONGEST, vmax=_STRONGEST)
    labels = [recording_name(name, 24) for name in names]
    axes.set_xticks(np.arange(n), labels, rotation=45, ha="right", color=INK)
    axes.set_yticks(np.arange(n), labels, color=INK)
    axes.tick_params(length=0, labelsize=8)
    for row in range(n):
        for column in range(n):
            strong = abs(llrs[row, column]) > 0.75 * _STRONGEST
            colour = "white" if strong and llrs[row, column] > 0 else INK
            text = "=" if row == column else f"{llrs[row, column]:.1f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
    axes.set_title(title, fontsize=10, color=INK)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label("log-likelihood ratio: above 0 rather one person, below rather two", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=8)
    save_figure(figure, path)
