"""Training of one probe: a small net for a few hundred steps, the same examples for every front end.

The examples are drawn once and kept as samples. Nothing is masked: the width of a mask would mean something else for
every front end.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
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
from voxlite.training.fit import Batch, FitPlan, train
from voxlite.training.mixing import MixPlan, VoiceExamples
from voxlite.training.store import SampleStore
from voxlite.training.voice.nets import compact_voice_net
from voxlite.training.voice.recipe import Validation, voice_loss
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


class ProbeRecipe:
    """What `fit.train` asks of a probe.

    Parameters
    ----------
    features, targets
        Of all examples, see `features_and_targets`.
    validation
        Scores the net.
    plan
        Batch and loss.
    """

    def __init__(
        self, features: np.ndarray, targets: np.ndarray, validation: Validation, plan: FitPlan
    ) -> None:
        self._features, self._targets = features, targets
        self._validation, self._plan = validation, plan

    def loss(self) -> Callable[[Any, Any], Any]:
        """Return the loss of targets and logits."""
        return voice_loss(self._plan.clip_weight, self._plan.smoothing)

    def stage(self, progress: float) -> int:
        """Return the stage of the schedule: there is one."""
        return 0

    def batch(self, rng: np.random.Generator, progress: float) -> Batch:
        """Return random examples, the same in every probe of a seed."""
        rows = rng.choice(len(self._features), min(self._plan.batch, len(self._features)), replace=False)
        return self._features[rows].astype(np.float32), self._targets[rows]

    def validate(self, model: keras.Model, progress: float) -> dict[str, float]:
        """Return the figures of the validation windows."""
        return self._validation(model)


def train_probe(
    point: Point, examples: Examples, sets: dict[str, dict[str, Windows]], plan: FitPlan
) -> dict[str, Any]:
    """Train a probe and return its figures.

    Parameters
    ----------
    point
        The front end.
    examples
        What it learns from.
    sets
        "val" and "test" -> condition -> windows.
    plan
        Steps, batch, rate and seed; one epoch.
    """
    started = time.perf_counter()
    keras.utils.set_random_seed(plan.seed)
    model = compact_voice_net(point.config, point.plan(SHARE))
    recipe = ProbeRecipe(*features_and_targets(examples, point), scorer(sets["val"], point), plan)
    with tempfile.TemporaryDirectory() as folder:
        epoch = train(model, recipe, plan, Path(folder))["epochs"][-1]
        model.load_weights(Path(folder) / "best.weights.h5")
    return {
        "loss": epoch["loss"],
        "parameters": int(model.count_params()),
        "val": {key: value for key, value in epoch.items() if key.startswith(("auc_", "far99_"))},
        "test": scorer(sets["test"], point)(model),
        "s": time.perf_counter() - started,
    }
