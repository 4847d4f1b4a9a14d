"""What `fit.train` asks of the speaker net: a teacher's geometry and an angular margin between voices.

Three losses: the angle to the teacher's embedding of the clean utterance; the difference of the two nets' similarity
matrices within a batch (relational distillation, Park et al. 2019); and additive angular margin softmax (Deng et al.
2019) over the voices that are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from voxlite.training.examples import ExamplePool, mask_features
from voxlite.training.fit import Batch, FitPlan
from voxlite.training.speaker.net import DIM
from voxlite.training.speaker.verification import TrialSet
from voxlite.values import FloatArray


@dataclass(frozen=True)
class SpeakerLoss:
    """Weights of the three losses; margin (radians) and scale of the last."""

    teacher: float = 1.0
    relations: float = 4.0
    classes: float = 0.02
    margin: float = 0.2
    scale: float = 30.0

    def __call__(self, targets: Any, outputs: Any) -> Any:
        """Return the loss of targets [batch, DIM + 1] and outputs [batch, DIM + classes]."""
        taught, number = targets[:, :DIM], ops.cast(targets[:, DIM], "int32")
        outputs = ops.cast(outputs, "float32")
        embedding, cosines = outputs[:, :DIM], outputs[:, DIM:]
        angle = ops.mean(1 - ops.sum(taught * embedding, axis=-1))
        difference = ops.matmul(embedding, ops.transpose(embedding)) - ops.matmul(
            taught, ops.transpose(taught)
        )
        relations = ops.mean(ops.square(difference))
        return (
            self.teacher * angle + self.relations * relations + self.classes * self._margin(cosines, number)
        )

    def _margin(self, cosines: Any, number: Any) -> Any:
        known = ops.cast(number >= 0, "float32")
        one_hot = ops.one_hot(ops.maximum(number, 0), cosines.shape[-1])
        limited = ops.clip(cosines, -0.9999, 0.9999)
        moved = limited * np.cos(self.margin) - ops.sqrt(1 - ops.square(limited)) * np.sin(self.margin)
        logits = self.scale * (one_hot * moved + (1 - one_hot) * limited)
        cost = ops.logsumexp(logits, axis=-1) - ops.sum(one_hot * logits, axis=-1)
        return ops.sum(cost * known) / ops.maximum(ops.sum(known), 1.0)


class ClassCosines(layers.Layer):  # type: ignore[misc]
    """Cosines of unit embeddings to one learned direction per class."""

    def __init__(self, n_classes: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._n_classes = n_classes

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the directions."""
        self._directions = self.add_weight(shape=(shape[-1], self._n_classes), initializer="glorot_normal")

    def call(self, embedding: Any) -> Any:
        """Return float32[batch, classes]."""
        return ops.matmul(embedding, ops.normalize(self._directions, axis=0))


def with_classes(
    body: keras.Model, back: keras.Model, n_classes: int, directions: FloatArray | None = None
) -> keras.Model:
    """Return the net with the cosines to the classes behind its embedding: what is trained.

    Parameters
    ----------
    body, back
        From `speaker_net`.
    n_classes
        How many voices are told apart.
    directions
        float32[n_classes, DIM] that their learned directions start from: a teacher's, so that both losses want the
        same of an embedding; random ones pull it elsewhere.
    """
    embedding = back(body.output)
    cosines = ClassCosines(max(1, n_classes))
    model = keras.Model(body.input, layers.Concatenate()([embedding, cosines(embedding)]))
    if directions is not None and n_classes:
        cosines.set_weights([directions.T])
    return model


class SpeakerRecipe:
    """What `fit.train` asks of a speaker net.

    Parameters
    ----------
    pool
        Features and rows of (teacher embedding, class).
    trials
        Sets of trials by name, from sources that are not learned from.
    plan, loss
        How to train.
    """

    def __init__(
        self, pool: ExamplePool, trials: dict[str, TrialSet], plan: FitPlan, loss: SpeakerLoss
    ) -> None:
        self._pool, self._trials, self._plan, self._loss = pool, trials, plan, loss

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and outputs."""
        return self._loss

    def stage(self, progress: float) -> int:
        """Return the stage of the schedule: there is one."""
        return 0

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return masked features, and teacher embeddings with classes."""
        features, targets = self._pool.batch(rng, self._plan.batch)
        mask_features(rng, features, silence=0.0)  # each band has its mean at zero
        return features, targets

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return the equal error rate of each set, and their mean as the goal."""
        rates = {
            f"eer_{name}": trials.equal_error_rate(_embedder(model)) for name, trials in self._trials.items()
        }
        return {**rates, "goal": float(np.mean(list(rates.values())))}


def _embedder(model: keras.Model) -> Callable[[FloatArray], FloatArray]:
    def embed(features: FloatArray) -> FloatArray:
        return np.asarray(model.predict_on_batch(features), np.float32)[:, :DIM]

    return embed
