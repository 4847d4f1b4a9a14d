from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from voxlite.quality import QualityMeter
from voxlite.report.report import Report
from voxlite.tasks.quality import assess
from voxlite.values import Decision, Scores, Segment


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """Build a report of silence, voice, noise, voice in turns, one second each."""

    def make(n_segments: int = 4, source: str | None = "calls/one.wav", quality: bool = True) -> Report:
        labels = ("silence", "voice", "noise", "voice")
        segments = tuple(Segment(float(k), k + 1.0, labels[k % 4], 0.9) for k in range(n_segments))
        edges_s = np.arange(n_segments * 10 + 1) / 10
        voiced = [labels[int(t) % 4] == "voice" for t in edges_s[:-1] + 0.01]
        meter = QualityMeter(8_000, 2)
        clipped = np.clip(2 * np.sin(np.arange(8_000) / 9), -1, 1).astype(np.float32)
        meter.push(np.stack([clipped, np.zeros_like(clipped)], axis=1))
        return Report(
            source=source,
            duration_s=float(n_segments),
            rate_hz=48_000,
            channels=2,
            voice=Decision("voice", 0.987, 0.5, 3.0, ("only a little",)),
            segments=segments,
            scores=Scores(edges_s[:-1], edges_s[1:], np.array(voiced, np.float32) * 0.9),
            quality=assess(meter.result(), segments, None) if quality else None,
            models=({"task": "voice", "name": "compact", "version": "1", "licence": "CC-BY-4.0"},),
        )

    return make
