"""Which pairs of test speakers are compared, and under which conditions: the published protocol and its trial list."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voxlite.training.corpus import Clip, CorpusError
from voxlite.training.speaker.verification import cosines, pairs
from voxlite.training.utterances import LEFT_OUT
from voxlite.values import FloatArray


@dataclass(frozen=True)
class SpeakerProtocol:
    """What is measured; the defaults are the published protocol.

    Parameters
    ----------
    split, sources
        Of the corpus.
    per_voice
        Most clips per speaker.
    lengths_s
        Lengths that both sides are cut to; clips that are shorter stay as they are.
    snrs_db
        Ratios of voice to another clip's sound, second side.
    telephone
        Whether the second side also comes by telephone.
    target_prior
        Of the detection cost.
    seed
        Of the noises.
    """

    split: str = "test"
    sources: tuple[str, ...] = ("speechocean762",)
    per_voice: int = 8
    lengths_s: tuple[float, ...] = (1.0, 2.0, 3.0, 5.0)
    snrs_db: tuple[float, ...] = (20.0, 10.0, 5.0, 0.0)
    telephone: bool = True
    target_prior: float = 0.01
    seed: int = 0


@dataclass(frozen=True)
class Trials:
    """All pairs of utterances within a source.

    Parameters
    ----------
    clips
        The utterances.
    first, second
        int[n], indices into `clips`.
    same
        bool[n], whether a pair is of one speaker.
    """

    clips: tuple[Clip, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    same: NDArray[np.bool_]

    def scores(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Return the cosine of each pair, of unit embeddings float32[len(clips), dim] of either side."""
        return cosines(first[self.first], second[self.second])

    def voices(self) -> list[str]:
        """Return source and speaker of each utterance."""
        return [f"{clip.source}/{clip.speaker}" for clip in self.clips]

    def genders(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return bool[n] twice: whose speakers have the same gender, whose another; neither where one is unknown."""
        gender = np.array([clip.gender for clip in self.clips])
        first, second = gender[self.first], gender[self.second]
        known = (first != "") & (second != "")
        return known & (first == second), known & (first != second)

    def write(self, path: Path) -> None:
        """Write the list as "1 FIRST SECOND" for pairs of one speaker and "0 FIRST SECOND", gzipped."""
        names = [clip.name for clip in self.clips]
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            for a, b, same in zip(self.first.tolist(), self.second.tolist(), self.same.tolist(), strict=True):
                file.write(f"{int(same)} {names[a]} {names[b]}\n".encode())


def make_trials(clips: Sequence[Clip], protocol: SpeakerProtocol) -> Trials:
    """Return all pairs of the protocol's utterances.

    Raises
    ------
    CorpusError
        If there are no two clips of one speaker, or no two speakers.
    """
    voices: dict[tuple[str, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        if clip.kind == "speech" and clip.speaker and _is_chosen(clip, protocol):
            voices[clip.source, clip.speaker].append(clip)
    chosen = [
        clip
        for key in sorted(voices)
        for clip in sorted(voices[key], key=lambda clip: clip.original)[: protocol.per_voice]
    ]
    first, second, same = pairs(
        [f"{clip.source}/{clip.speaker}" for clip in chosen], [clip.source for clip in chosen]
    )
    if same.all() or not same.any():
        raise CorpusError(
            f"split {protocol.split!r} of {', '.join(protocol.sources)}: no pairs of one speaker and of two; "
            "choose sources with several clips of several speakers"
        )
    return Trials(tuple(chosen), first, second, same)


def _is_chosen(clip: Clip, protocol: SpeakerProtocol) -> bool:
    """Tell whether a clip is of the protocol's split and sources; nothing learned from a source that is left out."""
    unheard = protocol.split == "val" and clip.source in LEFT_OUT and clip.split == "train"
    return clip.source in protocol.sources and (clip.split == protocol.split or unheard)
