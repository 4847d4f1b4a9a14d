"""Examples for the speaker net: a noisy, filtered cut of an utterance, and the clean utterance's teacher embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred, log_mel
from voxlite.training import augment
from voxlite.training.corpus import Clip
from voxlite.training.examples import Draw, Example
from voxlite.training.speaker.mel_mixing import NoiseShelf, in_noise, telephone_band
from voxlite.training.speaker.voice_bank import VoiceBank, load_bank
from voxlite.training.store import SampleStore
from voxlite.training.surroundings import Surroundings
from voxlite.values import FloatArray


@dataclass(frozen=True)
class SpeakerMix:
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


class SpeakerExamples:
    """Draws cuts of a bank's utterances.

    Parameters
    ----------
    bank
        Utterances and targets.
    around
        Noises, rooms and channels.
    mix, config
        Sizes and probabilities; the front end.
    """

    def __init__(
        self, bank: VoiceBank, around: Surroundings, mix: SpeakerMix, config: FrontEndConfig
    ) -> None:
        self._bank, self._around, self._mix, self._config = bank, around, mix, config
        self._shelf = NoiseShelf(lambda rng: around.background(rng, babble=0.05), config)
        seconds: dict[str, float] = {}
        for source, samples in zip(bank.sources, bank.samples, strict=True):
            seconds[source] = seconds.get(source, 0.0) + len(samples) / mix.rate_hz
        weights = np.array(
            [
                len(samples) * seconds[source] ** (mix.flatten - 1)
                for source, samples in zip(bank.sources, bank.samples, strict=True)
            ]
        )
        self._cumulative = np.cumsum(weights / weights.sum())

    def draw(self, rng: np.random.Generator) -> tuple[FloatArray, int]:
        """Return (features[frames, mel_bands], index into the bank)."""
        mix, config = self._mix, self._config
        index = min(int(np.searchsorted(self._cumulative, rng.random())), len(self._cumulative) - 1)
        length, n = len(self._bank.samples[index]), mix.n_samples
        start = int(rng.integers(0, length - n + 1)) if length > n else 0
        voice = np.resize(self._bank.sound(index, start, n), n)  # sound that is shorter is repeated
        if rng.random() < mix.waveform_share:
            return centred(log_mel(self._recorded(rng, voice), config)), index
        noise = None if rng.random() < mix.clean_share else self._shelf.draw(rng)
        snr_db = rng.uniform(mix.lowest_snr_db, mix.highest_snr_db)
        band = telephone_band(rng, config) if rng.random() < mix.telephone_share else None
        mixed = in_noise(rng, log_mel(voice, config), noise, snr_db, config.log_floor, band)
        return centred(mixed), index

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


@dataclass(frozen=True)
class SpeakerMaker:
    """Makes the speaker task's examples in a worker: log-mel features; teacher embedding and class in one row.

    Parameters
    ----------
    bank_folder, versions
        See `build_bank`.
    clips, store_folder, rooms
        See `Surroundings`.
    mix, config
        Examples and front end.
    """

    bank_folder: Path
    versions: tuple[str, ...]
    clips: Sequence[Clip]
    store_folder: Path
    rooms: Path
    mix: SpeakerMix
    config: FrontEndConfig

    def __call__(self) -> Draw:
        """Return the drawing function."""
        bank, mix = load_bank(self.bank_folder, self.versions), self.mix
        store = SampleStore(self.store_folder)
        around = Surroundings(
            self.clips,
            store,
            self.rooms,
            mix.n_samples,
            mix.synthetic_share,
            0.0,
            mix.room_share,
            mix.channel_share,
        )
        examples = SpeakerExamples(bank, around, mix, self.config)

        def draw(rng: np.random.Generator) -> Example:
            features, index = examples.draw(rng)
            row = np.append(bank.targets[index], np.float32(bank.classes[index]))
            return features.astype(np.float16), row

        return draw
