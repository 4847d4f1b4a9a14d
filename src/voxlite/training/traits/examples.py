"""Examples of a trait's net: a cut of a labelled voice as somebody might have recorded it, and what it sounds like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.training import augment
from voxlite.training.corpus import Clip
from voxlite.training.examples import Draw, Example
from voxlite.training.heard_voice import HeardVoice, VoiceMix
from voxlite.training.store import SampleStore
from voxlite.training.surroundings import Surroundings
from voxlite.training.traits.labels import TRAITS, Trait
from voxlite.training.utterances import Utterance, sound_of, utterances

_SPEEDS = (0.93, 1.07)
_SPEED_SHARE = 0.5
_FLATTEN_SOURCES, _FLATTEN_VOICES = 0.5, 0.5
"""Powers of the seconds by which a source, and a voice in it, is drawn: 1 as often as it is long, 0 all alike."""


@dataclass(frozen=True)
class Labelled:
    """A stretch of a voice that is labelled.

    Parameters
    ----------
    utterance
        Clips of one voice with one label.
    label
        Of the trait.
    """

    utterance: Utterance
    label: str

    @property
    def voice(self) -> str:
        """Source and speaker; the clip's own name where the speaker is not known."""
        return self.utterance.voice or self.utterance.name


def labelled(clips: Sequence[Clip], trait: Trait, least_s: float = 3.0) -> list[Labelled]:
    """Return labelled speech; short clips of one voice with one label are joined.

    Parameters
    ----------
    clips
        Any; those without a label are passed over.
    trait
        What the labels are of.
    least_s
        See `utterances`.
    """
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        label = trait.label_of(clip)
        if clip.kind == "speech" and label:
            groups.setdefault(label, []).append(clip)
    return [Labelled(item, label) for label, own in groups.items() for item in utterances(own, least_s)]


def first_of_each_voice(items: Sequence[Labelled], most: int) -> list[Labelled]:
    """Return the first `most` stretches of each voice with a label."""
    taken: dict[tuple[str, str], int] = defaultdict(int)
    kept = []
    for item in items:
        taken[item.voice, item.label] += 1
        if taken[item.voice, item.label] <= most:
            kept.append(item)
    return kept


def drawing_weights(items: Sequence[Labelled]) -> np.ndarray:
    """Return how often each item is drawn, float64[n], sum 1: labels alike, in them sources and voices flattened."""
    sources: dict[tuple[str, str], float] = defaultdict(float)
    voices: dict[tuple[str, str], float] = defaultdict(float)
    for item in items:
        sources[item.label, item.utterance.source] += item.utterance.duration_s
        voices[item.label, item.voice] += item.utterance.duration_s
    weights = np.array(
        [
            item.utterance.duration_s
            * voices[item.label, item.voice] ** (_FLATTEN_VOICES - 1)
            * sources[item.label, item.utterance.source] ** (_FLATTEN_SOURCES - 1)
            for item in items
        ]
    )
    owners = np.array([item.label for item in items])
    for label in set(owners.tolist()):
        weights[owners == label] /= weights[owners == label].sum()
    return np.asarray(weights / weights.sum())


class TraitExamples:
    """Draws cuts of labelled voices.

    Parameters
    ----------
    items, trait
        What is drawn, and what is learned of it.
    store
        Samples.
    heard, mix
        What makes features of a cut; sizes and probabilities.
    """

    def __init__(
        self, items: Sequence[Labelled], trait: Trait, store: SampleStore, heard: HeardVoice, mix: VoiceMix
    ) -> None:
        self._sounds = [
            np.round(32_767 * sound_of(item.utterance, store, longest_s=12.0)).astype(np.int16)
            for item in items
        ]
        numbers = [trait.labels.index(item.label) for item in items]
        self._targets = np.eye(len(trait.labels), dtype=np.float32)[numbers]
        self._heard, self._n = heard, mix.n_samples
        self._cumulative = np.cumsum(drawing_weights(items))

    def draw(self, rng: np.random.Generator) -> Example:
        """Return (features[frames, mel_bands], one at the label's place among zeros)."""
        index = min(int(np.searchsorted(self._cumulative, rng.random())), len(self._cumulative) - 1)
        sound, most = self._sounds[index], int(self._n * _SPEEDS[1]) + 1
        start = int(rng.integers(0, len(sound) - most + 1)) if len(sound) > most else 0
        voice = sound[start : start + most].astype(np.float32) / np.float32(32_768)
        if rng.random() < _SPEED_SHARE:
            voice = augment.change_speed(voice, float(rng.uniform(*_SPEEDS)))
        features = self._heard.features(rng, np.resize(voice, self._n))
        return features.astype(np.float16), self._targets[index]


@dataclass(frozen=True)
class TraitMaker:
    """Makes a trait's examples in a worker: log-mel features and targets.

    Parameters
    ----------
    task
        Of `TRAITS`.
    items
        Labelled voices.
    clips, store_folder, rooms
        See `Surroundings`.
    mix, config
        Examples and front end.
    """

    task: str
    items: Sequence[Labelled]
    clips: Sequence[Clip]
    store_folder: Path
    rooms: Path
    mix: VoiceMix
    config: FrontEndConfig

    def __call__(self) -> Draw:
        """Return the drawing function."""
        mix, store = self.mix, SampleStore(self.store_folder)
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
        heard = HeardVoice(around, mix, self.config)
        return TraitExamples(self.items, TRAITS[self.task], store, heard, mix).draw


def trait_mix(**given: float) -> VoiceMix:
    """Return the mixing of a trait's examples: windows of three seconds; `given` overrides it."""
    return replace(VoiceMix(seconds=3.0, telephone_share=0.2, clean_share=0.4, lowest_snr_db=0.0), **given)  # type: ignore[arg-type]
