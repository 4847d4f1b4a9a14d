"""Pairs of validation voices as a client meets them: cut short, in noise, by telephone, embedded by a model file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.runtime.embedding import SpeakerEmbedder
from voxlite.training import augment
from voxlite.training.speaker.verification import pairs
from voxlite.training.store import SampleStore
from voxlite.training.utterances import Utterance, first_of_each, sound_of
from voxlite.training.windows import by_telephone
from voxlite.values import FloatArray

PER_VOICE = 8
COHORT_VOICES = 600
_COHORT_PER_SOURCE = 200
_SNR_DB = 10.0


@dataclass(frozen=True)
class Condition:
    """How the two sides of a pair sound.

    Parameters
    ----------
    seconds
        Length that both are cut to; None leaves them whole.
    narrow, noisy
        Whether the second side comes by telephone, or lies in noise.
    """

    seconds: float | None = None
    narrow: bool = False
    noisy: bool = False


CONDITIONS = (
    *(Condition(seconds, narrow) for narrow in (False, True) for seconds in (1.0, 2.0, 3.0, 5.0, None)),
    Condition(3.0, noisy=True),
    Condition(noisy=True),
)


@dataclass(frozen=True)
class Pairs:
    """All pairs within a source under one condition.

    Parameters
    ----------
    condition
        Of the pairs.
    first, second
        float32[voices' utterances, dim]: embeddings of either side.
    speech_s
        float32[utterances], seconds that each holds.
    left, right
        int[n], indices into `first` and `second`.
    same
        bool[n], whether a pair is of one voice.
    sources
        str[n], where a pair comes from.
    """

    condition: Condition
    first: FloatArray
    second: FloatArray
    speech_s: FloatArray
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    same: NDArray[np.bool_]
    sources: NDArray[np.str_]

    def shorter_s(self) -> FloatArray:
        """Return the length of the shorter side of each pair, float32[n]."""
        return np.minimum(self.speech_s[self.left], self.speech_s[self.right])


def validation_pairs(
    embedder: SpeakerEmbedder,
    sets: dict[str, list[Utterance]],
    store: SampleStore,
    tick: Callable[[], None] = lambda: None,
    *,
    most: int = PER_VOICE,
) -> list[Pairs]:
    """Embed validation voices under every condition.

    Parameters
    ----------
    embedder
        The model.
    sets
        Utterances of known voices, by what a set is called.
    store
        Their samples.
    tick
        Called after each condition.
    most
        Utterances per voice.
    """
    chosen = [item for own in sets.values() for item in first_of_each(own, most)]
    names = [name for name, own in sets.items() for _ in first_of_each(own, most)]
    sounds = [sound_of(item, store) for item in chosen]
    left, right, same = pairs([item.voice for item in chosen], [item.source for item in chosen])
    rng = np.random.default_rng(0)
    cache: dict[tuple[float | None, bool, bool], FloatArray] = {}

    def embedded(condition: Condition) -> FloatArray:
        key = (condition.seconds, condition.narrow, condition.noisy)
        if key not in cache:
            cut = [_cut(sound, condition.seconds, store.rate_hz) for sound in sounds]
            if condition.narrow:
                cut = [by_telephone(sound, store.rate_hz) for sound in cut]
            if condition.noisy:
                cut = [in_noise(sound, sounds[rng.integers(len(sounds))], rng) for sound in cut]
            cache[key] = embedder.vectors(cut)
        return cache[key]

    found = []
    for condition in CONDITIONS:
        seconds = [len(_cut(sound, condition.seconds, store.rate_hz)) / store.rate_hz for sound in sounds]
        first = embedded(Condition(condition.seconds))
        found.append(
            Pairs(
                condition, first, embedded(condition), np.array(seconds, np.float32), left, right, same,
                np.array(names)[left],
            )
        )  # fmt: skip
        tick()
    return found


def cohort_utterances(learned: Sequence[Utterance]) -> list[Utterance]:
    """Return the longest utterance of each of some known training voices, spread over the sources, always the same."""
    best: dict[str, Utterance] = {}
    for item in learned:
        if item.voice and (item.voice not in best or item.duration_s > best[item.voice].duration_s):
            best[item.voice] = item
    by_source: dict[str, list[Utterance]] = defaultdict(list)
    for voice in sorted(best):
        by_source[best[voice].source].append(best[voice])
    chosen: list[Utterance] = []
    for rank in range(_COHORT_PER_SOURCE):  # one of each source in turn
        chosen += [by_source[source][rank] for source in sorted(by_source) if rank < len(by_source[source])]
    return chosen[:COHORT_VOICES]


def _cut(sound: FloatArray, seconds: float | None, rate_hz: int) -> FloatArray:
    return sound if seconds is None else sound[: int(seconds * rate_hz)]


def in_noise(sound: FloatArray, babble: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return a sound over hiss and, backwards, another voice, 10 dB below it together."""
    noise = rng.standard_normal(len(sound), np.float32) * np.float32(augment.rms(babble))
    noise += np.resize(babble[::-1], len(sound))
    gain = augment.active_rms(sound) * 10 ** (-_SNR_DB / 20) / max(augment.rms(noise), 1e-8)
    return np.asarray(sound + noise * np.float32(gain), np.float32)
