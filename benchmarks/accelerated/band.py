"""Row 2: band limiting to the vocal range. The 20 Hz high-pass in the chain, and a front end of 300..3400 Hz."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.accelerated.frames import compared
from benchmarks.accelerated.row import Aucs, Part, Row, Setup
from benchmarks.common import RATE_HZ
from benchmarks.windows import altered, roc_aucs, verdicts
from voxlite.audio.banding import BandLimiter
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.windows import Windows
from voxlite.values import FloatArray

TITLE = "band limiting to the vocal range"
DEFAULT = "a high-pass at 20 Hz; 60..7600 Hz into the net"
NARROW = "300..3400 Hz, 40 bands"
_RUMBLE_HZ, _RUMBLE, _OFFSET = 8.0, 0.3, 0.1


def measure(setup: Setup) -> Row:
    """Time the chain with and without its band limiter, and the net behind a narrow front end."""
    detector = VoiceDetector(model=setup.compact, threads=1)
    audio = setup.sound(setup.seconds)

    def off() -> object:
        with no_limit():
            return detector.scores(audio)

    taken = setup.per_second_ms({"off": off, "on": lambda: detector.scores(audio)}, setup.seconds)
    remarks = [setup.windows] if isinstance(setup.windows, str) else []
    sets = None if isinstance(setup.windows, str) else setup.windows
    parts = [
        Part(what, "no high-pass", "high-pass at 20 Hz", taken["off"], taken["on"], *aucs)
        for what, aucs in (
            ("compact net", _qualities(detector, sets)),
            ("compact net, rumble added", _qualities(detector, sets and altered(sets, rumbling))),
        )
    ]
    more, said = compared(setup, [NARROW])
    return Row(TITLE, DEFAULT, (*parts, *more), (*remarks, *said))


def _qualities(detector: VoiceDetector, sets: dict[str, Windows] | None) -> tuple[Aucs | None, Aucs | None]:
    """Return the ROC-AUC without and with the band limiter."""
    if sets is None:
        return None, None
    with no_limit():
        off = roc_aucs(sets, verdicts(detector))
    return off, roc_aucs(sets, verdicts(detector))


def rumbling(samples: FloatArray) -> FloatArray:
    """Add what a cheap microphone in the wind adds: a strong tone at 8 Hz and a constant offset."""
    t = np.arange(len(samples), dtype=np.float32) / RATE_HZ
    rumble = _OFFSET + _RUMBLE * np.sin(2 * np.pi * _RUMBLE_HZ * t)
    return np.asarray(samples + rumble, np.float32)


def no_limit() -> AbstractContextManager[Any]:
    """Return a context in which sound passes the band limiter untouched."""
    return mock.patch.object(BandLimiter, "push", lambda _limiter, samples: samples)
