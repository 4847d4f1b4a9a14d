"""A day of sound made from samples/ by formula: the same for the same seed, scene by scene, never all at once.

Scenes of a minute: talk (clips of voices, noises and music at any level, with pauses over a bed of noise), a
steady noise, digital silence. From 02:00 to 05:00 it is night: silence without a break, then a room that hums.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voxlite.audio import read_audio
from voxlite.values import FloatArray

RATE_HZ = 16_000
SCENE_S = 60
DAY_S = 86_400
_NIGHT_S = (7_200, 16_200, 18_000)  # silence begins, the hum begins, it ends
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


class Day:
    """Sound of any length.

    Parameters
    ----------
    seed
        Which day.
    rate_hz
        Rate of the sound, 4 000..32 000.
    """

    def __init__(self, seed: int, rate_hz: int = RATE_HZ) -> None:
        self._seed, self._rate_hz = seed, rate_hz
        paths = sorted(SAMPLES.glob("*.flac"))
        self._clips = [
            read_audio(path, rate_hz).samples[: 30 * rate_hz] for path in paths if path.stem != "call"
        ]
        self._beds = [read_audio(path, rate_hz).samples for path in sorted(SAMPLES.glob("noise-*.flac"))]

    def scene(self, number: int) -> FloatArray:
        """Return scene `number`, float32[SCENE_S * rate_hz], within -1..1."""
        rng = np.random.default_rng([self._seed, number])
        n, at_s = SCENE_S * self._rate_hz, number * SCENE_S % DAY_S
        if _NIGHT_S[0] <= at_s < _NIGHT_S[1]:
            return np.zeros(n, np.float32)
        bed = np.resize(self._beds[rng.integers(len(self._beds))], n)
        if _NIGHT_S[1] <= at_s < _NIGHT_S[2]:
            return np.asarray(bed * np.float32(0.05), np.float32)
        made = np.asarray(bed * np.float32(10 ** rng.uniform(-4, -1)), np.float32)
        if rng.random() < 0.2:
            made[:] = 0  # a line without noise: pauses are digital silence
        at = 0
        while at < n:
            at += int(rng.exponential(2.0) * self._rate_hz)
            clip = self._clips[rng.integers(len(self._clips))][: max(0, n - at)]
            made[at : at + len(clip)] += clip * np.float32(10 ** rng.uniform(-1.5, 0))
            at += len(clip)
        return np.asarray(np.clip(made, -1, 1), np.float32)

    def scenes(self, seconds: float) -> Iterator[FloatArray]:
        """Yield `seconds` of the day, scene by scene; the last one may be cut."""
        left, number = round(seconds * self._rate_hz), 0
        while left > 0:
            part = self.scene(number)[:left]
            yield part
            left, number = left - len(part), number + 1
