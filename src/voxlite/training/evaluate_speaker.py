"""The speaker protocol: all pairs of a few utterances per test speaker, in quiet, cut short, in noise, by telephone.

Of each speaker of the chosen sources the first clips by the name of their original file. Lengths change both sides
of a pair; noise and the telephone band change the second side alone, because people enroll in quiet. The trial list
follows from the manifest and is written beside the figures. Here are the embeddings and their cosines; what a model's
cohort and calibration make of them is in `voxlite.training.speaker_scores`.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.training import augment, metrics
from voxlite.training.corpus import Clip, CorpusError
from voxlite.training.protocol import CLEAN
from voxlite.training.store import SampleStore
from voxlite.training.utterances import LEFT_OUT, without_ends
from voxlite.training.verification import cosines, pairs
from voxlite.training.windows import by_telephone
from voxlite.values import FloatArray

EmbedSound = Callable[[FloatArray], FloatArray]
"""Samples float32[n] at the store's rate -> unit embedding float32[dim]."""
TELEPHONE = "telephone"
_NOISE_KINDS = ("nonhuman", "music")


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


@dataclass(frozen=True)
class Sides:
    """Embeddings of all utterances under one condition.

    Parameters
    ----------
    first, second
        float32[utterances, dim], unit norm.
    first_s, second_s
        float32[utterances], the seconds that were embedded.
    """

    first: FloatArray
    second: FloatArray
    first_s: FloatArray
    second_s: FloatArray


@dataclass(frozen=True)
class SpeakerEvaluation:
    """Cosines of every condition, float32[trials], and the embeddings they come from."""

    protocol: SpeakerProtocol
    trials: Trials
    conditions: dict[str, FloatArray] = field(default_factory=dict)
    sides: dict[str, Sides] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        clean, same = self.conditions[CLEAN], self.trials.same
        alike, apart = (same | chosen for chosen in self.trials.genders())
        prior = self.protocol.target_prior
        return {
            "schema": "voxlite.evaluation/1",
            "task": "speaker",
            "protocol": asdict(self.protocol),
            "n_speakers": len(set(self.trials.voices())),
            "n_clips": len(self.trials.clips),
            "conditions": {
                name: verification(values, same, prior) for name, values in self.conditions.items()
            },
            "gender": {
                "impostors of the same gender": verification(clean[alike], same[alike], prior),
                "impostors of the other gender": verification(clean[apart], same[apart], prior),
            },
        }


def verification(values: FloatArray, same: NDArray[np.bool_], prior: float) -> dict[str, Any]:
    """Return EER, its threshold, minimal detection cost and the numbers of trials."""
    thresholds, false_alarms, misses = metrics.error_rates(values, same)
    return {
        "eer": metrics.equal_error_rate(values, same),
        "eer_threshold": float(thresholds[int(np.argmin(np.abs(false_alarms - misses)))]),
        "min_dcf": metrics.min_detection_cost(values, same, prior),
        "n_target": int(same.sum()),
        "n_impostor": int((~same).sum()),
    }


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


def n_embeddings(trials: Trials, protocol: SpeakerProtocol) -> int:
    """Return how many embeddings an evaluation asks for."""
    return len(trials.clips) * (1 + len(protocol.lengths_s) + len(protocol.snrs_db) + protocol.telephone)


def evaluate_speaker(
    embed: EmbedSound,
    trials: Trials,
    noises: Sequence[Clip],
    store: SampleStore,
    protocol: SpeakerProtocol,
    *,
    speech: Callable[[FloatArray], FloatArray] = lambda samples: samples,
    tick: Callable[[], None] = lambda: None,
) -> SpeakerEvaluation:
    """Put an embedding through the protocol.

    Parameters
    ----------
    embed
        Sound in, unit embedding out.
    trials
        From `make_trials`.
    noises
        Clips of the same split that are mixed in.
    store
        Holds the samples of all clips.
    protocol
        What to measure.
    speech
        Returns what of a sound is embedded, as a client cuts it; all of it if left out.
    tick
        Called after each embedding, `n_embeddings` times.
    """

    def embedded(sounds: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
        rows, seconds = [], []
        for sound in sounds:
            part = speech(sound)
            rows.append(embed(part))
            seconds.append(len(part) / store.rate_hz)
            tick()
        return np.stack(rows), np.array(seconds, np.float32)

    whole = [store.samples(clip) for clip in trials.clips]
    clean = embedded(whole)
    found = {CLEAN: Sides(clean[0], clean[0], clean[1], clean[1])}
    for seconds in protocol.lengths_s:
        n = int(seconds * store.rate_hz)
        rows, lengths = embedded(without_ends(sound, store.rate_hz)[:n] for sound in whole)
        found[f"{seconds:g} s"] = Sides(rows, rows, lengths, lengths)
    others = [
        store.samples(clip) for clip in noises if clip.kind in _NOISE_KINDS and clip.split == protocol.split
    ]
    changed = {f"{snr_db:g} dB": _mixed(whole, others, snr_db, protocol.seed) for snr_db in protocol.snrs_db}
    if protocol.telephone:
        changed[TELEPHONE] = (by_telephone(sound, store.rate_hz) for sound in whole)
    for name, sounds in changed.items():
        rows, lengths = embedded(sounds)
        found[name] = Sides(clean[0], rows, clean[1], lengths)
    cosines_of = {name: trials.scores(sides.first, sides.second) for name, sides in found.items()}
    return SpeakerEvaluation(protocol, trials, cosines_of, found)


def _mixed(
    sounds: Sequence[FloatArray], others: Sequence[FloatArray], snr_db: float, seed: int
) -> Iterator[FloatArray]:
    """Yield each sound with a random other one, repeated to its length, so far below its active level."""
    rng = np.random.default_rng(seed)
    audible = [other for other in others if len(other) > 800 and augment.rms(other) > 1e-4]
    for sound in sounds:
        other = np.resize(audible[rng.integers(len(audible))], len(sound))
        gain = augment.active_rms(sound) * 10 ** (-snr_db / 20) / max(augment.active_rms(other), 1e-8)
        yield sound + other * np.float32(gain)
