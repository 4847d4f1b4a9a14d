"""Quality figures as lines for people: a name, and a value with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voxlite.report.palette import clock, grouped


def _decibels(unit: str) -> Callable[[float], str]:
    return lambda value: f"{value:.1f} {unit}"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 60 else clock(value)


def _share(value: float) -> str:
    percent = 100 * value
    # A single clipped sample in an hour must not read as 0.0 %.
    return f"{percent:.1f} %" if percent == 0 or percent >= 0.05 else f"{percent:.1g} %"


def _hertz(value: float) -> str:
    return f"{grouped(round(value))} Hz"


FIGURES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("rms_dbfs", "Level (RMS)", _decibels("dBFS")),
    ("peak_dbfs", "Peak", _decibels("dBFS")),
    ("loudness_lufs", "Loudness", _decibels("LUFS")),
    ("snr_db", "Signal to noise, about", _decibels("dB")),
    ("bandwidth_hz", "Bandwidth", _hertz),
    ("longest_silence_s", "Longest silence", _seconds),
    ("clipped_share", "Clipped samples", _share),
    ("dc_offset_share", "DC offset", lambda value: f"{100 * abs(value):.2f} % of full scale"),
    ("n_drop_outs", "Drop-outs", str),
    ("dead_channels", "Dead channels", lambda value: ", ".join(map(str, value))),
)
"""Key in `QualityReport.to_dict()`, name for people, and how the value is written."""


def quality_lines(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, value with unit) for the figures at hand, in the order of `FIGURES`."""
    return [
        (name, "not measurable" if figures[key] is None else write(figures[key]))
        for key, name, write in FIGURES
        if key in figures and (key != "dead_channels" or figures[key])
    ]
