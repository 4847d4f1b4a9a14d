"""What the voice protocol measures, and on which clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voxlite.training.corpus import Clip, CorpusError, at_most, select
from voxlite.training.voice import never_voice
from voxlite.training.windows import protocol_clips

CLEAN = "clean"
APART_KINDS = ("baby_cry", "babble")


@dataclass(frozen=True)
class Protocol:
    """What is measured; the defaults are the published protocol.

    Parameters
    ----------
    split
        Split of the corpus.
    per_group
        Most clips per (source, kind), at most 80.
    window_s
        Length of the reference window.
    snrs_db
        Ratios of speech to mixed-in sounds.
    telephone
        Whether the telephone band is a condition.
    lengths_s
        Other window lengths: the loudest part of each clip, that long.
    whole
        Whether whole clips are a condition.
    never_voice_s
        Length of the synthetic sounds that hold no voice, 0 to skip them.
    seed
        Of the choice of mixed-in sounds.
    bins
        Of the calibration.
    """

    split: str = "test"
    per_group: int = 80
    window_s: float = 1.0
    snrs_db: tuple[float, ...] = (20.0, 10.0, 5.0, 0.0)
    telephone: bool = True
    lengths_s: tuple[float, ...] = (0.2, 0.5, 2.0, 3.0)
    whole: bool = True
    never_voice_s: float = 3.0
    seed: int = 0
    bins: int = 15


@dataclass(frozen=True)
class Chosen:
    """The clips a protocol reads: `main` decides, `apart` is only reported."""

    main: list[Clip]
    apart: list[Clip]

    @property
    def all(self) -> list[Clip]:
        """Both, `main` first."""
        return [*self.main, *self.apart]


def choose(clips: Sequence[Clip], protocol: Protocol) -> Chosen:
    """Return the clips a protocol reads.

    A kind of `APART_KINDS` that the split lacks is taken from the other splits: nothing is decided by it.

    Raises
    ------
    CorpusError
        If the split lacks speech or lacks other sounds.
    """
    main = at_most(protocol_clips(clips, protocol.split), protocol.per_group)
    if {clip.kind == "speech" for clip in main} != {True, False}:
        raise CorpusError(
            f"split {protocol.split!r} needs clips of 0.5 s or more with speech and clips without (nonhuman, music "
            f"or silence); got {len(main)} of one sort: see `voxlite corpus check`"
        )
    apart: list[Clip] = []
    for kind in APART_KINDS:
        found = select(clips, split=protocol.split, kinds=(kind,), min_s=0.5)
        found = found or [clip for clip in clips if clip.kind == kind and clip.duration_s >= 0.5]
        apart += at_most(found, protocol.per_group)
    return Chosen(main, apart)


def n_scores(chosen: Chosen, rate_hz: int, protocol: Protocol) -> int:
    """Return how often `evaluate_voice` asks the detector: the length of a progress bar."""
    every = 1 + int(protocol.telephone) + len(protocol.lengths_s) + int(protocol.whole)
    voices = sum(clip.kind == "speech" for clip in chosen.main)
    synthetic = never_voice.count(rate_hz) if protocol.never_voice_s else 0
    return len(chosen.main) * every + voices * len(protocol.snrs_db) + len(chosen.apart) + synthetic
