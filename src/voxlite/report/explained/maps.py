"""Panels of an explanation's picture that show features: spectrogram, mel bank, energies, MFCC, the net's input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.activity.gate import SILENCE_DB
from voxlite.frontend.spectrum import hz_to_mel
from voxlite.report.explained.axes import (
    SMALL,
    WAVE,
    WINDOW,
    bins_khz,
    hatch_zeros,
    plain,
    power_db,
    time_axis,
    y_label,
)
from voxlite.report.explained.words import size_text
from voxlite.report.explanation import Explanation
from voxlite.report.palette import COLOURS, FAINT, GRID, INK

_MOST_SHOWN = 95.0  # percent of the coefficients that lie within the scale of the colours
_RANGE_DB = 80.0  # of the spectrogram's colours, below its loudest point


def spectrogram(axis: Any, side: Any, explanation: Explanation) -> None:
    """Draw the power of each frequency in each frame."""
    values = power_db(explanation)
    top = max(float(values.max()), SILENCE_DB + _RANGE_DB)
    khz = explanation.stages.config.rate_hz / 2e3
    _heat(axis, side, values, explanation, (0, khz), (top - _RANGE_DB, top), "viridis")
    y_label(axis, "frequency\n(kHz)")
    side.set_xlabel("dB (0: a sine at full scale)", fontsize=SMALL, color=INK)


def bank(axis: Any, side: Any, explanation: Explanation) -> None:
    """Draw the triangles over frequency, and the mel scale that spaces them."""
    config = explanation.stages.config
    khz = bins_khz(explanation)
    for band, triangle in enumerate(explanation.stages.mel_bank.T):
        reach = np.flatnonzero(triangle)
        part = slice(max(0, reach[0] - 1), reach[-1] + 2)
        colour = (COLOURS["voice"], WAVE)[band % 2]
        axis.plot(khz[part], triangle[part], color=colour, linewidth=0.9)
        axis.fill_between(khz[part], triangle[part], color=colour, alpha=0.12, linewidth=0)
    axis.set(xlim=(0, config.rate_hz / 2e3), ylim=(0, 1.05), yticks=[0, 0.5, 1])
    axis.set_xlabel("frequency (kHz)", fontsize=SMALL, color=INK)
    y_label(axis, "weight")
    hz = np.linspace(0, config.rate_hz / 2, 200)
    side.plot(hz / 1e3, hz_to_mel(hz), color=WAVE, linewidth=1.4)
    side.set(xlim=(0, config.rate_hz / 2e3), ylim=(0, None))
    side.set_xlabel("kHz", fontsize=SMALL, color=INK)
    side.set_title("mel", fontsize=SMALL, color=INK, pad=3)
    for each in (axis, side):
        plain(each)
        each.grid(True, color=GRID, linewidth=0.8)


def energies(axis: Any, side: Any, explanation: Explanation) -> None:
    """Draw the log-mel energies."""
    values = explanation.stages.log_mel
    bands = explanation.stages.config.mel_bands
    limits = float(values.min()), max(float(values.max()), float(values.min()) + 5)
    _heat(axis, side, values, explanation, (0.5, bands + 0.5), limits, "viridis")
    y_label(axis, "mel band")
    side.set_xlabel("ln energy", fontsize=SMALL, color=INK)


def coefficients(axis: Any, side: Any, explanation: Explanation) -> None:
    """Draw the cepstral coefficients, on a scale that shows the higher ones: the lowest are many times larger."""
    values = explanation.stages.mfcc
    reach = max(float(np.percentile(np.abs(values), _MOST_SHOWN)), 1.0)
    _heat(axis, side, values, explanation, (-0.5, values.shape[1] - 0.5), (-reach, reach), "PuOr_r")
    y_label(axis, "coefficient")
    side.axvline(0, color=FAINT, linewidth=0.8)
    side.set_xlabel("value (longer bars are cut)", fontsize=SMALL, color=INK)


def matrix(axis: Any, explanation: Explanation) -> None:
    """Draw what a net without an image is fed, number by number."""
    values = explanation.net_input
    axis.imshow(
        values.T, origin="lower", aspect="auto", cmap="gray", interpolation="nearest",
        extent=(0, values.shape[0], 0, values.shape[1]),
    )  # fmt: skip
    axis.set_xlabel("frame", fontsize=SMALL, color=INK)
    y_label(axis, "mel band")
    plain(axis)


def image(axes: Sequence[Any], explanation: Explanation) -> None:
    """Draw the three planes of an image, and the image itself."""
    pixels = explanation.net_input
    names = ("static", "delta", "delta-delta", "as red, green, blue")
    planes = [pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2], pixels]
    for axis, plane, name in zip(axes, planes, names, strict=True):
        axis.imshow(
            plane, origin="lower", aspect="auto", cmap="gray", vmin=0, vmax=1, interpolation="nearest"
        )
        axis.set_xlabel(name, fontsize=SMALL, color=INK)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_color(FAINT)
    y_label(axes[0], "coefficient" if explanation.stages.config.kind == "mfcc" else "mel band")


def net(axis: Any, explanation: Explanation) -> None:
    """Draw the net as a box: numbers in, one number out."""
    metadata = explanation.model.metadata
    axis.set(xlim=(0, 1), ylim=(0, 1))
    axis.axis("off")
    asked = not explanation.is_silent
    colour = INK if asked else FAINT
    lines = f"{metadata.name}\nversion {metadata.version}, {size_text(explanation.model.size_bytes)}"
    style: dict[str, Any] = {"ha": "center", "va": "center", "color": colour, "parse_math": False}
    box = {"boxstyle": "round,pad=0.6", "facecolor": WINDOW, "edgecolor": colour}
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "linestyle": "-" if asked else ":"}
    axis.annotate("", (0.08, 0.72), (-0.12, 0.72), arrowprops=arrow, annotation_clip=False)
    axis.text(0.55, 0.72, lines, bbox=box, **style)
    axis.annotate("", (0.55, 0.26), (0.55, 0.5), arrowprops=arrow)
    result = f"logit {explanation.logit:.2f}\nprobability {explanation.score:.3f}"
    axis.text(0.55, 0.12, result if asked else "silence:\nnot asked", **style)


def _heat(
    axis: Any, side: Any, values: NDArray[Any], explanation: Explanation, rows: tuple[float, float],
    limits: tuple[float, float], colours: str,
) -> None:  # fmt: skip
    """Draw frames as columns of colour, and one of them as bars whose colours say what the map's mean."""
    shown = explanation.stages
    hop_s, rate_hz = shown.config.hop_s, shown.config.rate_hz
    first_s = explanation.window_s[0] + shown.config.window_samples / 2 / rate_hz - hop_s / 2
    axis.imshow(
        values.T, origin="lower", aspect="auto", cmap=colours, vmin=limits[0], vmax=limits[1],
        interpolation="nearest", extent=(first_s, first_s + len(values) * hop_s, *rows),
    )  # fmt: skip
    time_axis(axis, *explanation.window_s, 9)
    at_s = first_s + (shown.frame + 0.5) * hop_s
    for colour, width in (("white", 3), (INK, 1.2)):  # visible on dark and on bright
        axis.plot([at_s] * 2, [0, 1], color=colour, linewidth=width, transform=axis.get_xaxis_transform())
    hatch_zeros(axis, explanation)
    _bars(side, values[shown.frame], rows, limits, colours)
    plain(side)
    side.tick_params(left=False, labelleft=False)


def _bars(
    axis: Any, values: NDArray[Any], rows: tuple[float, float], limits: tuple[float, float], colours: str
) -> None:
    """Draw lying bars in the colours of a map; from zero where its limits are symmetric, else from the lower one."""
    from matplotlib.collections import PolyCollection
    from matplotlib.ticker import MaxNLocator

    foot = np.full(len(values), 0.0 if limits[0] == -limits[1] else limits[0])
    edges = np.linspace(*rows, len(values) + 1)
    low, high = edges[:-1], edges[1:]
    corners = np.stack([(foot, low), (values, low), (values, high), (foot, high)]).transpose(2, 0, 1)
    bars = PolyCollection(corners, array=values, cmap=colours, clim=limits, linewidths=0, antialiased=False)
    axis.add_collection(bars)
    axis.set(ylim=rows, xlim=limits)
    axis.xaxis.set_major_locator(MaxNLocator(4))
