"""Noise beside a voice as a sum of mel powers: so much cheaper than mixing sound that each example can be new.

The power of a sum is the sum of the powers, but for products that vanish on average; a level multiplies it, a channel
multiplies each band. Rooms, codecs and clipping have no such shape: a share of the examples goes the long way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import hz_to_mel
from voxlite.frontend.spectrum import log_mel
from voxlite.values import FloatArray

_LOUD = 0.01  # of the loudest frame: what counts as sound, as in `augment.active_rms`
_RENEWED = 0.02
"""Of the draws, how many bring a new background onto the shelf."""
_LEVELS_DB = (-36.0, 6.0)
_TILT_DB = 8.0
"""Largest gain or loss of a channel at its knots."""
_KNOTS = 6
_LOWEST_HZ, _HIGHEST_HZ = (60.0, 400.0), (2800.0, 4000.0)
"""Where the band of a telephone begins and ends."""
_STOPPED_DB = (30.0, 60.0)
_CODED_DB = (50.0, 68.0)
"""How far below a frame's power a line's coding and the window's leakage lie in each band; both follow the voice."""


class NoiseShelf:
    """Backgrounds as mel power, changed one by one.

    Parameters
    ----------
    make
        Draws a background, float32[n] of one length.
    config
        The front end.
    size
        How many lie there.
    """

    def __init__(
        self, make: Callable[[np.random.Generator], FloatArray], config: FrontEndConfig, size: int = 256
    ) -> None:
        self._make, self._config, self._size = make, config, size
        self._shelf: list[FloatArray] = []

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Return float32[frames, mel_bands], turned by a random time and sent through a random channel."""
        if len(self._shelf) < self._size:
            self._shelf.append(self._power(rng))
        elif rng.random() < _RENEWED:
            self._shelf[rng.integers(self._size)] = self._power(rng)
        power = self._shelf[rng.integers(len(self._shelf))]
        return np.roll(power, int(rng.integers(len(power))), axis=0) * channel(rng, power.shape[1])

    def _power(self, rng: np.random.Generator) -> FloatArray:
        return np.asarray(np.exp(log_mel(self._make(rng), self._config)), np.float32)


def channel(rng: np.random.Generator, bands: int) -> FloatArray:
    """Return a smooth random gain of each band, float32[bands], as power."""
    knots = rng.uniform(-_TILT_DB, _TILT_DB, _KNOTS)
    gain_db = np.interp(np.linspace(0, _KNOTS - 1, bands), np.arange(_KNOTS), knots)
    return np.asarray(10 ** (gain_db / 10), np.float32)


def telephone_band(rng: np.random.Generator, config: FrontEndConfig) -> FloatArray:
    """Return the gain of each band on some telephone line, float32[mel_bands], as power: one within its band."""
    edges = hz_to_mel(
        np.array([config.low_hz, config.high_hz, rng.uniform(*_LOWEST_HZ), rng.uniform(*_HIGHEST_HZ)])
    )
    mel = np.linspace(edges[0], edges[1], config.mel_bands + 2)[1:-1]
    stopped = 10 ** (-rng.uniform(*_STOPPED_DB) / 10)
    return np.where((mel < edges[2]) | (mel > edges[3]), stopped, 1.0).astype(np.float32)


def in_noise(
    rng: np.random.Generator,
    voice: FloatArray,
    noise: FloatArray | None,
    snr_db: float,
    floor: float,
    band: FloatArray | None = None,
) -> FloatArray:
    """Return log-mel features of a voice with a noise beside it, at a random level.

    Parameters
    ----------
    voice
        float32[frames, mel_bands], natural logarithm of mel power.
    noise
        float32[frames, mel_bands], mel power; None adds nothing.
    snr_db
        Of the frames that hold sound.
    floor
        Power under the logarithm.
    band
        float32[mel_bands], gain of a telephone line as power; None is none.
    """
    power = np.exp(voice)
    if noise is not None:
        power += noise * np.float32(_level(power) / max(_level(noise), 1e-20) * 10 ** (-snr_db / 10))
    if band is not None:
        coded = power.sum(axis=1, keepdims=True) * np.float32(10 ** (-rng.uniform(*_CODED_DB) / 10))
        power = power * band + coded
    level = np.float32(10 ** (rng.uniform(*_LEVELS_DB) / 10))
    return np.asarray(np.log(power * level + np.float32(floor)), np.float32)


def _level(power: FloatArray) -> float:
    frames = power.sum(axis=1)
    return float(frames[frames >= frames.max() * _LOUD].mean())
