"""What the panels of an explanation's picture share: colours, axes of time and amplitude, decibels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.activity.gate import decibels
from voxlite.report.explanation import Explanation
from voxlite.report.palette import FAINT, INK
from voxlite.report.timeline import time_ticks

WAVE, WINDOW, STEP = "#51607a", "#e3ecf7", "#9dbce0"
"""Hex colours of sound, of what a prediction depends on, and of what it is about."""

SMALL = 9
"""Points of the letters in panels."""

LEAST = 1e-3
"""Amplitude that still fills a panel, -60 dBFS: what is fainter is drawn as faint."""


def power_db(explanation: Explanation) -> NDArray[np.float64]:
    """Return the power spectra in dB, 0 for a sine of full scale, never below -120, float64[frames, bins]."""
    full_scale = (float(explanation.stages.hamming.sum()) / 2) ** 2
    return decibels(explanation.stages.power.astype(np.float64) / full_scale)


def bins_khz(explanation: Explanation) -> NDArray[np.float64]:
    """Return the frequencies of the spectrum's points, kHz, float64[bins]."""
    config = explanation.stages.config
    return np.asarray(
        np.arange(config.fft_size // 2 + 1) * config.rate_hz / config.fft_size / 1e3, np.float64
    )


def around_s(explanation: Explanation) -> tuple[float, float]:
    """Return what the panels around the moment span: the sound there, and the window, zeros included."""
    window_s = explanation.window_s
    end_s = explanation.around_s + len(explanation.around) / explanation.stages.config.rate_hz
    return min(window_s[0], explanation.around_s), max(window_s[1], end_s)


def time_axis(axis: Any, begin_s: float, end_s: float, most: int) -> None:
    """Give the axis a clock from one moment to another, with at most `most` ticks."""
    ticks_s, words = time_ticks(begin_s, end_s, most)
    axis.set_xlim(begin_s, end_s)
    axis.set_xticks(ticks_s, words)
    axis.set_xlabel("time (h:mm:ss)" if end_s >= 3600 else "time (m:ss)")
    plain(axis)


def amplitude_axis(axis: Any, peak: float) -> None:
    """Let the axis hold the peak, with ticks at zero and at the largest 1, 2 or 5 below the peak."""
    peak = max(peak, LEAST)
    decade = 10.0 ** np.floor(np.log10(peak))
    tick = decade * max(step for step in (1, 2, 5) if step * decade <= peak * (1 + 1e-9))
    axis.set(ylim=(-1.1 * peak, 1.1 * peak), yticks=[-tick, 0, tick])
    axis.set_yticklabels([f"\N{MINUS SIGN}{tick:g}", "0", f"{tick:g}"])
    y_label(axis, "amplitude")


def hatch_zeros(axis: Any, explanation: Explanation) -> None:
    """Hatch what lies outside of the recording."""
    begin_s, end_s = explanation.window_s
    for low_s, high_s in ((begin_s, 0.0), (explanation.duration_s, end_s)):
        if low_s < high_s:
            axis.axvspan(
                low_s, high_s, facecolor="white", edgecolor=FAINT, hatch="///", linewidth=0, zorder=3
            )


def y_label(axis: Any, text: str) -> None:
    """Say what the axis of the ordinates shows."""
    axis.set_ylabel(text, fontsize=SMALL, color=INK)


def plain(axis: Any) -> None:
    """Give the axis the picture's letters and no more lines than it needs."""
    axis.tick_params(labelsize=SMALL, colors=INK, length=3)
    axis.xaxis.label.set_fontsize(SMALL)
    axis.xaxis.label.set_color(INK)
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(FAINT)
