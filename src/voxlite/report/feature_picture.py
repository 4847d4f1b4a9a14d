"""Features as pictures: a heat map with axes, or the image's own pixels; matplotlib, extra `plot`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voxlite.errors import MissingExtraError
from voxlite.report.canvas import new_figure
from voxlite.values import FloatArray

_MOST_COLUMNS = 4_000  # wider than any screen; more would only cost memory


def write_image(image: FloatArray, out: Path) -> None:
    """Write a feature image, float32[height, width, 3] in 0..1, pixel by pixel, low rows at the bottom.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.image import imsave
    except ImportError as error:
        raise MissingExtraError("writing .png files", "plot") from error
    imsave(out, np.round(image * 255).astype(np.uint8), origin="lower")


def draw_features(values: FloatArray, kind: str, hop_s: float, out: Path) -> None:
    """Draw a heat map over time.

    Parameters
    ----------
    values
        float32[frames, coefficients or bands].
    kind
        "mfcc" or "logmel".
    hop_s
        Seconds between frames.
    out
        The .png file.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    figure = new_figure(12, 4, layout="constrained")
    axis = figure.add_subplot()
    duration_s = len(values) * hop_s
    image = axis.imshow(
        _narrowed(values).T, origin="lower", aspect="auto", cmap="viridis", interpolation="nearest",
        extent=(0, duration_s, -0.5, values.shape[1] - 0.5),
    )  # fmt: skip
    axis.set_xlabel("time (s)")
    axis.set_ylabel("MFCC coefficient" if kind == "mfcc" else "mel band")
    figure.colorbar(image, label="value" if kind == "mfcc" else "ln energy", pad=0.01)
    figure.savefig(out, dpi=120)


def _narrowed(values: FloatArray) -> FloatArray:
    """Return means of neighbouring frames where there are too many to draw."""
    group = -(-len(values) // _MOST_COLUMNS)
    if group <= 1:
        return values
    starts = np.arange(0, len(values), group)
    sums = np.add.reduceat(values, starts, axis=0)
    counts = np.diff(np.append(starts, len(values)))
    return np.asarray(sums / counts[:, None], np.float32)
