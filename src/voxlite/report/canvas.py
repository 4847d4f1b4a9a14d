"""A matplotlib figure (the `plot` extra) on its Agg canvas, without pyplot: no window, no global state."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path
from typing import Any

from voxlite.errors import MissingExtraError, VoxliteError

SUFFIXES = (".png", ".svg", ".pdf")
"""Kinds of picture that can be written."""

_DOTS_PER_INCH = 120


def picture_path(out_path: str | PathLike[str]) -> Path:
    """Return the path of a picture after a look at its ending, before any work is done for it.

    Raises
    ------
    VoxliteError
        If it is not one of `SUFFIXES`.
    """
    path = Path(out_path)
    if path.suffix.lower() not in SUFFIXES:
        raise VoxliteError(f"{path}: a picture's name must end in {', '.join(SUFFIXES)}")
    return path


def new_figure(width_in: float, height_in: float, **options: Any) -> Any:
    """Return an empty figure; 120 dots per inch when it is saved.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing a picture", "plot") from error
    figure = Figure(figsize=(width_in, height_in), **options)
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure; a file that exists is replaced.

    Raises
    ------
    VoxliteError
        If the file cannot be written.
    """
    try:
        with warnings.catch_warnings():
            # A file name in a script that the font lacks is drawn as boxes: no reason to trouble anyone.
            warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
            figure.savefig(path, dpi=_DOTS_PER_INCH, facecolor="white")
    except OSError as error:
        raise VoxliteError(f"{path}: the picture cannot be written ({error.strerror or error})") from error
