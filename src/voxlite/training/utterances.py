"""What a speaker net learns from: stretches of one voice, joined from short clips where clips are short.

Single words say little about a voice, so neighbouring clips of a speaker are joined, without the pauses at their
ends, until they hold some seconds. Speaker ids of a few sources may name the same person in another source: their
utterances are learned from, but never as a class of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from voxlite.training.corpus import Clip
from voxlite.training.mixing import voice_activity
from voxlite.training.store import SampleStore
from voxlite.values import FloatArray

SHARED_IDS = ("gcompris-voices", "tuxpaint-desc", "ktuberling", "klettres", "artikulate-data")
"""Sources of amateur voices whose speakers may recur under other ids."""
LEFT_OUT = ("librispeech-train-clean-5", "emodb")
"""Sources that nothing is learned from: native readers in clean rooms, and strong emotion; they choose the weights."""
_LEAST_S, _ALONE_S = 3.0, 1.0
_MARGIN_S = 0.1
"""Kept around the voice when the ends of a clip are cut."""


@dataclass(frozen=True)
class Utterance:
    """Some seconds of one voice.

    Parameters
    ----------
    name
        Of its first clip.
    voice
        Source and speaker, "librispeech-test-clean/121"; empty when the speaker is not known.
    source
        Where it comes from.
    clips
        Joined in this order.
    """

    name: str
    voice: str
    source: str
    clips: tuple[Clip, ...]

    @property
    def duration_s(self) -> float:
        """Seconds of all clips, pauses included."""
        return sum(clip.duration_s for clip in self.clips)


def utterances(clips: Iterable[Clip], least_s: float = _LEAST_S) -> list[Utterance]:
    """Join speech clips into utterances of at least `least_s` seconds where a speaker has that much.

    Parameters
    ----------
    clips
        Any; only speech counts.
    least_s
        Clips as long as this stay alone; of a clip without a speaker nobody knows what could be joined to it.
    """
    voices: dict[tuple[str, str, str], list[Clip]] = defaultdict(list)
    made: list[Utterance] = []
    for clip in clips:
        if clip.kind != "speech":
            continue
        if clip.speaker:
            voices[clip.source, clip.speaker, clip.language].append(clip)
        elif clip.duration_s >= _ALONE_S:
            made.append(Utterance(clip.name, "", clip.source, (clip,)))
    for (source, speaker, _), own in voices.items():
        voice = f"{source}/{speaker}"
        made += [Utterance(part[0].name, voice, source, tuple(part)) for part in _joined(own, least_s)]
    return made


def _joined(clips: Sequence[Clip], least_s: float) -> list[list[Clip]]:
    """Return the clips in groups of at least `least_s`; what is left over goes to the last group."""
    groups: list[list[Clip]] = []
    open_group: list[Clip] = []
    for clip in clips:
        if clip.duration_s >= least_s:
            groups.append([clip])
            continue
        open_group.append(clip)
        if sum(item.duration_s for item in open_group) >= least_s:
            groups.append(open_group)
            open_group = []
    if open_group and groups and len(groups[-1]) > 1:
        groups[-1].extend(open_group)
    elif sum(item.duration_s for item in open_group) >= _ALONE_S:
        groups.append(open_group)
    return groups


def first_of_each(chosen: Sequence[Utterance], most: int) -> list[Utterance]:
    """Return the first `most` utterances of every known voice."""
    taken: dict[str, int] = defaultdict(int)
    kept = []
    for item in chosen:
        taken[item.voice] += 1
        if item.voice and taken[item.voice] <= most:
            kept.append(item)
    return kept


def sound_of(utterance: Utterance, store: SampleStore, longest_s: float = 6.0) -> FloatArray:
    """Return an utterance's sound, float32[n], clips without the pauses at their ends, cut at `longest_s`."""
    parts = [without_ends(store.samples(clip), store.rate_hz) for clip in utterance.clips]
    return np.concatenate(parts)[: int(longest_s * store.rate_hz)]


def without_ends(samples: FloatArray, rate_hz: int) -> FloatArray:
    """Return a clip without what lies before and after its voice, but for a tenth of a second."""
    active, _ = voice_activity(samples, rate_hz)
    found = np.flatnonzero(active)
    if not len(found):
        return samples
    hop, margin = rate_hz // 100, int(_MARGIN_S * rate_hz)
    return samples[max(0, found[0] * hop - margin) : (found[-1] + 1) * hop + margin]


def windows_of(samples: FloatArray, n: int) -> list[FloatArray]:
    """Return windows of `n` samples that cover the sound."""
    whole = np.resize(samples, n) if len(samples) < n else samples
    starts = list(range(0, len(whole) - n + 1, n))
    if starts[-1] + n < len(whole):
        starts.append(len(whole) - n)
    return [whole[start : start + n] for start in starts]
