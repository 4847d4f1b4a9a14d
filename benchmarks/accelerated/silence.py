"""Row 5: silence removal. The gate on against off, over the share of silence in a recording."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.accelerated.row import Part, Row, Setup
from benchmarks.common import RATE_HZ
from voxlite.activity import SilenceGate
from voxlite.audio import Audio
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray

TITLE = "silence removal"
DEFAULT = "the gate is always on: it costs little where there is no silence"
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)
_CYCLE_S = 10.0
_HISS_DBFS = -75.0


def measure(setup: Setup) -> Row:
    """Time the detector with and without its gate."""
    detector = VoiceDetector(model=setup.compact, threads=1)
    parts = []
    for share in SHARES:
        audio = Audio(with_silence(setup.sound(setup.seconds).samples, share), RATE_HZ)

        def off(audio: Audio = audio) -> object:
            with open_gate():
                return detector.scores(audio)

        def on(audio: Audio = audio) -> object:
            return detector.scores(audio)

        taken = setup.per_second_ms({"off": off, "on": on}, audio.duration_s)
        parts.append(
            Part(
                f"compact net, {100 * share:.0f} % silence",
                "no gate",
                "gate",
                taken["off"],
                taken["on"],
                more={"silence_share": share},
            )
        )
    return Row(TITLE, DEFAULT, tuple(parts))


def with_silence(samples: FloatArray, share: float) -> FloatArray:
    """Return the sound with the end of every ten seconds replaced by the hiss of a quiet room."""
    hiss = np.random.default_rng(0).standard_normal(len(samples), np.float32)
    hiss *= np.float32(10 ** (_HISS_DBFS / 20))
    at_s = np.arange(len(samples)) / RATE_HZ % _CYCLE_S
    return np.where(at_s >= _CYCLE_S * (1 - share), hiss, samples)


def open_gate() -> AbstractContextManager[Any]:
    """Return a context in which the gate measures levels only, and so leaves everything to the net."""

    def nothing(gate: SilenceGate, samples: FloatArray) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        power = np.square(samples.reshape(-1, gate.frame)).mean(axis=1, dtype=np.float64)
        return np.zeros(len(power), np.bool_), power

    return mock.patch.object(SilenceGate, "push", nothing)
