"""Sounds that hold no voice whatever their level: a detector that hears one in them is wrong, always.

Digital silence, offset, noise, tones, hum, dialled digits (ITU-T Q.23) and the tones of telephone exchanges
(ITU-T E.180). They are made by formulas of their own, not by those that training draws from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from voxlite.values import FloatArray

LEVELS_DBFS = (-60.0, -50.0, -40.0, -30.0, -20.0, -10.0, 0.0)
_NOISES = {"white noise": 0.0, "pink noise": 1.0, "brown noise": 2.0}
_TONES_HZ = (50.0, 100.0, 150.0, 220.0, 440.0, 1000.0, 2000.0, 3150.0, 6000.0)
_DIGITS = "123A456B789C*0#D"
_ROWS_HZ, _COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_EXCHANGES = {  # frequencies in hertz, then seconds on and off in turn
    "ring-back, Europe": ((425,), (1.0, 4.0)),
    "ring-back, North America": ((440, 480), (2.0, 4.0)),
    "ring-back, United Kingdom": ((400, 450), (0.4, 0.2, 0.4, 2.0)),
    "ring-back, Japan": ((384, 416), (1.0, 2.0)),
    "busy, Europe": ((425,), (0.5, 0.5)),
    "busy, North America": ((480, 620), (0.5, 0.5)),
    "dial tone, North America": ((350, 440), (60.0,)),
}


@dataclass(frozen=True)
class Sound:
    """One sound without a voice; `samples` float32[n] in -1..1, `level_dbfs` None where it has none."""

    family: str
    name: str
    level_dbfs: float | None
    samples: FloatArray


def sounds(rate_hz: int, *, seconds: float = 3.0, seed: int = 0) -> Iterator[Sound]:
    """Yield every sound at every level.

    Parameters
    ----------
    rate_hz
        Sampling rate.
    seconds
        Length of each sound.
    seed
        Of the noises.

    Yields
    ------
    Sound
        RMS at `level_dbfs` (relative to full scale 1.0), clipped to -1..1.
    """
    n = int(seconds * rate_hz)
    t = np.arange(n) / rate_hz
    yield Sound("silence", "digital silence", None, np.zeros(n, np.float32))
    yield Sound("silence", "constant offset 0.1", None, np.full(n, 0.1, np.float32))
    yield Sound(
        "silence", "least bit toggling", None, (np.arange(n) % 2 / np.float32(32_768)).astype(np.float32)
    )
    rng = np.random.default_rng(seed)
    for name, slope in _NOISES.items():
        yield from _levels("noise", name, _noise(rng, n, slope))
    for hz in _TONES_HZ:
        yield from _levels("tones", f"tone {hz:.0f} Hz", np.sin(2 * np.pi * hz * t))
    for hz in (50, 60):
        yield from _levels("tones", f"hum {hz} Hz", _hum(hz, t))
    for index, digit in enumerate(_DIGITS):
        pair = _ROWS_HZ[index // 4], _COLUMNS_HZ[index % 4]
        yield from _levels("DTMF", f"digit {digit}", _mix(pair, t) * (t % 0.4 < 0.2))
    for name, (frequencies, cadence) in _EXCHANGES.items():
        yield from _levels("exchange tones", name, _mix(frequencies, t) * _on(t, cadence))


def _hum(hz: float, t: np.ndarray) -> np.ndarray:
    order = np.arange(1, 12)[:, None]
    return np.asarray(np.sum(np.sin(2 * np.pi * hz * order * t) / order, axis=0))


def _mix(frequencies_hz: tuple[int, ...], t: np.ndarray) -> np.ndarray:
    return np.asarray(np.sum([np.sin(2 * np.pi * hz * t) for hz in frequencies_hz], axis=0))


def _on(t: np.ndarray, cadence_s: tuple[float, ...]) -> np.ndarray:
    edges = np.cumsum(cadence_s)
    return np.asarray(np.searchsorted(edges, t % edges[-1], side="right") % 2 == 0)


def _noise(rng: np.random.Generator, n: int, slope: float) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2)
    spectrum[0] = 0
    return np.asarray(np.fft.irfft(spectrum, n))


def _levels(family: str, name: str, shape: np.ndarray) -> Iterator[Sound]:
    unit = shape / np.sqrt(np.mean(np.square(shape)))
    for level_dbfs in LEVELS_DBFS:
        samples = np.clip(unit * 10 ** (level_dbfs / 20), -1, 1).astype(np.float32)
        yield Sound(family, name, level_dbfs, samples)


def check(
    score: Callable[[FloatArray], float],
    rate_hz: int,
    threshold: float,
    *,
    seconds: float = 3.0,
    hears: Callable[[FloatArray], bool] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, object]:
    """Score every sound and list the highest score of each family, and each sound taken for a voice.

    Parameters
    ----------
    score
        The detector: float32[n] samples to a number.
    rate_hz
        Rate it wants.
    threshold
        At or above it, a score means voice.
    seconds
        Length of each sound.
    hears
        Whether the detector finds a stretch of voice in a sound, where it finds stretches.
    tick
        Called after each sound, for a progress bar.

    Returns
    -------
    dict
        `families` (name -> n, worst score, worst sound), `called_voice` (sounds at or above the threshold with
        their scores) and `voice_found` (sounds in which `hears` is true).
    """
    families: dict[str, dict[str, object]] = {}
    called_voice: list[dict[str, object]] = []
    voice_found: list[str] = []
    worst: dict[str, float] = {}
    for sound in sounds(rate_hz, seconds=seconds):
        value = float(score(sound.samples))
        what = sound.name if sound.level_dbfs is None else f"{sound.name} at {sound.level_dbfs:.0f} dBFS"
        row = families.setdefault(sound.family, {"n": 0, "worst_score": None, "worst": ""})
        row["n"] = int(str(row["n"])) + 1
        if value > worst.get(sound.family, -np.inf):
            worst[sound.family] = value
            row.update(worst_score=value, worst=what)
        if value >= threshold:
            called_voice.append({"sound": what, "score": value})
        if hears is not None and hears(sound.samples):
            voice_found.append(what)
        tick()
    return {"families": families, "called_voice": called_voice, "voice_found": voice_found}


def count(rate_hz: int) -> int:
    """Return how many sounds `check` scores."""
    return sum(1 for _ in sounds(rate_hz, seconds=0.05))
