"""Calibration of a trait's model on voices that it has not heard: odds that mean what they say, and when to decide.

Slopes (Platt 1999; Guo et al. 2017 for many labels) for one second and for three, and an offset for each label, are
fitted together by maximum likelihood; every source with every label counts alike, whatever it has of clips. Then the
least probability from which a label is given: as high as leaves no more voices open than a trait allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from voxlite.runtime.metadata import ModelMetadata
from voxlite.runtime.scoring import TraitScorer
from voxlite.tasks.gender import CHILD
from voxlite.training.store import SampleStore
from voxlite.training.traits.examples import Labelled
from voxlite.training.traits.labels import Trait
from voxlite.training.utterances import sound_of
from voxlite.values import FloatArray

LENGTHS_S = (1.0, 2.0, 3.0)
DECIDED_AT_S = 3.0
MOST_UNSURE = {"gender": 0.02, "mood": 0.5}
"""Largest share of validation voices, each source and label alike, that one of a trait's thresholds may leave open."""
MOST_TAKEN = 0.05
"""Largest share of the adults of any source and label that may be taken for children: the worst one counts, for the
odds of a child are told least well where children and adults were recorded alike."""
_RANGE = 6.0
"""Of log slopes and offsets, so that perfectly parted voices do not run away."""
_PULL = 1e-3


@dataclass(frozen=True)
class Vectors:
    """What a model says of labelled voices, each at several lengths.

    Parameters
    ----------
    rows
        float32[n, outputs].
    labels
        int64[n], -1 where there is none.
    seconds
        float64[n].
    weights
        float64[n]: sources with a label count alike.
    groups
        Source and label of each.
    """

    rows: FloatArray
    labels: NDArray[np.int64]
    seconds: NDArray[np.float64]
    weights: NDArray[np.float64]
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TraitCalibration:
    """Constants and operating points, as a model file's metadata holds them."""

    constants: dict[str, float]
    thresholds: dict[str, dict[str, Any]]

    def into(self, metadata: ModelMetadata) -> ModelMetadata:
        """Return metadata that carries them."""
        return replace(metadata, calibration=self.constants, thresholds=self.thresholds)


def vectors_of(
    scorer: TraitScorer,
    items: Sequence[Labelled],
    trait: Trait,
    store: SampleStore,
    tick: Callable[[], None] = lambda: None,
) -> Vectors:
    """Let a model hear the first seconds of labelled voices, as long as they are."""
    sounds, labels, seconds, groups = [], [], [], []
    for item in items:
        whole = sound_of(item.utterance, store, max(LENGTHS_S))
        heard_s = len(whole) / store.rate_hz
        for length_s in LENGTHS_S:
            if length_s <= heard_s or length_s == LENGTHS_S[0]:
                sounds.append(whole[: int(length_s * store.rate_hz)])
                labels.append(trait.labels.index(item.label))
                seconds.append(min(length_s, heard_s))
                groups.append((item.utterance.source, item.label))
        tick()
    counts = {group: groups.count(group) for group in set(groups)}
    weights = np.array([1 / counts[group] for group in groups])
    rows = scorer.vectors(sounds)
    return Vectors(rows, np.array(labels), np.array(seconds), weights / weights.sum(), tuple(groups))


def calibrate_trait(heard: Vectors, trait: Trait) -> TraitCalibration:
    """Fit slopes, offsets and the threshold.

    Parameters
    ----------
    heard
        Of validation voices.
    trait
        What is decided.
    """
    n = len(trait.labels)
    logits = heard.rows[:, :n].astype(np.float64)
    share = np.log(np.clip(heard.seconds, LENGTHS_S[0], LENGTHS_S[-1])) / np.log(LENGTHS_S[-1])

    def odds(values: NDArray[np.float64]) -> NDArray[np.float64]:
        short, long = np.exp(np.clip(values[:2], -_RANGE, _RANGE))
        slope: NDArray[np.float64] = short + share * (long - short)
        return np.asarray(slope[:, None] * logits + np.append(values[2:], 0.0))

    def cost(values: NDArray[np.float64]) -> float:
        found = odds(values)
        peak = found.max(axis=1)
        total = peak + np.log(np.exp(found - peak[:, None]).sum(axis=1))
        lost = (heard.weights * (total - found[np.arange(len(found)), heard.labels])).sum()
        return float(lost + _PULL * np.square(values).sum())

    best = minimize(cost, np.zeros(2 + n - 1), method="L-BFGS-B").x
    slopes, offsets = np.exp(np.clip(best[:2], -_RANGE, _RANGE)), np.append(best[2:], 0.0)
    constants = {"short_slope": float(slopes[0]), "long_slope": float(slopes[1])}
    constants |= {f"offset_{label}": float(at) for label, at in zip(trait.labels, offsets, strict=True)}
    found = odds(best)
    powers = np.exp(found - found.max(axis=1, keepdims=True))
    return TraitCalibration(constants, _thresholds(heard, powers / powers.sum(axis=1, keepdims=True), trait))


def _thresholds(heard: Vectors, likely: NDArray[np.float64], trait: Trait) -> dict[str, dict[str, Any]]:
    """Return the operating points: values, shares of voices left open and of decided ones that are wrong."""
    decided_on = [trait.labels.index(label) for label in trait.decided]
    chosen = np.isin(heard.labels, decided_on)
    chosen &= heard.seconds >= min(DECIDED_AT_S, float(np.median(heard.seconds[chosen])))
    sources = {group[0] for group, own in zip(heard.groups, chosen, strict=True) if own}
    many = f"{len(sources)} sources alike" if len(sources) > 1 else "one source"
    data = f"{int(chosen.sum())} stretches of validation voices, {many}"
    weights = heard.weights[chosen] / heard.weights[chosen].sum()
    points: dict[str, dict[str, Any]] = {}
    sure = np.ones(len(weights), np.bool_)
    if len(decided_on) < len(trait.labels):
        other = 1 - likely[chosen][:, decided_on].sum(axis=1)
        names = [group for group, own in zip(heard.groups, chosen, strict=True) if own]
        value = max(0.5, _spares_every_group(other, names))
        sure = other < value
        points[CHILD] = {
            "value": round(value, 4),
            "unsure": round(float(weights[~sure].sum()), 4),
            "data": data,
        }
    adult = likely[chosen][:, decided_on]
    adult = adult / adult.sum(axis=1, keepdims=True)
    value = max(_at_most(adult.max(axis=1), weights, MOST_UNSURE[trait.task]), 1 / len(decided_on))
    sure &= adult.max(axis=1) >= value
    wrong = np.array(decided_on)[adult.argmax(axis=1)] != heard.labels[chosen]
    points["decide"] = {
        "value": round(value, 4),
        "unsure": round(float(weights[~sure].sum()), 4),
        "wrong": round(float(weights[sure & wrong].sum() / weights[sure].sum()), 4),
        "data": data,
    }
    return points


def _spares_every_group(other: NDArray[np.float64], groups: list[tuple[str, str]]) -> float:
    """Return the lowest limit that no more than `MOST_TAKEN` of any source's voices with one label reach."""
    limits = [0.0]
    for group in set(groups):
        own = np.sort([value for value, name in zip(other, groups, strict=True) if name == group])[::-1]
        limits.append(np.nextafter(own[int(MOST_TAKEN * len(own))], 1))
    return float(max(limits))


def _at_most(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Return the highest limit with no more than a share of the weight below it."""
    order = np.argsort(values)
    at = int(np.searchsorted(np.cumsum(weights[order]), share, side="right"))
    return float(values[order][min(at, len(order) - 1)])
