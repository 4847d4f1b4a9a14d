"""Who speaks when: voice segments cut into turns, each with a speaker.

Windows of the voice are clustered into speakers (`clustering`), then each window is given to a speaker anew: the path
through time with the largest sum of cosines to the speakers' centres, less a price for every change of speaker
(Viterbi), which is lower where a pause lies between. Where two neighbouring windows of one segment differ, the turn
changes between their middles, at the point where both speakers would be equally near. One person speaks at a time: of
two at once, the louder is told. Turns partition the voice segments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import VoxliteError
from voxlite.quality.remarks import is_narrow_band
from voxlite.recognition.clustering import Together, centres, unit
from voxlite.tasks.voice_windows import HOP_S, Windows
from voxlite.values import FloatArray, Turn
from voxlite.voiceprints.scoring import PairScorer

NameOf = Callable[[FloatArray, float, float | None], str | None]
"""(embedding of a speaker, seconds of speech, bandwidth in Hz) -> an enrolled name, or None for a stranger."""
MOST_SPEAKERS = 20
_LEAST_SPEAKER_S = 3.0
"""Speech that makes a cluster a speaker."""
_ANCHOR_S = 1.0
"""Windows shorter than this say too little to found a cluster."""
_CHANGE, _CHANGE_OVER_PAUSE = 0.3, 0.1
"""What a change of speaker costs, in cosine, within a segment and between two."""
_ROUNDS = 2


@dataclass(frozen=True)
class SpeakerOptions:
    """What is known of the speakers before listening.

    Parameters
    ----------
    n_speakers
        Their number, 1..20; None if unknown.
    least, most
        Bounds for an unknown number.
    name_of
        Finds enrolled people.

    Raises
    ------
    VoxliteError
        If the numbers contradict each other or are out of range.
    """

    n_speakers: int | None = None
    least: int = 1
    most: int = MOST_SPEAKERS
    name_of: NameOf | None = None

    def __post_init__(self) -> None:
        if self.n_speakers is not None and not 1 <= self.n_speakers <= MOST_SPEAKERS:
            raise VoxliteError(f"the number of speakers must be 1..{MOST_SPEAKERS}, got {self.n_speakers}")
        if not 1 <= self.least <= self.most <= MOST_SPEAKERS:
            raise VoxliteError(
                f"between {self.least} and {self.most} speakers is no range: it must lie within 1..{MOST_SPEAKERS}"
            )

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest number of speakers."""
        return (self.least, self.most) if self.n_speakers is None else (self.n_speakers, self.n_speakers)

    @property
    def is_exact(self) -> bool:
        """Whether the number is given."""
        return self.bounds[0] == self.bounds[1]


def diarize(windows: Windows, options: SpeakerOptions, scorer: PairScorer | None = None) -> tuple[Turn, ...]:
    """Say who speaks when.

    Parameters
    ----------
    windows
        What `VoiceWindows` gathered.
    options
        Number of speakers, enrolled names.
    scorer
        The model's; needed unless the number of speakers is given.

    Returns
    -------
    tuple of Turn
        In order of time; together they cover exactly the voice segments.

    Raises
    ------
    MissingExtraError
        If SciPy is not installed.
    """
    if not len(windows):
        return ()
    found = _centres(windows, options, scorer)
    for _ in range(_ROUNDS):
        labels = smoothed(windows.vectors @ found.T, windows.segment)
        present = np.unique(labels)
        labels = np.searchsorted(present, labels)
        found = unit(
            np.stack([windows.vectors[labels == label].mean(axis=0) for label in range(len(present))])
        )
    return _turns(windows, labels, windows.vectors @ found.T, _names(windows, labels, found, options))


def smoothed(cosines: FloatArray, segment: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the best path through speakers, int64[n].

    Parameters
    ----------
    cosines
        float32[n, speakers], of each window to each speaker's centre, n at least 1.
    segment
        int64[n], the segment that a window lies in.
    """
    n, n_speakers = cosines.shape
    best = cosines[0].astype(np.float64)
    came = np.zeros((n, n_speakers), np.int64)
    for at in range(1, n):
        price = _CHANGE if segment[at] == segment[at - 1] else _CHANGE_OVER_PAUSE
        leader = int(best.argmax())
        changes = best[leader] - price > best
        came[at] = np.where(changes, leader, np.arange(n_speakers))
        best = np.where(changes, best[leader] - price, best) + cosines[at]
    labels = np.empty(n, np.int64)
    labels[-1] = best.argmax()
    for at in range(n - 1, 0, -1):
        labels[at - 1] = came[at, labels[at]]
    return labels


def _centres(windows: Windows, options: SpeakerOptions, scorer: PairScorer | None) -> FloatArray:
    length_s = windows.end_s - windows.start_s
    anchors = length_s >= min(_ANCHOR_S, float(length_s.max())) - 1e-6
    least, most = options.bounds
    together = None if options.is_exact or scorer is None else _decide(scorer, windows.bandwidth_hz)
    return centres(windows.vectors[anchors], round(_LEAST_SPEAKER_S / HOP_S), least, most, together)


def _decide(scorer: PairScorer, bandwidth_hz: float | None) -> Together:
    narrow = is_narrow_band(bandwidth_hz)

    def together(one: FloatArray, other: FloatArray, n_windows: int) -> bool:
        return float(scorer.llr(one, other[None], n_windows * HOP_S, narrow)[0]) >= 0.0

    return together


def _names(
    windows: Windows, labels: NDArray[np.int64], found: FloatArray, options: SpeakerOptions
) -> list[str]:
    """Return a name per speaker: an enrolled one, or "speaker 1", ... in order of appearance."""
    speech_s = _speech_s(windows, labels, len(found))
    names = [""] * len(found)
    n_strangers = 0
    for label in dict.fromkeys(labels.tolist()):
        known = None
        if options.name_of:
            known = options.name_of(found[label], float(speech_s[label]), windows.bandwidth_hz)
        if known is None:
            n_strangers += 1
        names[label] = known or f"speaker {n_strangers}"
    return names


def _speech_s(windows: Windows, labels: NDArray[np.int64], n_speakers: int) -> NDArray[np.float64]:
    """Return the speech of each speaker, every segment's shared out by its windows."""
    n_windows = np.bincount(windows.segment, minlength=len(windows.voice_s))
    per_window_s = np.diff(windows.voice_s, axis=1)[:, 0] / np.maximum(n_windows, 1)
    return np.asarray(np.bincount(labels, per_window_s[windows.segment], minlength=n_speakers), np.float64)


def _turns(
    windows: Windows, labels: NDArray[np.int64], cosines: FloatArray, names: list[str]
) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    own = np.clip(cosines[np.arange(len(labels)), labels], 0, 1)
    middles_s = (windows.start_s + windows.end_s) / 2
    starts = np.flatnonzero(np.diff(windows.segment, prepend=-1)).tolist()
    for number, (first, stop) in enumerate(zip(starts, [*starts[1:], len(labels)], strict=True)):
        begin_s, end_s = windows.voice_s[number]
        since = first
        for at in range(first + 1, stop):
            one, other = labels[at - 1], labels[at]
            if names[one] == names[other]:
                continue
            ahead = float(cosines[at - 1, one] - cosines[at - 1, other])
            behind = float(cosines[at, other] - cosines[at, one])
            share = ahead / (ahead + behind) if ahead > 0 and behind > 0 else 0.5
            change_s = float(middles_s[at - 1] + share * (middles_s[at] - middles_s[at - 1]))
            turns.append(Turn(float(begin_s), change_s, names[one], float(own[since:at].mean())))
            begin_s, since = change_s, at
        turns.append(Turn(float(begin_s), float(end_s), names[labels[since]], float(own[since:stop].mean())))
    return tuple(turns)
