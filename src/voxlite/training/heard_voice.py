"""A voice as somebody might have recorded it: a cut of clean speech in noise, rooms, channels, codecs and levels.

Most examples are mixed as mel powers, which is cheap enough for each one to be new (`mel_mixing`); the others as sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.training import augment
from voxlite.training.mel_mixing import NoiseShelf, in_noise, telephone_band
from voxlite.training.surroundings import Surroundings
from voxlite.values import FloatArray


@dataclass(frozen=True)
class VoiceMix:
    """Sizes and probabilities of the examples.

    Parameters
    ----------
    seconds
        Of a cut.
    clean_share
        Share without other sounds; the others lie `lowest_snr_db` .. `highest_snr_db` below the voice.
    room_share, channel_share
        How often a voice or a sound beside it is heard in a room, and through a channel.
    telephone_share
        How many of the examples that are mixed as mel powers have a telephone's band.
    waveform_share
        How many examples are mixed as sound, with rooms, channels, codecs and recorders; the others as mel powers.
    flatten
        Power of the seconds by which a source is drawn: 1 as often as it is long, 0 all alike.
    """

    rate_hz: int = 16_000
    seconds: float = 2.0
    clean_share: float = 0.6
    room_share: float = 0.1
    channel_share: float = 0.4
    synthetic_share: float = 0.15
    lowest_snr_db: float = 5.0
    highest_snr_db: float = 30.0
    telephone_share: float = 0.15
    waveform_share: float = 0.25
    flatten: float = 0.6

    @property
    def n_samples(self) -> int:
        """Samples of a cut."""
        return int(self.seconds * self.rate_hz)


class HeardVoice:
    """Makes features of clean speech as it might be heard.

    Parameters
    ----------
    around
        Noises, rooms and channels.
    mix, config
        Sizes and probabilities; the front end.
    """

    def __init__(self, around: Surroundings, mix: VoiceMix, config: FrontEndConfig) -> None:
        self._around, self._mix, self._config = around, mix, config
        self._shelf = NoiseShelf(lambda rng: around.background(rng, babble=0.05), config)

    def features(self, rng: np.random.Generator, voice: FloatArray) -> FloatArray:
        """Return log-mel features, float32[frames, mel_bands], of clean speech, float32[mix.n_samples]."""
        mix, config = self._mix, self._config
        if rng.random() < mix.waveform_share:
            return log_mel(self._recorded(rng, voice), config)
        noise = None if rng.random() < mix.clean_share else self._shelf.draw(rng)
        snr_db = rng.uniform(mix.lowest_snr_db, mix.highest_snr_db)
        band = telephone_band(rng, config) if rng.random() < mix.telephone_share else None
        return in_noise(rng, log_mel(voice, config), noise, snr_db, config.log_floor, band)

    def _recorded(self, rng: np.random.Generator, voice: FloatArray) -> FloatArray:
        """Return a voice as somebody might have recorded it."""
        mix = self._mix
        voice = augment.convolve(voice, self._around.room(rng), self._around.channel(rng))
        level = augment.active_rms(voice)
        if rng.random() < mix.clean_share:
            mixed = voice + self._around.floor(rng, level, 30, 60)
        else:
            mixed = voice + self._around.noise(rng, level, mix.lowest_snr_db, mix.highest_snr_db)
        return augment.finish(rng, mixed, mix.rate_hz)
