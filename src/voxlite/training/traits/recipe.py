"""What `fit.train` asks of a trait's net: cross entropy of the labels, and of figures where they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.tasks.traits import softmax
from voxlite.training.examples import ExamplePool, mask_features
from voxlite.training.fit import Batch, FitPlan
from voxlite.training.store import SampleStore
from voxlite.training.traits.examples import Labelled
from voxlite.training.traits.labels import Trait
from voxlite.training.utterances import sound_of, windows_of
from voxlite.values import FloatArray

_BATCH = 64
_LEAST_LIKELY = 1e-4


@dataclass(frozen=True)
class TraitLoss:
    """Cross entropy over the first `n_labels` outputs, with smoothing, and over each figure behind them."""

    n_labels: int
    smoothing: float = 0.02

    def __call__(self, targets: Any, outputs: Any) -> Any:
        """Return the loss of targets [batch, 1 + figures], below zero where unknown, and logits."""
        outputs = ops.cast(outputs, "float32")
        number = ops.cast(targets[:, 0], "int32")
        known = ops.cast(number >= 0, "float32")
        one_hot = ops.one_hot(ops.maximum(number, 0), self.n_labels)
        wanted = one_hot * (1 - self.smoothing) + self.smoothing / self.n_labels
        logits = outputs[:, : self.n_labels]
        cost = ops.logsumexp(logits, axis=-1) - ops.sum(wanted * logits, axis=-1)
        loss = ops.sum(cost * known) / ops.maximum(ops.sum(known), 1.0)
        if outputs.shape[-1] == self.n_labels:
            return loss
        told = ops.cast(targets[:, 1:] >= 0, "float32")
        figures = outputs[:, self.n_labels :]
        cost = ops.softplus(figures) - ops.maximum(targets[:, 1:], 0.0) * figures
        return loss + ops.sum(cost * told) / ops.maximum(ops.sum(told), 1.0)


@dataclass(frozen=True)
class TraitTrials:
    """Labelled voices cut into windows, to validate on.

    Parameters
    ----------
    features
        float16[windows, frames, mel_bands].
    owners
        int[windows], the item that a window belongs to.
    labels
        int[items].
    groups
        Source and label of each item.
    """

    features: NDArray[np.float16]
    owners: NDArray[np.int64]
    labels: NDArray[np.int64]
    groups: tuple[tuple[str, str], ...]

    def logits(self, model: keras.Model, n_labels: int) -> FloatArray:
        """Return the mean logits of each item, float32[items, n_labels]."""
        rows = np.concatenate(
            [
                np.asarray(model.predict_on_batch(self.features[at : at + _BATCH].astype(np.float32)))
                for at in range(0, len(self.features), _BATCH)
            ]
        )[:, :n_labels]
        sums = np.zeros((len(self.labels), n_labels), np.float32)
        np.add.at(sums, self.owners, rows)
        return np.asarray(sums / np.bincount(self.owners)[:, None], np.float32)


def trait_trials(
    items: Sequence[Labelled],
    trait: Trait,
    store: SampleStore,
    config: FrontEndConfig,
    n_samples: int,
    longest_s: float,
) -> TraitTrials:
    """Cut labelled voices, each up to `longest_s`, into windows of `n_samples`."""
    features: list[NDArray[np.float16]] = []
    owners: list[int] = []
    chosen = [item for item in items if item.label]
    for number, item in enumerate(chosen):
        for window in windows_of(sound_of(item.utterance, store, longest_s), n_samples):
            features.append(log_mel(window, config).astype(np.float16))
            owners.append(number)
    return TraitTrials(
        np.stack(features),
        np.array(owners),
        np.array([trait.labels.index(item.label) for item in chosen]),
        tuple((item.utterance.source, item.label) for item in chosen),
    )


class TraitRecipe:
    """What `fit.train` asks of a trait's net.

    Parameters
    ----------
    pool
        Features and targets.
    trials, trait
        Voices to validate on, and what is asked of them.
    plan
        How to train.
    """

    def __init__(self, pool: ExamplePool, trials: TraitTrials, trait: Trait, plan: FitPlan) -> None:
        self._pool, self._trials, self._trait, self._plan = pool, trials, trait, plan

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and outputs."""
        return TraitLoss(len(self._trait.labels), self._plan.smoothing)

    def stage(self, progress: float) -> int:
        """Return the stage of the schedule: there is one."""
        return 0

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return masked features, and targets."""
        features, targets = self._pool.batch(rng, self._plan.batch)
        mask_features(rng, features)
        return features, targets

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return recall by label and source, and as the goal the mean of what labels and sources cost alike."""
        logits = self._trials.logits(model, len(self._trait.labels))
        likely = softmax(logits)[np.arange(len(logits)), self._trials.labels]
        right = logits.argmax(axis=1) == self._trials.labels
        costs, figures = [], {}
        for group in sorted(set(self._trials.groups)):
            own = np.array([other == group for other in self._trials.groups])
            costs.append(float(-np.log(np.maximum(likely[own], _LEAST_LIKELY)).mean()))
            figures[f"recall_{group[0]}_{group[1]}"] = float(right[own].mean())
        return {**figures, "goal": float(np.mean(costs))}
