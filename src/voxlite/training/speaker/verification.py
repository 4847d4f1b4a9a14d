"""Speaker verification on sets of utterances: all pairs within a source, cosines of mean embeddings, error rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred, log_mel
from voxlite.training.metrics import equal_error_rate
from voxlite.training.store import SampleStore
from voxlite.training.utterances import Utterance, first_of_each, sound_of, windows_of
from voxlite.values import FloatArray

Embed = Callable[[FloatArray], FloatArray]
"""Features float32[batch, frames, mel_bands] -> unit embeddings float32[batch, dim]."""
_BATCH = 64


@dataclass(frozen=True)
class TrialSet:
    """Utterances cut into windows.

    Parameters
    ----------
    features
        float16[windows, frames, mel_bands].
    owners
        int[windows], the utterance that a window belongs to.
    voices, sources
        Of each utterance; only pairs within a source are compared.
    """

    features: NDArray[np.float16]
    owners: NDArray[np.int64]
    voices: tuple[str, ...]
    sources: tuple[str, ...]

    def embeddings(self, embed: Embed) -> FloatArray:
        """Return the unit mean embedding of each utterance, float32[n, dim]."""
        rows = np.concatenate(
            [
                embed(self.features[at : at + _BATCH].astype(np.float32))
                for at in range(0, len(self.features), _BATCH)
            ]
        )
        sums = np.zeros((len(self.voices), rows.shape[1]), np.float32)
        np.add.at(sums, self.owners, rows)
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    def equal_error_rate(self, embed: Embed) -> float:
        """Return the EER of all pairs."""
        rows = self.embeddings(embed)
        first, second, same = pairs(self.voices, self.sources)
        return equal_error_rate(cosines(rows[first], rows[second]), same)


def pairs(
    voices: Sequence[str], sources: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return every pair of utterances within a source: indices of both sides, and whether it is the same voice."""
    first, second = np.triu_indices(len(voices), k=1)
    source, voice = np.array(sources), np.array(voices)
    kept = source[first] == source[second]
    first, second = first[kept], second[kept]
    return first, second, voice[first] == voice[second]


def cosines(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the cosine of each row of one matrix of unit embeddings to the same row of the other, float32[n]."""
    return np.asarray(np.einsum("nd,nd->n", first, second), np.float32)


def trial_set(
    chosen: Sequence[Utterance], store: SampleStore, config: FrontEndConfig, window_s: float, most: int = 8
) -> TrialSet:
    """Cut the first `most` utterances of every voice into windows.

    Parameters
    ----------
    chosen
        Utterances of known voices.
    store, config
        Their samples; the front end.
    window_s
        Length of the windows: one behind the other, the last one ends with the utterance, short sound is repeated.
    most
        Utterances per voice.
    """
    features: list[NDArray[np.float16]] = []
    owners: list[int] = []
    voices: list[str] = []
    sources: list[str] = []
    for item in first_of_each(chosen, most):
        for window in windows_of(sound_of(item, store), int(window_s * config.rate_hz)):
            features.append(centred(log_mel(window, config)).astype(np.float16))
            owners.append(len(voices))
        voices.append(item.voice)
        sources.append(item.source)
    return TrialSet(np.stack(features), np.array(owners), tuple(voices), tuple(sources))
