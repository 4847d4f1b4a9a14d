"""Panels of an explanation's picture that show curves: the sound, one frame of it, and the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voxlite.report.explained.axes import (
    LEAST,
    SMALL,
    STEP,
    WAVE,
    WINDOW,
    amplitude_axis,
    around_s,
    bins_khz,
    hatch_zeros,
    plain,
    power_db,
    time_axis,
    y_label,
)
from voxlite.report.explanation import Explanation
from voxlite.report.palette import COLOURS, FAINT, GRID, INK


def overview(axis: Any, explanation: Explanation) -> None:
    """Draw the outline of the whole recording and where the window lies in it."""
    outline = explanation.envelope
    duration_s = explanation.duration_s
    times_s = (np.arange(len(outline.low)) + 0.5) * duration_s / len(outline.low)
    axis.fill_between(times_s, outline.low, outline.high, color=FAINT, linewidth=0.5)
    low_s, high_s = explanation.window_s
    axis.axvspan(
        max(low_s, 0), min(high_s, duration_s), facecolor=WINDOW, edgecolor=STEP, linewidth=1.5, zorder=0
    )
    above = axis.get_xaxis_transform()
    axis.plot([explanation.at_s], [1], "v", color=INK, markersize=7, clip_on=False, transform=above)
    time_axis(axis, 0.0, duration_s, 13)
    top = 1.1 * max(float(np.abs([outline.low, outline.high]).max()), LEAST)
    axis.set(ylim=(-top, top), yticks=[], xlabel="")
    axis.tick_params(pad=1)
    axis.spines["left"].set_visible(False)


def waveform(axis: Any, explanation: Explanation) -> None:
    """Draw the sound around the moment; the window light, the step dark."""
    samples, rate_hz = explanation.around, explanation.stages.config.rate_hz
    begin_s = explanation.around_s
    times_s = begin_s + np.arange(len(samples)) / rate_hz
    axis.axvspan(*explanation.window_s, color=WINDOW, linewidth=0)
    axis.axvspan(*explanation.step_s, color=STEP, linewidth=0)
    axis.plot(times_s, samples, color=WAVE, linewidth=0.6)
    time_axis(axis, *around_s(explanation), 10)
    amplitude_axis(axis, float(np.abs(samples).max()))
    hatch_zeros(axis, explanation)


def frame(axes: Sequence[Any], explanation: Explanation) -> None:
    """Draw one frame, the same under the Hamming window, and its spectrum."""
    shown = explanation.stages
    rate_hz = shown.config.rate_hz
    times_ms = 1e3 * np.arange(len(shown.frame_samples)) / rate_hz
    peak = max(float(np.abs(shown.frame_samples).max()), LEAST)
    for axis, values, title in (
        (axes[0], shown.frame_samples, "the frame"),
        (axes[1], shown.weighted, "times the Hamming window"),
    ):
        axis.plot(times_ms, values, color=WAVE, linewidth=1)
        axis.set(xlim=(0, 1e3 * len(values) / rate_hz), xlabel="time (ms)")
        amplitude_axis(axis, peak)
        axis.set_title(title, fontsize=SMALL, color=INK, pad=3)
    for sign in (1, -1):
        axes[1].plot(
            times_ms, sign * shown.hamming * peak, color=COLOURS["noise"], linewidth=1.2, linestyle="--"
        )
    axes[1].set_ylabel("")
    spectrum_db = power_db(explanation)[shown.frame]
    axes[2].plot(bins_khz(explanation), spectrum_db, color=WAVE, linewidth=1)
    limits = max(-125, float(spectrum_db.min()) - 5), max(-80, float(spectrum_db.max()) + 5)
    axes[2].set(xlim=(0, rate_hz / 2e3), ylim=limits, xlabel="frequency (kHz)")
    axes[2].set_title("its power spectrum (dB)", fontsize=SMALL, color=INK, pad=3)
    for axis in axes:
        plain(axis)
        axis.grid(True, color=GRID, linewidth=0.8)


def scores(axis: Any, explanation: Explanation) -> None:
    """Draw the probability of every step around the moment, the threshold, and what was silent."""
    found, colour = explanation.scores, COLOURS["voice"]
    edges_s = np.append(found.start_s, found.end_s[-1])
    values = np.append(found.values, found.values[-1])
    axis.axvspan(*explanation.step_s, color=STEP, linewidth=0)
    axis.fill_between(edges_s, 0, values, step="post", color=colour, alpha=0.22, linewidth=0)
    axis.step(edges_s, values, where="post", color=colour, linewidth=1.2)
    spans = [
        (start, end - start)
        for start, end, silent in zip(found.start_s, found.end_s, explanation.silent, strict=True)
        if silent
    ]
    axis.broken_barh(spans, (-0.13, 0.1), facecolors=COLOURS["silence"], linewidth=0)
    axis.axhline(explanation.threshold, color=INK, linewidth=0.9, linestyle=(0, (5, 4)))
    axis.plot([np.mean(explanation.step_s)], [explanation.score], "o", color=INK, markersize=6, zorder=5)
    _bracket(axis, *explanation.decision_s)
    axis.set(ylim=(-0.17, 1.2), yticks=[0, 0.5, 1])
    time_axis(axis, *around_s(explanation), 10)
    y_label(axis, f"probability\nof {explanation.model.metadata.labels[0]}")
    axis.grid(True, axis="y", color=GRID, linewidth=0.8)
    hatch_zeros(axis, explanation)


def _bracket(axis: Any, begin_s: float, end_s: float) -> None:
    axis.plot([begin_s, begin_s, end_s, end_s], [1.07, 1.14, 1.14, 1.07], color=INK, linewidth=1.2)
