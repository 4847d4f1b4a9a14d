"""The training loop of every net: schedule, averaged weights, checkpoints, history, resume.

What is learned, a loss, batches and a validation, comes as a `Recipe`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

Batch = tuple[np.ndarray, np.ndarray]
"""Inputs and targets of one optimiser step."""


@dataclass(frozen=True)
class FitPlan:
    """How a net is trained.

    Parameters
    ----------
    steps, batch
        Optimiser steps in all and examples in each.
    epoch_steps, epoch_minutes
        Steps between validations and checkpoints, and the longest time between them.
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
    average_keep, average_every
        Momentum of the mean of the weights, and steps between its updates.
    echo
        How often an example is drawn on average.
    seed
        Of everything random.
    """

    steps: int = 16_000
    batch: int = 64
    epoch_steps: int = 500
    epoch_minutes: float = 60.0
    peak_rate: float = 2.5e-3
    weight_decay: float = 1e-3
    clip_weight: float = 0.5
    smoothing: float = 0.01
    lookahead: int = 12
    patience: int = 12
    max_minutes: float = 100.0
    average_keep: float = 0.998
    average_every: int = 1
    echo: float = 2.0
    seed: int = 1


class Recipe(Protocol):
    """What is learned: loss, batches, validation; a schedule may have stages that differ in them."""

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and outputs."""

    def stage(self, progress: float) -> int:
        """Return the stage at `progress` in 0..1; the best weights are those of the last stage reached."""

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return inputs and targets of the next step."""

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return figures of the model, `goal` among them, the lower the better."""


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
        self.updates = 0

    def update(self, model: keras.Model) -> None:
        """Move towards the model's weights; early on, faster."""
        self.updates += 1
        keep = min(self._momentum, self.updates / (self.updates + 10))
        for mean, weight in zip(self.weights, model.get_weights(), strict=True):
            mean *= keep
            mean += (1 - keep) * np.asarray(weight)


def train(
    model: keras.Model,
    recipe: Recipe,
    plan: FitPlan,
    out: Path,
    *,
    resume: bool = False,
    started_from: dict[str, Any] | None = None,
    report: Callable[[int, dict[str, float]], None] = lambda step, logs: None,
) -> dict[str, Any]:
    """Train, validating the averaged weights every epoch and keeping the best in `out/best.weights.h5`.

    Parameters
    ----------
    model, recipe, plan
        What to train, on what, and how.
    out
        Folder of `last.*` (for `resume`), `best.weights.h5` and `history.json`.
    resume
        Go on from `out` when it holds a checkpoint.
    started_from
        History of the weights that the model starts from, which becomes part of its own.
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
    model.compile(optimizer=optimizer, loss=recipe.loss())
    optimizer.build(model.trainable_variables)  # so that a checkpoint's moments find their places
    averager = Averager(model, plan.average_keep)
    history = _resumed(model, averager, plan, out) if resume else None
    if history is None:
        history = {"plan": asdict(plan), "epochs": [], "minutes": 0.0, "step": 0}
        history |= {"started_from": started_from} if started_from else {}
    rng, step, stale = np.random.default_rng((plan.seed, history["step"])), history["step"], 0
    losses: list[float] = []
    before, started = float(history["minutes"]), time.monotonic()

    def minutes() -> float:
        return before + (time.monotonic() - started) / 60

    while step < plan.steps:
        progress = max(step / plan.steps, minutes() / plan.max_minutes)
        if progress >= 1 or stale >= plan.patience:
            break
        optimizer.learning_rate = learning_rate(plan, progress)
        losses.append(float(model.train_on_batch(*recipe.batch(rng, progress))))
        step += 1
        if step % plan.average_every == 0:
            averager.update(model)
        report(step, {"loss": losses[-1], "progress": progress})
        if _validation_is_due(plan, step, minutes(), history["minutes"]):
            stage, best = recipe.stage(progress), _best(history, recipe.stage(progress))
            epoch = {
                "step": step,
                "stage": stage,
                "loss": float(np.mean(losses)),
                "rate": learning_rate(plan, progress),
                "minutes": round(minutes(), 2),
                **_validate(model, averager, partial(recipe.validate, progress=progress), out, best),
            }
            stale, losses = (0 if epoch["goal"] < best else stale + 1), []
            history["epochs"].append(epoch)
            history.update(step=step, minutes=round(minutes(), 2))
            (out / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
            report(step, epoch)
    return history


def history_beside(weights: Path | None) -> dict[str, Any] | None:
    """Return the history that an export laid beside a net's weights; None where there is none.

    Parameters
    ----------
    weights
        NAME.weights.h5, whose history is NAME.history.json.
    """
    path = weights and weights.with_name(weights.name.replace(".weights.h5", ".history.json"))
    if not path or path == weights or not path.is_file():
        return None
    history: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return history


def steps_done(out: Path, resume: bool) -> int:
    """Return the steps of the checkpoint that a training goes on from, 0 where it starts anew.

    Examples must be drawn with another seed then: the same ones again would be known by heart.
    """
    path = out / "history.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["step"]) if resume and path.is_file() else 0


def _validation_is_due(plan: FitPlan, step: int, minutes: float, validated: float) -> bool:
    """Tell whether an epoch ends: by its steps, by the minutes since the last one, or with the training."""
    last = step == plan.steps or minutes >= plan.max_minutes
    return last or step % plan.epoch_steps == 0 or minutes - validated >= plan.epoch_minutes


def _resumed(model: keras.Model, averager: Averager, plan: FitPlan, out: Path) -> dict[str, Any] | None:
    """Load the checkpoint in `out` and return its history; None where there is none."""
    if not (out / "history.json").is_file():
        return None
    history: dict[str, Any] = json.loads((out / "history.json").read_text(encoding="utf-8"))
    model.load_weights(out / "last.weights.h5")
    with np.load(out / "last.average.npz", allow_pickle=False) as saved:
        averager.weights = [saved[name].copy() for name in sorted(saved.files)]
    averager.updates = history["step"] // plan.average_every
    history.setdefault("resumed", []).append({"step": history["step"], "plan": asdict(plan)})
    return history


def _best(history: dict[str, Any], stage: int) -> float:
    """Return the best goal so far of a stage."""
    goals = [epoch["goal"] for epoch in history["epochs"] if epoch.get("stage", 0) == stage]
    return float(min(goals, default=np.inf))


def _validate(
    model: keras.Model,
    averager: Averager,
    validation: Callable[[keras.Model], dict[str, float]],
    out: Path,
    best: float,
) -> dict[str, float]:
    """Score the averaged weights; save them if best, save the state for `resume`, and go back to the raw ones."""
    raw = model.get_weights()
    model.save_weights(out / "last.weights.h5")
    np.savez(out / "last.average.npz", **{f"w{i:04d}": weight for i, weight in enumerate(averager.weights)})  # type: ignore[arg-type]
    model.set_weights(averager.weights)
    result = validation(model)
    if result["goal"] < best:
        model.save_weights(out / "best.weights.h5")
    model.set_weights(raw)
    return result
