"""The speaker protocol: all pairs of a few utterances per test speaker, in quiet, cut short, in noise, by telephone.

Of each speaker of the chosen sources the first clips by the name of their original file. Lengths change both sides
of a pair; noise and the telephone band change the second side alone, because people enroll in quiet. The trial list
follows from the manifest and is written beside the figures. Here are the embeddings and their cosines; what a model's
cohort and calibration make of them is in `voxlite.training.speaker.scores`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.training import metrics
from voxlite.training.corpus import Clip
from voxlite.training.protocol import CLEAN
from voxlite.training.speaker.protocol import SpeakerProtocol, Trials
from voxlite.training.store import SampleStore
from voxlite.training.utterances import without_ends
from voxlite.training.windows import by_telephone, in_noises, noises_of
from voxlite.values import FloatArray

EmbedSound = Callable[[FloatArray], FloatArray]
"""Samples float32[n] at the store's rate -> unit embedding float32[dim]."""
TELEPHONE = "telephone"


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
    others = [store.samples(clip) for clip in noises_of(noises, protocol.split)]
    changed = {
        f"{snr_db:g} dB": in_noises(whole, others, snr_db, protocol.seed) for snr_db in protocol.snrs_db
    }
    if protocol.telephone:
        changed[TELEPHONE] = (by_telephone(sound, store.rate_hz) for sound in whole)
    for name, sounds in changed.items():
        rows, lengths = embedded(sounds)
        found[name] = Sides(clean[0], rows, clean[1], lengths)
    cosines_of = {name: trials.scores(sides.first, sides.second) for name, sides in found.items()}
    return SpeakerEvaluation(protocol, trials, cosines_of, found)
