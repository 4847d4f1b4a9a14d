"""Training of one probe: a small net for a few hundred steps, the same examples for every front end.

The examples are drawn once and kept as samples. Nothing is masked: the width of a mask would mean something else for
every front end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.probe_points import Point
from benchmarks.windows import altered, resampled
from voxlite.frontend import FrontEndConfig, log_mel
from voxlite.training.corpus import Clip
from voxlite.training.examples import step_targets
from voxlite.training.fit import Averager, FitPlan, Validation, learning_rate, voice_loss
from voxlite.training.mixing import MixPlan, VoiceExamples
from voxlite.training.nets import compact_voice_net
from voxlite.training.store import SampleStore
from voxlite.training.windows import Windows
from voxlite.values import FloatArray

SHARE = 2
"""A probe has half the channels of the compact net."""
_LABEL_S = 0.010
_LOOKAHEAD_S = 0.120


@dataclass(frozen=True)
class Examples:
    """Samples int16[n, samples] and labels uint8[n, frames of 10 ms, 2] of (active, sure)."""

    samples: np.ndarray
    labels: np.ndarray


def draw_examples(clips: list[Clip], store: SampleStore, rooms: Path, n: int, folder: Path) -> Examples:
    """Draw examples with the training's own mixer, or read those that an earlier run drew into `folder`."""
    paths = [folder / f"{name}-{n}.npy" for name in ("samples", "labels")]
    if not all(path.is_file() for path in paths):
        source = VoiceExamples(clips, store, rooms, MixPlan())
        drawn = [source.draw(np.random.default_rng((1, index))) for index in range(n)]
        folder.mkdir(parents=True, exist_ok=True)
        scaled = np.stack([np.clip(samples * 32_767, -32_767, 32_767) for samples, _, _ in drawn])
        labels = np.stack([np.stack([active, sure], axis=-1) for _, active, sure in drawn])
        np.save(paths[0], scaled.astype(np.int16))
        np.save(paths[1], labels.astype(np.uint8))
    return Examples(*(np.load(path, mmap_mode="r") for path in paths))


def labels_per_frame(labels: FloatArray, hop_s: float, n_frames: int) -> FloatArray:
    """Return the mean label of each frame's hop, float32[n_frames, 2], from labels per 10 ms."""
    total = np.concatenate([np.zeros((1, 2)), np.cumsum(labels, axis=0, dtype=np.float64)])
    edges = np.arange(n_frames + 1) * hop_s / _LABEL_S
    at = np.arange(len(total))
    sums = np.stack([np.interp(edges, at, column) for column in total.T], axis=-1)
    return np.asarray(np.diff(sums, axis=0) * (_LABEL_S / hop_s), np.float32)


def lookahead(config: FrontEndConfig) -> int:
    """Return the frames that a step may see beyond its end: 120 ms at any hop."""
    return round(_LOOKAHEAD_S / config.hop_s)


def features_and_targets(examples: Examples, point: Point) -> tuple[np.ndarray, np.ndarray]:
    """Return float16[n, frames, bands] and float32[n, steps, 2]."""
    config, geometry = point.config, point.plan().geometry()
    features, targets = [], []
    for samples, labels in zip(examples.samples, examples.labels, strict=True):
        mel = log_mel(resampled(samples.astype(np.float32) / np.float32(32_767), config.rate_hz), config)
        active, sure = labels_per_frame(labels, config.hop_s, len(mel)).T
        features.append(mel.astype(np.float16))
        targets.append(step_targets(active, sure, geometry, lookahead(config)))
    return np.stack(features), np.stack(targets)


def scorer(sets: dict[str, Windows], point: Point) -> Validation:
    """Return what scores a net on windows at 16 kHz, whatever the point's rate."""
    config = point.config
    mine = altered(sets, lambda samples: resampled(samples, config.rate_hz))
    return Validation(mine, config, point.plan().geometry(), lookahead(config))


def train_probe(point: Point, examples: Examples, sets: dict[str, dict[str, Windows]], plan: FitPlan) -> Any:
    """Train a probe and return its figures.

    Parameters
    ----------
    point
        The front end.
    examples
        What it learns from.
    sets
        Split -> condition -> windows.
    plan
        Steps, batch, rate and seed.
    """
    started = time.perf_counter()
    keras.utils.set_random_seed(plan.seed)
    model = compact_voice_net(point.config, point.plan(SHARE))
    model.compile(
        optimizer=keras.optimizers.AdamW(plan.peak_rate, weight_decay=plan.weight_decay, clipnorm=1.0),
        loss=voice_loss(plan.clip_weight, plan.smoothing),
    )
    features, targets = features_and_targets(examples, point)
    rng, averager, losses = np.random.default_rng(plan.seed), Averager(model), []
    for step in range(plan.steps):
        model.optimizer.learning_rate = learning_rate(plan, step / plan.steps)
        rows = rng.choice(len(features), min(plan.batch, len(features)), replace=False)
        losses.append(float(model.train_on_batch(features[rows].astype(np.float32), targets[rows])))
        averager.update(model)
    model.set_weights(averager.weights)
    figures = {split: scorer(windows, point)(model) for split, windows in sets.items()}
    return {
        "loss": float(np.mean(losses[-50:])),
        "parameters": int(model.count_params()),
        "s": time.perf_counter() - started,
        **figures,
    }
