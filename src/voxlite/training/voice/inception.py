"""Inception-v3 on MFCC images, the article's own network: one verdict per second of sound.

The network is `keras.applications.InceptionV3` with random weights (Szegedy et al. 2016) and two classes; out comes
the difference of their logits. It is convolutional up to its pooling, so training may start with small images, which
cost a tenth, and finish at full size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.training.examples import ExamplePool, mask_features
from voxlite.training.fit import Batch, FitPlan
from voxlite.training.metrics import validation_figures
from voxlite.training.voice.image_graph import image_graph
from voxlite.training.voice.recipe import cross_entropy
from voxlite.training.windows import Windows

_NORM_MOMENTUM = 0.97
"""Of the normalisations' statistics: a stage of the schedule may last only hundreds of steps."""

_POOLED, _CLASSES = "pooled", "classes"


@dataclass(frozen=True)
class Stage:
    """A part of the schedule: from `start` in 0..1 on, images of `size` pixels a side, `batch` at a time."""

    start: float
    size: int
    batch: int


@dataclass(frozen=True)
class InceptionPlan:
    """How the image network is trained.

    Parameters
    ----------
    stages
        By their starts; the last one's size is the size that is exported.
    voice_frames
        Frames of 10 ms in which a window needs to hold voice to count as voice; fewer, but some, is left out.
    dropout
        Share of the pooled features dropped while training.
    """

    stages: tuple[Stage, ...] = (Stage(0.0, 96, 32), Stage(0.42, 150, 32), Stage(0.78, 299, 16))
    voice_frames: int = 20
    dropout: float = 0.2


def inception_net(dropout: float = 0.0) -> keras.Model:
    """Build Inception-v3 with random weights.

    Returns
    -------
    keras.Model
        Images float32[batch, height, width, 3] in 0..1, at least 75 pixels a side -> logits float32[batch, 1].
    """
    images = keras.Input((None, None, 3), name="image")
    body = keras.applications.InceptionV3(
        include_top=False, weights=None, pooling="avg", input_shape=(None, None, 3)
    )
    for layer in body.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = _NORM_MOMENTUM
    pooled = layers.Dropout(dropout, name=_POOLED)(body(layers.Rescaling(2.0, offset=-1.0)(images)))
    classes = layers.Dense(2, name=_CLASSES)(pooled)  # voice, no voice
    return keras.Model(images, classes[:, :1] - classes[:, 1:], name="inception_v3")


def split_at_pooling(net: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Return the net's two parts: images -> pooled features float32[batch, 2048] -> logits; they share its weights."""
    body = keras.Model(net.input, net.get_layer(_POOLED).output)
    pooled = keras.Input(body.output_shape[1:], name="pooled")
    classes = net.get_layer(_CLASSES)(pooled)
    return body, keras.Model(pooled, classes[:, :1] - classes[:, 1:])


def window_targets(labels: np.ndarray, voice_frames: int) -> np.ndarray:
    """Turn labels per frame into one target per window.

    Parameters
    ----------
    labels
        float32[n, frames, 2] of (active, sure).
    voice_frames
        See `InceptionPlan`.

    Returns
    -------
    ndarray
        float32[n, 2] of (is voice, weight).
    """
    active, sure = labels[..., 0], labels[..., 1]
    voice = (active * sure).sum(axis=1) >= voice_frames
    none = (active.sum(axis=1) == 0) & (sure.min(axis=1) > 0)
    return np.stack([voice, voice | none], axis=-1).astype(np.float32)


def window_loss(smoothing: float) -> Callable[[Any, Any], Any]:
    """Return the weighted binary cross entropy of targets [batch, 2] and logits [batch, 1]."""

    def loss(targets: Any, logits: Any) -> Any:
        logits = ops.cast(logits, "float32")[:, 0]
        return ops.mean(cross_entropy(targets[:, 0], logits, smoothing) * targets[:, 1])

    return loss


class ImageRecipe:
    """What `fit.train` asks of an image network.

    Parameters
    ----------
    pool
        Labelled log-mel features.
    sets
        Validation windows by name.
    config
        The front end that makes the images.
    net, plan
        How to train.
    """

    def __init__(
        self,
        pool: ExamplePool,
        sets: dict[str, Windows],
        config: FrontEndConfig,
        net: InceptionPlan,
        plan: FitPlan,
    ) -> None:
        self._pool, self._config, self._net, self._plan = pool, config, net, plan
        self._sets = {
            name: (np.stack([log_mel(row, config) for row in windows.samples]), windows.is_voice)
            for name, windows in sets.items()
        }

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and logits."""
        return window_loss(self._plan.smoothing)

    def stage(self, progress: float) -> int:
        """Return the index of the stage at `progress`."""
        return max(k for k, stage in enumerate(self._net.stages) if stage.start <= progress)

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return images of the stage's size and targets."""
        stage = self._net.stages[self.stage(progress)]
        features, labels = self._pool.batch(rng, stage.batch)
        mask_features(rng, features)
        return self._images(features, stage.size), window_targets(labels, self._net.voice_frames)

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return `validation_figures` at the stage's size."""
        size = self._net.stages[self.stage(progress)].size
        scored = {}
        for name, (features, truth) in self._sets.items():
            parts = [
                np.asarray(model.predict_on_batch(self._images(features[at : at + 32], size)))
                for at in range(0, len(features), 32)
            ]
            scored[name] = np.concatenate(parts)[:, 0].astype(np.float32), truth
        return validation_figures(scored)

    def _images(self, features: np.ndarray, size: int) -> np.ndarray:
        return np.asarray(image_graph(features, self._config, size, size))
