"""Training of nets that score every step of a stretch of sound: loss, batches, validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.spectrum import log_mel
from voxlite.training.examples import ExamplePool, mask_features, step_targets
from voxlite.training.fit import Batch, FitPlan
from voxlite.training.metrics import validation_figures
from voxlite.training.windows import Windows
from voxlite.values import FloatArray

POOL_STEPS = 5
"""A clip's verdict is the mean of its highest step logits, that many: 200 ms of voice."""


def pooled(logits: Any) -> Any:
    """Return the clip logit: the mean of the highest `POOL_STEPS` step logits, [batch]."""
    return ops.mean(ops.top_k(logits, POOL_STEPS, sorted=False)[0], axis=-1)


def voice_loss(clip_weight: float, smoothing: float) -> Callable[[Any, Any], Any]:
    """Return the loss for targets [batch, steps, 2] of (is voice, weight) and logits [batch, steps].

    Weighted binary cross entropy per step, plus the same on the pooled logit of examples whose clip label is
    clear: at least `POOL_STEPS` voiced steps, or none at all.
    """

    def loss(targets: Any, logits: Any) -> Any:
        logits = ops.cast(logits, "float32")
        truth, weight = targets[..., 0], targets[..., 1]
        steps = ops.sum(cross_entropy(truth, logits, smoothing) * weight, axis=-1) / ops.shape(logits)[1]
        voiced = ops.sum(truth * weight, axis=-1)
        clip_truth = ops.cast(voiced >= POOL_STEPS, "float32")
        clear = ops.cast(
            ops.logical_or(voiced >= POOL_STEPS, ops.logical_and(voiced == 0, ops.min(weight, axis=-1) > 0)),
            "float32",
        )
        clip = cross_entropy(clip_truth, pooled(logits), smoothing) * clear
        return ops.mean(steps + clip_weight * clip)

    return loss


def cross_entropy(truth: Any, logits: Any, smoothing: float) -> Any:
    """Return the binary cross entropy of each logit, the truth moved by `smoothing` towards one half."""
    truth = truth * (1 - 2 * smoothing) + smoothing
    return ops.softplus(logits) - truth * logits


def padded_features(
    samples: FloatArray, config: FrontEndConfig, geometry: Geometry, lookahead: int
) -> FloatArray:
    """Return features of zero-padded sound such that every step that touches it has an output.

    Parameters
    ----------
    samples
        float32[batch, n]: what lies before and after is taken as digital silence.
    """
    before = (geometry.window - lookahead - geometry.hop) * config.hop_samples
    after = lookahead * config.hop_samples + config.window_samples - config.hop_samples
    padded = np.pad(samples, ((0, 0), (before, after)))
    return np.stack([log_mel(row, config) for row in padded])


class Validation:
    """The validation windows as features, scored after each epoch."""

    def __init__(
        self, sets: dict[str, Windows], config: FrontEndConfig, geometry: Geometry, lookahead: int
    ) -> None:
        self._sets = {
            name: (padded_features(windows.samples, config, geometry, lookahead).astype(np.float16), windows)
            for name, windows in sets.items()
        }

    def __call__(self, model: keras.Model) -> dict[str, float]:
        """Return `validation_figures` of the pooled logits."""
        scored = {}
        for name, (features, windows) in self._sets.items():
            parts = [
                np.asarray(model.predict_on_batch(features[at : at + 128].astype(np.float32)))
                for at in range(0, len(features), 128)
            ]
            values = np.sort(np.concatenate(parts).astype(np.float32), axis=1)[:, -POOL_STEPS:].mean(axis=1)
            scored[name] = values, windows.is_voice
        return validation_figures(scored)


class StepRecipe:
    """What `fit.train` asks of a net with one logit per step."""

    def __init__(self, pool: ExamplePool, geometry: Geometry, validation: Validation, plan: FitPlan) -> None:
        self._pool, self._geometry, self._validation, self._plan = pool, geometry, validation, plan

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and logits."""
        return voice_loss(self._plan.clip_weight, self._plan.smoothing)

    def stage(self, progress: float) -> int:
        """Return the stage of the schedule: there is one."""
        return 0

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return masked features and targets per step."""
        features, labels = self._pool.batch(rng, self._plan.batch)
        mask_features(rng, features)
        rows = [step_targets(row[:, 0], row[:, 1], self._geometry, self._plan.lookahead) for row in labels]
        return features, np.stack(rows)

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return the figures of the validation windows."""
        return self._validation(model)
