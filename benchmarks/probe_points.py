"""The front ends whose quality is compared: one base point, and one change at a time.

A probe is the compact net at half its widths. Its time strides follow the hop, so that a step stays near 40 ms and the
net hears about as much before and after it, whatever the hop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from voxlite.frontend import FrontEndConfig

if TYPE_CHECKING:
    from voxlite.training.voice.nets import CompactPlan

BASE = "base"
_AUC = "auc_"
_WIDTHS = 24, (48, 72, 96), 128
"""Stem, stages and context of the compact net."""


@dataclass(frozen=True)
class Point:
    """A front end, and the time strides of the three stages behind it."""

    config: FrontEndConfig
    strides: tuple[int, int, int] = (2, 1, 1)

    def plan(self, share: int = 1) -> CompactPlan:
        """Return the net: the compact one, or one with a `share`-th of its channels."""
        from voxlite.training.voice.nets import CompactPlan

        stem, stages, width = _WIDTHS
        return CompactPlan(
            stem=stem // share,
            stages=tuple((n // share, stride) for n, stride in zip(stages, self.strides, strict=True)),
            width=width // share,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: two points with the same are the same."""
        return {"config": self.config.to_dict(), "strides": list(self.strides)}


def points() -> dict[str, Point]:
    """Return name -> point, the base first."""
    base = FrontEndConfig()
    telephone = replace(base, low_hz=300.0, high_hz=3_400.0, mel_bands=40)
    narrow = replace(base, rate_hz=8_000, fft_size=256, high_hz=3_800.0, mel_bands=40)
    return {
        BASE: Point(base),
        "window 16 ms": Point(replace(base, window_s=0.016)),
        "window 32 ms": Point(replace(base, window_s=0.032)),
        "window 40 ms": Point(replace(base, window_s=0.040, fft_size=1024)),
        "hop 5 ms": Point(replace(base, hop_s=0.005), (2, 2, 1)),
        "hop 16 ms": Point(replace(base, hop_s=0.016), (1, 1, 1)),
        "hop 20 ms": Point(replace(base, hop_s=0.020), (1, 1, 1)),
        "40 bands": Point(replace(base, mel_bands=40)),
        "32 bands": Point(replace(base, mel_bands=32, coefficients=32)),
        "300..3400 Hz, 40 bands": Point(telephone),
        "8 kHz, 40 bands": Point(narrow),
    }


def describe(name: str) -> str:
    """Return a point in words: the base by its settings, another by what it changes."""
    if name != BASE:
        return name
    config = points()[BASE].config
    window_ms, hop_ms = 1000 * config.window_s, 1000 * config.hop_s
    return (
        f"window {window_ms:g} ms, hop {hop_ms:g} ms, {config.low_hz:g}..{config.high_hz:g} Hz, "
        f"{config.mel_bands} bands"
    )


def quality(probes: Sequence[dict[str, Any]], name: str, split: str) -> dict[str, float] | None:
    """Return condition -> ROC-AUC of a point's probes, the mean over their seeds; None if none was trained."""
    rows = [row[split] for row in probes if row["name"] == name]
    if not rows:
        return None
    conditions = [key.removeprefix(_AUC) for key in rows[0] if key.startswith(_AUC)]
    return {condition: fmean(row[_AUC + condition] for row in rows) for condition in conditions}


def spread(probes: Sequence[dict[str, Any]], split: str) -> float | None:
    """Return by how much the base's mean ROC-AUC differs between seeds, None for fewer than two."""
    means = [
        fmean(value for key, value in row[split].items() if key.startswith(_AUC))
        for row in probes
        if row["name"] == BASE
    ]
    return max(means) - min(means) if len(means) > 1 else None
