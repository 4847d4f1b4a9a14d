"""The protocol of a trait: labelled test voices, three seconds each, shorter, in noise, by telephone.

Short clips of one voice are joined as a training joins them; of each voice the first few stretches count. A classifier
is asked as a client asks it, the voice detector before it included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from voxlite.training import metrics
from voxlite.training.corpus import Clip, CorpusError
from voxlite.training.store import SampleStore
from voxlite.training.traits.examples import Labelled, first_of_each_voice, labelled
from voxlite.training.traits.labels import Trait, is_contradicted
from voxlite.training.utterances import sound_of
from voxlite.training.windows import by_telephone, in_noises
from voxlite.values import Decision, FloatArray

Ask = Callable[[FloatArray], tuple[Decision, Mapping[str, float]]]
"""Samples float32[n] at the store's rate -> decision and probabilities."""
TELEPHONE = "telephone"


@dataclass(frozen=True)
class TraitProtocol:
    """What is measured.

    Parameters
    ----------
    split
        Of the corpus.
    per_voice
        Most stretches per voice and label.
    seconds
        Of a stretch.
    lengths_s
        Shorter ones, besides.
    snrs_db
        Sounds of the same split that far below the voice.
    telephone
        Whether voices are sent through a telephone's band too.
    free_only
        Whether clips that are not free are left out.
    """

    split: str = "test"
    per_voice: int = 12
    seconds: float = 3.0
    lengths_s: tuple[float, ...] = (1.0, 2.0)
    snrs_db: tuple[float, ...] = (20.0, 10.0, 5.0, 0.0)
    telephone: bool = True
    free_only: bool = False
    seed: int = 0

    @property
    def n_conditions(self) -> int:
        """How often each stretch is asked about."""
        return 1 + len(self.lengths_s) + len(self.snrs_db) + int(self.telephone)


@dataclass(frozen=True)
class Asked:
    """What was answered under one condition, one entry per voice's stretch."""

    truths: tuple[str, ...]
    decisions: tuple[str, ...]
    probabilities: FloatArray


@dataclass(frozen=True)
class TraitEvaluation:
    """Answers by condition, the first of them in quiet; and what they are about."""

    trait: Trait
    protocol: TraitProtocol
    items: Sequence[Labelled]
    asked: dict[str, Asked] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        first = next(iter(self.asked))
        clips = [item.utterance.clips[0] for item in self.items]
        parts = {
            "source": [clip.source for clip in clips],
            "age": [clip.age or "unknown" for clip in clips],
            "language": [clip.language or "unknown" for clip in clips],
            "label": [item.label for item in self.items],
            "pitch": [
                "contradicts the label" if is_contradicted(clip) else "agrees with the label"
                for clip in clips
            ],
        }
        return {
            "schema": "voxlite.evaluation/1",
            "task": self.trait.task,
            "protocol": asdict(self.protocol),
            "labels": list(self.trait.labels),
            "n_voices": len({item.voice for item in self.items}),
            "conditions": {name: self._figures(asked) for name, asked in self.asked.items()},
            "by": {
                part: {value: self._figures(self._part(first, names, value)) for value in sorted(set(names))}
                for part, names in parts.items()
            },
            "confusion": self.confusion(first),
        }

    def confusion(self, condition: str) -> dict[str, dict[str, int]]:
        """Return how often each label was answered with each decision."""
        asked = self.asked[condition]
        answers = sorted(set(asked.decisions))
        return {
            truth: {
                answer: sum(
                    pair == (truth, answer) for pair in zip(asked.truths, asked.decisions, strict=True)
                )
                for answer in answers
            }
            for truth in self.trait.labels
        }

    def _part(self, condition: str, names: Sequence[str], value: str) -> Asked:
        asked, own = self.asked[condition], [at for at, name in enumerate(names) if name == value]
        return Asked(
            tuple(asked.truths[at] for at in own),
            tuple(asked.decisions[at] for at in own),
            asked.probabilities[own],
        )

    def _figures(self, asked: Asked) -> dict[str, float | int | None]:
        """Return figures of the voices that the trait decides on; of children, how many are left open."""
        decided_on = self.trait.decided
        own = [at for at, truth in enumerate(asked.truths) if truth in decided_on]
        others = [at for at, truth in enumerate(asked.truths) if truth not in decided_on]
        given = [at for at in own if asked.decisions[at] in decided_on]
        right = [asked.decisions[at] == asked.truths[at] for at in given]
        open_others = [asked.decisions[at] not in decided_on for at in others]
        return {
            "n": len(own),
            "unsure": 1 - len(given) / len(own) if own else None,
            "right_of_decided": float(np.mean(right)) if right else None,
            "uar": self._uar(asked, own),
            "ece": self._ece(asked, own),
            "n_others": len(others),
            "others_left_open": float(np.mean(open_others)) if others else None,
        }

    def _uar(self, asked: Asked, own: Sequence[int]) -> float | None:
        """Return the mean recall of the likeliest label, however unsure, over the labels that are there."""
        columns = [self.trait.labels.index(label) for label in self.trait.decided]
        best = asked.probabilities[:, columns].argmax(axis=1)
        recalls = [
            np.mean([self.trait.decided[best[at]] == label for at in own if asked.truths[at] == label])
            for label in self.trait.decided
            if any(asked.truths[at] == label for at in own)
        ]
        return float(np.mean(recalls)) if recalls else None

    def _ece(self, asked: Asked, own: Sequence[int]) -> float | None:
        """Return the expected calibration error of the likeliest label's probability."""
        if not own:
            return None
        columns = [self.trait.labels.index(label) for label in self.trait.decided]
        likely = asked.probabilities[own][:, columns]
        truths = np.array([self.trait.decided.index(asked.truths[at]) for at in own])
        error, _ = metrics.calibration(
            likely.max(axis=1).astype(np.float64), likely.argmax(axis=1) == truths, bins=10
        )
        return error


def chosen_voices(clips: Sequence[Clip], trait: Trait, protocol: TraitProtocol) -> list[Labelled]:
    """Return the stretches that a protocol asks about.

    Raises
    ------
    CorpusError
        If the split has no labelled voices.
    """
    wanted = [
        clip
        for clip in clips
        if clip.split == protocol.split and (clip.use == "free" or not protocol.free_only)
    ]
    chosen = first_of_each_voice(labelled(wanted, trait, protocol.seconds), protocol.per_voice)
    if not chosen:
        raise CorpusError(f"split {protocol.split!r} holds no speech that is labelled with {trait.task}")
    return chosen


def evaluate_trait(
    ask: Ask,
    trait: Trait,
    items: Sequence[Labelled],
    noises: Sequence[Clip],
    store: SampleStore,
    protocol: TraitProtocol,
    tick: Callable[[], None] = lambda: None,
) -> TraitEvaluation:
    """Ask a classifier about every stretch under every condition.

    Parameters
    ----------
    ask
        The classifier.
    trait, items
        What is asked, and about whom.
    noises
        Clips that are mixed in.
    store
        Holds the samples of all clips.
    protocol
        What to measure.
    tick
        Called after each answer, `len(items) * protocol.n_conditions` times.
    """

    def answers(sounds: Iterable[FloatArray]) -> Asked:
        decisions, rows = [], []
        for sound in sounds:
            decision, probabilities = ask(sound)
            decisions.append(decision.label)
            rows.append([probabilities[label] for label in trait.labels])
            tick()
        return Asked(tuple(item.label for item in items), tuple(decisions), np.array(rows, np.float32))

    def cut(length_s: float) -> list[FloatArray]:
        return [sound[: int(length_s * store.rate_hz)] for sound in whole]

    whole = [sound_of(item.utterance, store, protocol.seconds) for item in items]
    conditions: dict[str, Iterable[FloatArray]] = {f"{protocol.seconds:g} s": whole}
    conditions |= {f"{length_s:g} s": cut(length_s) for length_s in protocol.lengths_s}
    others = [store.samples(clip) for clip in noises] if protocol.snrs_db else []
    conditions |= {f"{snr:g} dB": in_noises(whole, others, snr, protocol.seed) for snr in protocol.snrs_db}
    if protocol.telephone:
        conditions[TELEPHONE] = (by_telephone(sound, store.rate_hz) for sound in whole)
    asked = {name: answers(sounds) for name, sounds in conditions.items()}
    return TraitEvaluation(trait, protocol, items, asked)
