"""Conversations of the corpus's speakers, assembled so that it is known who speaks when.

Turns of 2 to 8 seconds of clips that follow one another, pauses between them, now and then a turn that begins before
the one before has ended, all over a quiet floor of noise. The speakers of a conversation are of one source, so that
neither microphone nor language tells them apart. What is speech is told from each clean clip's own level: within 25 dB
of its loud parts, since many clips have a room's noise 30 dB below. Pauses shorter than 0.3 s belong to the speech, as
in NIST's evaluations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from voxlite.training import augment
from voxlite.training.corpus import Clip
from voxlite.training.mixing import voice_activity
from voxlite.training.store import SampleStore
from voxlite.training.utterances import without_ends
from voxlite.values import FloatArray, Turn


@dataclass(frozen=True)
class Plan:
    """What conversations are like; seconds and decibels are drawn evenly between both ends."""

    turns_per_speaker: int = 6
    turn_s: tuple[float, float] = (2.0, 8.0)
    pause_s: tuple[float, float] = (0.2, 1.0)
    overlap_share: float = 0.4
    overlap_s: tuple[float, float] = (0.5, 1.5)
    level_dbfs: tuple[float, float] = (-29.0, -23.0)
    floor_dbfs: float = -65.0
    least_speaker_s: float = 20.0
    short_pause_s: float = 0.3


@dataclass(frozen=True, eq=False)
class Conversation:
    """A recording and the truth about it.

    Parameters
    ----------
    samples
        float32[n] at the store's rate.
    turns
        In order of their begins; those of different speakers may overlap.
    """

    source: str
    samples: FloatArray
    turns: tuple[Turn, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))


def by_speaker(clips: Sequence[Clip], plan: Plan) -> dict[str, dict[str, list[Clip]]]:
    """Return source -> speaker -> clips, in the order of names; speakers with too little sound are left out."""
    found: dict[str, dict[str, list[Clip]]] = defaultdict(lambda: defaultdict(list))
    for clip in sorted(clips, key=lambda clip: clip.name):
        if clip.kind == "speech" and clip.speaker:
            found[clip.source][clip.speaker].append(clip)
    return {
        source: {
            name: own
            for name, own in sorted(speakers.items())
            if sum(clip.duration_s for clip in own) >= plan.least_speaker_s
        }
        for source, speakers in sorted(found.items())
    }


def assemble(
    speakers: dict[str, list[Clip]], n_speakers: int, store: SampleStore, seed: int, plan: Plan, source: str
) -> Conversation:
    """Return a conversation of speakers drawn from `speakers`; the same seed gives the same."""
    rng = np.random.default_rng([seed, n_speakers])
    names = [str(name) for name in rng.choice(sorted(speakers), n_speakers, replace=False)]
    voices = {name: _Voice(speakers[name], store, rng, plan) for name in names}
    order = _order(names, plan.turns_per_speaker, rng)
    pieces: list[tuple[int, FloatArray]] = []
    turns: list[Turn] = []
    at = round(0.5 * store.rate_hz)
    for place, name in enumerate(order):
        if place and rng.random() < plan.overlap_share:
            at = max(at - round(rng.uniform(*plan.overlap_s) * store.rate_hz), pieces[-1][0])
        elif place:
            at += round(rng.uniform(*plan.pause_s) * store.rate_hz)
        samples = voices[name].turn()
        pieces.append((at, samples))
        turns += _spoken(samples, at, name, store.rate_hz)
        at += len(samples)
    n = max(start + len(samples) for start, samples in pieces) + round(0.5 * store.rate_hz)
    mixed = rng.standard_normal(n).astype(np.float32) * np.float32(10 ** (plan.floor_dbfs / 20))
    for start, samples in pieces:
        mixed[start : start + len(samples)] += samples
    return Conversation(source, np.clip(mixed, -1, 1), bridged(turns, plan.short_pause_s))


class _Voice:
    """A speaker's clips one after the other, from the first again when they are used up, at one level."""

    def __init__(
        self, clips: Sequence[Clip], store: SampleStore, rng: np.random.Generator, plan: Plan
    ) -> None:
        self._clips = [clips[k] for k in rng.permutation(len(clips))]
        self._store, self._rng, self._plan = store, rng, plan
        self._level = np.float32(10 ** (rng.uniform(*plan.level_dbfs) / 20))
        self._used = 0

    def turn(self) -> FloatArray:
        """Return the sound of the next turn."""
        rate_hz = self._store.rate_hz
        wanted = round(self._rng.uniform(*self._plan.turn_s) * rate_hz)
        parts: list[FloatArray] = []
        while sum(map(len, parts)) < wanted:
            clip = self._clips[self._used % len(self._clips)]
            self._used += 1
            sound = without_ends(self._store.samples(clip), rate_hz)
            parts.append(sound * (self._level / np.float32(max(augment.active_rms(sound), 1e-6))))
        return np.concatenate(parts)[:wanted]


def _order(names: Sequence[str], per_speaker: int, rng: np.random.Generator) -> list[str]:
    """Return who takes each turn: everybody equally often, nobody twice in a row."""
    while True:
        order = [str(name) for _ in range(per_speaker) for name in rng.permutation(list(names))]
        if all(one != other for one, other in pairwise(order)):
            return order


def _spoken(samples: FloatArray, at: int, name: str, rate_hz: int) -> list[Turn]:
    """Return the stretches of a turn's sound that are speech."""
    active, sure = voice_activity(samples, rate_hz)
    edges = np.flatnonzero(np.diff((active * sure).astype(np.int8), prepend=0, append=0))
    spans = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    begin_s = at / rate_hz
    return [Turn(begin_s + first / 100, begin_s + stop / 100, name, 1.0) for first, stop in spans]


def bridged(turns: Sequence[Turn], pause_s: float) -> tuple[Turn, ...]:
    """Return turns in order of their begins, pauses of a speaker shorter than `pause_s` belonging to the turn."""
    last: dict[str, int] = {}
    result: list[Turn] = []
    for turn in sorted(turns, key=lambda turn: (turn.start_s, turn.speaker)):
        at = last.get(turn.speaker)
        if at is not None and turn.start_s - result[at].end_s < pause_s:
            result[at] = replace(result[at], end_s=max(result[at].end_s, turn.end_s))
        else:
            last[turn.speaker] = len(result)
            result.append(turn)
    return tuple(result)


def overlap_share(turns: Sequence[Turn]) -> float:
    """Return the share of the time with speech in which several speak, 0..1."""
    edges = sorted([(turn.start_s, 1) for turn in turns] + [(turn.end_s, -1) for turn in turns])
    alone_s = together_s = 0.0
    n = 0
    for (at_s, step), (next_s, _) in pairwise(edges):
        n += step
        alone_s += (next_s - at_s) * (n == 1)
        together_s += (next_s - at_s) * (n > 1)
    return together_s / max(alone_s + together_s, 1e-9)
