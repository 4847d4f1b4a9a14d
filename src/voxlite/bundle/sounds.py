"""The sounds of every bundle's test vectors, made by formula from fixed seeds.

Each makes a client take another way: nothing but zeros, less than a step, a rate above and below the model's, a level
that moves through the gate's range, pauses that end a voice, a last step that is cut short. The voice is a buzz:
harmonics of a gliding pitch, shaped by three moving formants at five vowels (Peterson and Barney's averages for men),
four syllables per second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voxlite.audio import Audio
from voxlite.values import FloatArray

_VOWELS_HZ = np.array(
    [[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]], np.float64
)
_FORMANT_WIDTHS_HZ = np.array([90.0, 135.0, 180.0])
_FORMANT_GAINS = 10 ** (np.array([0.0, -6.0, -12.0]) / 20)
_SYLLABLES_PER_S = 4.0
_PITCH_HZ = 120.0
_TOP_HZ = 3_800.0


@dataclass(frozen=True)
class Sound:
    """A test vector's input.

    Parameters
    ----------
    name
        Of the files that hold it: letters, digits, hyphens.
    description
        What it is and what it tries, one line.
    audio
        Mono, before any conversion.
    """

    name: str
    description: str
    audio: Audio


def synthetic_sounds() -> list[Sound]:
    """Return the sounds that every bundle holds, always the same."""
    rng = np.random.default_rng(2024)
    moving = np.concatenate([_noise(rng, 16_000, level, 1.0) for level in (-72, -57, -57, -57, -49, -64)])
    return [
        Sound("silence", "half a second of zeros: the model is never called", _audio(np.zeros(8_000))),
        Sound("short", "137 samples of noise: less than a step", _audio(_noise(rng, 16_000, -20, 0.00857))),
        Sound("white-noise", "a second of white noise at -30 dBFS", _audio(_noise(rng, 16_000, -30, 1.0))),
        Sound("sine", "a second of 440 Hz at 48 kHz: the rate is reduced", _audio(_sine(48_000), 48_000)),
        Sound("moving-noise", "noise whose level moves through the gate's range", _audio(moving)),
        Sound("buzz", "a voice-like buzz, pauses, noise; the last step is cut short", _audio(_scene(16_000))),
        Sound("telephone", "the same at 8 kHz: the rate is raised", _audio(_scene(8_000), 8_000)),
    ]


def _audio(samples: np.ndarray, rate_hz: int = 16_000) -> Audio:
    return Audio(samples.astype(np.float32), rate_hz)


def _noise(rng: np.random.Generator, rate_hz: int, level_dbfs: float, seconds: float) -> FloatArray:
    noise = rng.standard_normal(int(seconds * rate_hz))
    return np.asarray(noise * 10 ** (level_dbfs / 20), np.float32)


def _sine(rate_hz: int) -> FloatArray:
    t = np.arange(rate_hz) / rate_hz
    return np.asarray(0.3 * np.sin(2 * np.pi * 440 * t), np.float32)


def _scene(rate_hz: int) -> FloatArray:
    """Return silence, a voice, a short pause, a voice, a long pause, a voice, noise."""
    rng = np.random.default_rng(7)
    voice = _buzz(rate_hz, 2.6)
    first, second, third = np.split(voice, [int(1.2 * rate_hz), int(1.8 * rate_hz)])

    def pause(seconds: float) -> FloatArray:
        return np.zeros(int(seconds * rate_hz), np.float32)

    noise = _noise(rng, rate_hz, -32, 0.77)
    return np.concatenate([pause(0.31), first, pause(0.1), second, pause(0.6), third, noise])


def _buzz(rate_hz: int, seconds: float) -> FloatArray:
    """Return harmonics whose amplitudes follow three moving formants, in syllables."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    pitch_hz = _PITCH_HZ * (1 + 0.12 * np.sin(2 * np.pi * 0.7 * t) + 0.03 * np.sin(2 * np.pi * 4.3 * t))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate_hz
    at = t * _SYLLABLES_PER_S
    vowel, within = at.astype(int) % len(_VOWELS_HZ), at % 1
    glide = np.clip((within - 0.6) / 0.4, 0, 1)[:, None]
    formants_hz = _VOWELS_HZ[vowel] * (1 - glide) + _VOWELS_HZ[(vowel + 1) % len(_VOWELS_HZ)] * glide
    sound = np.zeros_like(t)
    for harmonic in range(1, int(_TOP_HZ / pitch_hz.max()) + 1):
        off = (harmonic * pitch_hz[:, None] - formants_hz) / _FORMANT_WIDTHS_HZ
        sound += (_FORMANT_GAINS / (1 + off**2)).sum(axis=1) / harmonic**0.3 * np.sin(harmonic * phase)
    envelope = np.sqrt(np.sin(np.pi * np.clip(within / 0.85, 0, 1)))
    return np.asarray(0.4 * sound * envelope / np.abs(sound).max(), np.float32)
