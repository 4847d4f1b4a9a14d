"""Training of the voice net: loss, loop, checkpoints, history, resume."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.spectrum import log_mel
from voxlite.training.examples import ExamplePool, mask_features, step_targets
from voxlite.training.metrics import false_alarms_at_recall, roc_auc
from voxlite.training.windows import Windows
from voxlite.values import FloatArray

POOL_STEPS = 5
"""A clip's verdict is the mean of its highest step logits, that many: 200 ms of voice."""


@dataclass(frozen=True)
class FitPlan:
    """How a net is trained.

    Parameters
    ----------
    steps, batch
        Optimiser steps in all and examples in each.
    epoch_steps
        Steps between validations and checkpoints.
    peak_rate
        Highest learning rate: linear warm-up over 3 % of the steps, then half a cosine down to zero.
    clip_weight
        Weight of the whole-clip loss beside the per-step loss.
    smoothing
        Label smoothing, because corpus labels hold mistakes.
    lookahead
        Feature frames that a step may see beyond its own end.
    patience
        Epochs without a better validation after which training stops.
    max_minutes
        The schedule is shortened so that training ends within this time.
    seed
        Of everything random.
    """

    steps: int = 16_000
    batch: int = 64
    epoch_steps: int = 500
    peak_rate: float = 2.5e-3
    weight_decay: float = 1e-3
    clip_weight: float = 0.5
    smoothing: float = 0.01
    lookahead: int = 12
    patience: int = 12
    max_minutes: float = 100.0
    seed: int = 1


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
        steps = ops.sum(_cross_entropy(truth, logits, smoothing) * weight, axis=-1) / ops.shape(logits)[1]
        voiced = ops.sum(truth * weight, axis=-1)
        clip_truth = ops.cast(voiced >= POOL_STEPS, "float32")
        clear = ops.cast(
            ops.logical_or(voiced >= POOL_STEPS, ops.logical_and(voiced == 0, ops.min(weight, axis=-1) > 0)),
            "float32",
        )
        clip = _cross_entropy(clip_truth, pooled(logits), smoothing) * clear
        return ops.mean(steps + clip_weight * clip)

    return loss


def _cross_entropy(truth: Any, logits: Any, smoothing: float) -> Any:
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
        """Return ROC-AUC and false alarms at 99 % recall for each set, and their summary `goal` (lower is better)."""
        result = {}
        for name, (features, windows) in self._sets.items():
            parts = [
                np.asarray(model.predict_on_batch(features[at : at + 128].astype(np.float32)))
                for at in range(0, len(features), 128)
            ]
            values = np.sort(np.concatenate(parts).astype(np.float32), axis=1)[:, -POOL_STEPS:].mean(axis=1)
            result[f"auc_{name}"] = roc_auc(values, windows.is_voice)
            result[f"far99_{name}"] = false_alarms_at_recall(values, windows.is_voice, 0.99)
        result["goal"] = float(
            np.mean([(1 - result[f"auc_{name}"]) + 0.05 * result[f"far99_{name}"] for name in self._sets])
        )
        return result


def learning_rate(plan: FitPlan, progress: float) -> float:
    """Return the rate at `progress` in 0..1 of the schedule."""
    if progress < 0.03:
        return plan.peak_rate * progress / 0.03
    return float(plan.peak_rate * 0.5 * (1 + np.cos(np.pi * min(1.0, (progress - 0.03) / 0.97))))


class Averager:
    """An exponential mean of the weights, which validates and ships better than the last step's weights."""

    def __init__(self, model: keras.Model, momentum: float = 0.998) -> None:
        self._momentum = momentum
        self.weights = [np.asarray(weight) for weight in model.get_weights()]
        self._updates = 0

    def update(self, model: keras.Model) -> None:
        """Move towards the model's weights; early on, faster."""
        self._updates += 1
        keep = min(self._momentum, self._updates / (self._updates + 10))
        for mean, weight in zip(self.weights, model.get_weights(), strict=True):
            mean *= keep
            mean += (1 - keep) * np.asarray(weight)


def train(
    model: keras.Model,
    pool: ExamplePool,
    geometry: Geometry,
    validation: Validation,
    plan: FitPlan,
    out: Path,
    *,
    resume: bool = False,
    report: Callable[[int, dict[str, float]], None] = lambda step, logs: None,
) -> dict[str, Any]:
    """Train, validating the averaged weights every epoch and keeping the best in `out/best.weights.h5`.

    Parameters
    ----------
    model, pool, geometry, validation, plan
        What to train, on what, and how.
    out
        Folder of `last.*` (for `resume`), `best.weights.h5` and `history.json`.
    resume
        Go on from `out` when it holds a checkpoint.
    report
        Called after each step with its logs, for a progress bar.

    Returns
    -------
    dict
        The history that was written to `out/history.json`.
    """
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(plan.seed)
    optimizer = keras.optimizers.AdamW(plan.peak_rate, weight_decay=plan.weight_decay, clipnorm=1.0)
    model.compile(optimizer=optimizer, loss=voice_loss(plan.clip_weight, plan.smoothing))
    optimizer.build(model.trainable_variables)  # so that a checkpoint's moments find their places
    history: dict[str, Any] = {"plan": asdict(plan), "epochs": [], "minutes": 0.0, "step": 0}
    averager = Averager(model)
    if resume and (out / "history.json").is_file():
        history = json.loads((out / "history.json").read_text(encoding="utf-8"))
        model.load_weights(out / "last.weights.h5")
        with np.load(out / "last.average.npz", allow_pickle=False) as saved:
            averager.weights = [saved[name].copy() for name in sorted(saved.files)]
        averager._updates = history["step"]
        history.setdefault("resumed", []).append({"step": history["step"], "plan": asdict(plan)})
    rng = np.random.default_rng((plan.seed, history["step"]))
    before, started, losses = history["minutes"], time.monotonic(), []
    best = min((epoch["goal"] for epoch in history["epochs"]), default=np.inf)
    stale, step = 0, history["step"]
    while step < plan.steps:
        minutes = before + (time.monotonic() - started) / 60
        progress = max(step / plan.steps, minutes / plan.max_minutes)
        if progress >= 1 or stale >= plan.patience:
            break
        optimizer.learning_rate = learning_rate(plan, progress)
        features, labels = pool.batch(rng, plan.batch)
        mask_features(rng, features)
        targets = np.stack([step_targets(row[:, 0], row[:, 1], geometry, plan.lookahead) for row in labels])
        losses.append(float(model.train_on_batch(features, targets)))
        averager.update(model)
        step += 1
        report(step, {"loss": losses[-1]})
        if step % plan.epoch_steps == 0 or step == plan.steps:
            epoch = {
                "step": step,
                "loss": float(np.mean(losses)),
                "rate": learning_rate(plan, progress),
                "minutes": round(before + (time.monotonic() - started) / 60, 2),
                **_validate(model, averager, validation, out, best),
            }
            stale = 0 if epoch["goal"] < best else stale + 1
            best, losses = min(best, epoch["goal"]), []
            history["epochs"].append(epoch)
            history.update(step=step, minutes=epoch["minutes"])
            (out / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
            report(step, epoch)
    return history


def _validate(
    model: keras.Model, averager: Averager, validation: Validation, out: Path, best: float
) -> dict[str, float]:
    """Score the averaged weights; save them if best, save the state for `resume`, and go back to the raw ones."""
    raw = model.get_weights()
    model.save_weights(out / "last.weights.h5")
    np.savez(out / "last.average.npz", **{f"w{i:04d}": weight for i, weight in enumerate(averager.weights)})  # type: ignore[arg-type]
    model.set_weights(averager.weights)
    result = validation(model)
    if result["goal"] < best:
        model.save_weights(out / "best.weights.h5")
    model.save_weights(out / "average.weights.h5")
    model.set_weights(raw)
    return result
