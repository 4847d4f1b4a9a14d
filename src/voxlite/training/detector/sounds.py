"""A user's recordings as windows of a detector's length: where they sound, and as they would sound in other places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voxlite.audio import Audio, Conformer, mix_down, open_recording
from voxlite.audio.listing import find_recordings
from voxlite.errors import AudioError, VoxliteError
from voxlite.values import FloatArray

_HOP_S = {True: 0.25, False: 1.0}
"""Between windows of a sound that is to be found, and of another."""
_MOST_WINDOWS = 60
"""Of one recording, spread over it: a long one must not outweigh the others."""
_LONGEST_S = 600.0
"""What is read of a recording."""
_BELOW_LOUDEST_DB = 20.0
_SILENT = 1e-6
"""Mean square of a window that holds nothing, -60 dBFS."""
_GAINS_DB = (-15.0, 6.0)
_SNRS_DB = (0.0, 25.0)
_ALONE = 0.3
"""Share of the copies that nothing else sounds beside."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording's windows that sound.

    Parameters
    ----------
    path
        Where it lies.
    wanted
        Whether it holds the sound that is to be found.
    windows
        float32[n, samples].
    """

    path: Path
    wanted: bool
    windows: FloatArray = field(repr=False)


def read_folders(
    wanted: Sequence[Path],
    others: Sequence[Path],
    rate_hz: int,
    n_samples: int,
    tick: Callable[[], None] = lambda: None,
) -> list[Recording]:
    """Read every recording of folders; those that hold nothing but silence are left out.

    Parameters
    ----------
    wanted, others
        Folders or files of the sound that is to be found, and of everything else.
    rate_hz, n_samples
        Of the detector.
    tick
        Called after each recording.

    Raises
    ------
    AudioError
        If a recording cannot be read, or a folder holds none.
    VoxliteError
        If a recording is named on both sides.
    """
    sides = {True: find_recordings(wanted), False: find_recordings(others)}
    both = {path.resolve() for path in sides[True]} & {path.resolve() for path in sides[False]}
    if both:
        raise VoxliteError(f"{min(both)}: on both sides; a recording either holds the sound or does not")
    found = []
    for side, paths in sides.items():
        for path in paths:
            samples = _read(path, rate_hz)
            windows = windows_of_sound(samples, n_samples, round(_HOP_S[side] * rate_hz))
            if len(windows):
                found.append(Recording(path, side, windows))
            tick()
    return found


def _read(path: Path, rate_hz: int) -> FloatArray:
    """Return the first minutes of a recording as float32[n] at a rate."""
    with open_recording(path) as recording:
        conformer, parts, n = Conformer(recording.rate_hz, rate_hz), [], 0
        for block in recording.blocks():
            parts.append(conformer.push(mix_down(block)))
            n += len(parts[-1])
            if n >= _LONGEST_S * rate_hz:
                break
        parts.append(conformer.flush())
    samples = np.concatenate(parts)
    if not len(samples):
        raise AudioError(f"{path}: holds no sound: remove it, or record it again")
    return Audio(samples, rate_hz).samples


def windows_of_sound(samples: FloatArray, n_samples: int, hop: int) -> FloatArray:
    """Return windows that are no more than 20 dB below the loudest one, float32[n, n_samples].

    A shorter recording lies in the middle of one window.
    """
    if len(samples) < n_samples:
        before = (n_samples - len(samples)) // 2
        samples = np.pad(samples, (before, n_samples - len(samples) - before))
    starts = np.arange(0, len(samples) - n_samples + 1, hop)
    power = np.array([np.mean(np.square(samples[at : at + n_samples])) for at in starts])
    loud = starts[(power > _SILENT) & (power >= power.max() * 10 ** (-_BELOW_LOUDEST_DB / 10))]
    if len(loud) > _MOST_WINDOWS:
        loud = loud[np.linspace(0, len(loud) - 1, _MOST_WINDOWS).round().astype(int)]
    return (
        np.stack([samples[at : at + n_samples] for at in loud])
        if len(loud)
        else np.zeros((0, n_samples), np.float32)
    )


def heard(
    recording: Recording, around: Sequence[Recording], copies: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield each window of a recording as it is, then copies at other levels and, mostly, beside another sound.

    Parameters
    ----------
    recording
        Whose windows.
    around
        Recordings without the sound that is to be found; one of them must not be `recording`.
    copies
        Per window.
    rng
        Of what is random.
    """
    for window in recording.windows:
        yield window
        for _ in range(copies):
            gain = 10 ** (rng.uniform(*_GAINS_DB) / 20)
            if rng.random() < _ALONE:
                yield _bounded(window * gain)
                continue
            other = around[int(rng.integers(len(around)))]
            while other is recording and len(around) > 1:
                other = around[int(rng.integers(len(around)))]
            beside = other.windows[rng.integers(len(other.windows))]
            yield _bounded(gain * (window + beside * _level(window, beside, rng.uniform(*_SNRS_DB))))


def _level(window: FloatArray, beside: FloatArray, snr_db: float) -> float:
    """Return what `beside` is multiplied by to lie `snr_db` below a window."""
    powers = float(np.mean(np.square(window))), float(np.mean(np.square(beside)))
    return float(np.sqrt(powers[0] / max(powers[1], 1e-12)) * 10 ** (-snr_db / 20))


def _bounded(samples: FloatArray) -> FloatArray:
    return np.asarray(np.clip(samples, -1, 1), np.float32)
