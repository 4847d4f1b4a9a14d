"""Pictures of evaluations and training runs: ROC, DET (Martin et al. 1997), reliability, history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import MissingExtraError
from voxlite.training import metrics
from voxlite.training.protocol import CLEAN
from voxlite.training.voice.evaluate import Evaluation

_DET_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_SHOWN = (CLEAN, "10 dB", "5 dB", "0 dB", "telephone", "0.5 s")


def _figure(**keywords: Any) -> Any:
    """Return a figure that no screen and no global state knows of."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("drawing the pictures of an evaluation", "train") from None
    return Figure(layout="constrained", **keywords)


def probit(share: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the normal quantile of a share, the scale of a DET picture; 0 and 1 are drawn at its edges."""
    try:
        from scipy.special import ndtri
    except ImportError:
        raise MissingExtraError("drawing a DET picture", "train") from None
    return np.asarray(ndtri(np.clip(share, 1e-4, 1 - 1e-4)), np.float64)


def _curves(evaluation: Evaluation) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Return false alarm and miss rates of the conditions worth a line, from "all alarms" to "none"."""
    curves = {}
    for name in _SHOWN:
        if name in evaluation.conditions:
            _, false_alarms, misses = metrics.error_rates(evaluation.conditions[name], evaluation.truth)
            curves[name] = np.append(false_alarms, 0.0), np.append(misses, 1.0)
    return curves


def draw_roc(evaluation: Evaluation, path: Path) -> None:
    """Draw recall over false alarms, zoomed to the corner that matters."""
    figure = _figure(figsize=(6, 5))
    axes = figure.add_subplot(
        xlabel="false alarm rate",
        ylabel="recall",
        xlim=(0, 0.2),
        ylim=(0.8, 1.002),
        title="ROC, voice or not",
    )
    for name, (false_alarms, misses) in _curves(evaluation).items():
        auc = metrics.roc_auc(evaluation.conditions[name], evaluation.truth)
        axes.plot(false_alarms, 1 - misses, label=f"{name} (AUC {auc:.4f})")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)


def draw_det(evaluation: Evaluation, path: Path) -> None:
    """Draw misses over false alarms on normal-deviate axes."""
    draw_det_curves(_curves(evaluation), "DET, voice or not", path)


def draw_det_curves(curves: dict[str, tuple[NDArray[Any], NDArray[Any]]], title: str, path: Path) -> None:
    """Draw a DET picture of (false alarm rates, miss rates) by name."""
    figure = _figure(figsize=(6, 6))
    axes = figure.add_subplot(xlabel="false alarm rate", ylabel="miss rate", title=title)
    for name, (false_alarms, misses) in curves.items():
        axes.plot(probit(false_alarms), probit(misses), label=name)
    ticks = probit(np.array(_DET_TICKS))
    labels = [f"{100 * tick:g} %" for tick in _DET_TICKS]
    axes.set_xticks(ticks, labels)
    axes.set_yticks(ticks, labels)
    axes.set(xlim=(ticks[0], ticks[-1]), ylim=(ticks[0], ticks[-1]))
    axes.axline((0, 0), slope=1, color="grey", linewidth=0.8, linestyle=":")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=120)


def draw_reliability(evaluation: Evaluation, path: Path) -> None:
    """Draw the share of voices over the mean score of each bin, with the windows per bin below."""
    figure = _figure(figsize=(6, 6))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot((0, 1), (0, 1), color="grey", linewidth=0.8, linestyle=":")
    for name in (CLEAN, "5 dB"):
        values = evaluation.conditions.get(name)
        if values is None or values.min() < 0 or values.max() > 1:
            continue
        error, points = metrics.calibration(values, evaluation.truth, evaluation.protocol.bins)
        confidence = [point["confidence"] for point in points]
        upper.plot(confidence, [point["share"] for point in points], "o-", label=f"{name} (ECE {error:.3f})")
        lower.semilogy(confidence, [point["n"] for point in points], "o-")
    upper.set(ylabel="share of voices", xlim=(0, 1), ylim=(0, 1), title="Reliability of the score")
    lower.set(xlabel="score", ylabel="windows")
    for axes in (upper, lower):
        axes.grid(alpha=0.3)
    if upper.get_legend_handles_labels()[0]:
        upper.legend()
    figure.savefig(path, dpi=120)


_FIGURES = {
    "auc_": "validation ROC-AUC",
    "far99_": "false alarms at 99 % recall",
    "eer_": "validation equal error rate",
}
"""Beginnings of an epoch's figures, and what they are called."""


def draw_history(history: dict[str, Any], path: Path) -> None:
    """Draw the loss of a training run over its steps, and below it the figures of its validations.

    Parameters
    ----------
    history
        What `voxlite.training.fit.train` returned.
    path
        A .png to write.
    """
    epochs = history["epochs"]
    steps = [epoch["step"] for epoch in epochs]
    names = sorted({key for epoch in epochs for key in epoch})
    shown = {
        prefix: own for prefix in _FIGURES if (own := [name for name in names if name.startswith(prefix)])
    }
    figure = _figure(figsize=(7, 2.7 * (1 + len(shown))))
    loss, *rest = np.atleast_1d(figure.subplots(1 + len(shown), 1, sharex=True))
    loss.plot(steps, [epoch["loss"] for epoch in epochs])
    loss.set(ylabel="training loss", title="Training history")
    for axes, (prefix, own) in zip(rest, shown.items(), strict=True):
        for name in own:
            axes.plot(steps, [epoch.get(name, np.nan) for epoch in epochs], label=name.removeprefix(prefix))
        axes.set(ylabel=_FIGURES[prefix])
        axes.legend()
    for axes in (loss, *rest):
        axes.grid(alpha=0.3)
    (rest[-1] if rest else loss).set(xlabel="step")
    figure.savefig(path, dpi=120)


def draw_evaluation(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw `roc.png`, `det.png` and `reliability.png` into a folder and return their paths.

    Raises
    ------
    MissingExtraError
        If matplotlib or SciPy is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("roc.png", "det.png", "reliability.png")]
    for draw, path in zip((draw_roc, draw_det, draw_reliability), paths, strict=True):
        draw(evaluation, path)
    return paths
