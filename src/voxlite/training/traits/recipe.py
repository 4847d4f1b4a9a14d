"""What `fit.train` asks of a trait's net: cross entropy, and voices of its own to validate on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
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

    def logits(self, model: keras.Model) -> FloatArray:
        """Return the mean logits of each item, float32[items, labels]."""
        rows = np.concatenate(
            [
                np.asarray(model.predict_on_batch(self.features[at : at + _BATCH].astype(np.float32)))
                for at in range(0, len(self.features), _BATCH)
            ]
        )
        sums = np.zeros((len(self.labels), rows.shape[1]), np.float32)
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
    for number, item in enumerate(items):
        for window in windows_of(sound_of(item.utterance, store, longest_s), n_samples):
            features.append(log_mel(window, config).astype(np.float16))
            owners.append(number)
    return TraitTrials(
        np.stack(features),
        np.array(owners),
        np.array([trait.labels.index(item.label) for item in items]),
        tuple((item.utterance.source, item.label) for item in items),
    )


class TraitRecipe:
    """What `fit.train` asks of a trait's net.

    Parameters
    ----------
    pool
        Features and targets.
    trials
        Voices to validate on.
    plan
        How to train.
    """

    def __init__(self, pool: ExamplePool, trials: TraitTrials, plan: FitPlan) -> None:
        self._pool, self._trials, self._plan = pool, trials, plan

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the cross entropy of labels and logits."""
        smoothing = self._plan.smoothing
        entropy: Callable[[Any, Any], Any] = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=smoothing
        )
        return entropy

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
        logits = self._trials.logits(model)
        likely = softmax(logits)[np.arange(len(logits)), self._trials.labels]
        right = logits.argmax(axis=1) == self._trials.labels
        costs, figures = [], {}
        for group in sorted(set(self._trials.groups)):
            own = np.array([other == group for other in self._trials.groups])
            costs.append(float(-np.log(np.maximum(likely[own], _LEAST_LIKELY)).mean()))
            figures[f"recall_{group[0]}_{group[1]}"] = float(right[own].mean())
        return {**figures, "goal": float(np.mean(costs))}
