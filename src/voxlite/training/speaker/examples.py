"""Examples for the speaker net: a noisy, filtered cut of an utterance, and the clean utterance's teacher embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred
from voxlite.training.corpus import Clip
from voxlite.training.examples import Draw, Example
from voxlite.training.heard_voice import HeardVoice, VoiceMix
from voxlite.training.speaker.voice_bank import VoiceBank, load_bank
from voxlite.training.store import SampleStore
from voxlite.training.surroundings import Surroundings
from voxlite.values import FloatArray


class SpeakerExamples:
    """Draws cuts of a bank's utterances.

    Parameters
    ----------
    bank
        Utterances and targets.
    heard, mix
        What makes features of them; sizes and probabilities.
    """

    def __init__(self, bank: VoiceBank, heard: HeardVoice, mix: VoiceMix) -> None:
        self._bank, self._heard, self._mix = bank, heard, mix
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
        n = self._mix.n_samples
        index = min(int(np.searchsorted(self._cumulative, rng.random())), len(self._cumulative) - 1)
        length = len(self._bank.samples[index])
        start = int(rng.integers(0, length - n + 1)) if length > n else 0
        voice = np.resize(self._bank.sound(index, start, n), n)  # sound that is shorter is repeated
        return centred(self._heard.features(rng, voice)), index


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
    mix: VoiceMix
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
        examples = SpeakerExamples(bank, HeardVoice(around, mix, self.config), mix)

        def draw(rng: np.random.Generator) -> Example:
            features, index = examples.draw(rng)
            row = np.append(bank.targets[index], np.float32(bank.classes[index]))
            return features.astype(np.float16), row

        return draw
