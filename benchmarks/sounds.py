"""The sound that the speed benchmarks run on: the sample call, repeated, as it is or over a steady floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from benchmarks.common import RATE_HZ
from voxlite.audio import Audio
from voxlite.errors import VoxliteError
from voxlite.values import FloatArray

CALL = Path(__file__).resolve().parent.parent / "samples" / "call.flac"
_FLOOR_DBFS = -45.0


def call(seconds: float, *, busy: bool) -> FloatArray:
    """Return float32[seconds * 16 000] of the sample call, repeated.

    Parameters
    ----------
    seconds
        Length.
    busy
        Add noise at -45 dBFS throughout, so that no part counts as silence and none is skipped.

    Raises
    ------
    VoxliteError
        If the sample is missing.
    """
    if not CALL.is_file():
        raise VoxliteError(f"{CALL}: the sample call is missing; fetch it with scripts/fetch_samples.py")
    n = int(seconds * RATE_HZ)
    samples = np.resize(Audio.read(CALL, rate_hz=RATE_HZ).samples, n)
    if busy:
        noise = np.random.default_rng(0).standard_normal(n, np.float32)
        samples = samples + noise * np.float32(10 ** (_FLOOR_DBFS / 20))
    return np.clip(samples, -1, 1).astype(np.float32)


def write_wav(path: Path, seconds: float, *, busy: bool) -> None:
    """Write such sound as 16-bit mono WAV, a minute at a time."""
    minute = call(min(60.0 * 10, seconds), busy=busy)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16") as file:
        left = int(seconds * RATE_HZ)
        while left > 0:
            file.write(minute[:left])
            left -= len(minute)
