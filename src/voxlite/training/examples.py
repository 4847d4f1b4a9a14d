"""Worker processes that make labelled features, and the rolling pool the trainer draws from.

Making an example costs more than a training step's share of it, so each one is drawn a few times ("data echoing",
Choi et al. 2019) with its own SpecAugment mask (Park et al. 2019) each time.
"""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.spectrum import log_mel
from voxlite.training.corpus import Clip
from voxlite.training.mixing import MixPlan, VoiceExamples
from voxlite.training.store import SampleStore
from voxlite.values import FloatArray

Example = tuple[np.ndarray, np.ndarray]
"""Features and labels of one example."""
Draw = Callable[[np.random.Generator], Example]


def step_targets(active: FloatArray, sure: FloatArray, geometry: Geometry, lookahead: int) -> FloatArray:
    """Turn labels per frame into targets per output step, float32[steps, 2] of (target, weight).

    Parameters
    ----------
    active, sure
        float32[frames], one value per 10 ms hop.
    geometry
        Of one step over frames.
    lookahead
        Frames that a step may see beyond its own span: step k covers frames
        [k hop + window - lookahead - hop, k hop + window - lookahead).
    """
    n_steps = geometry.count(len(active))
    first = geometry.window - lookahead - geometry.hop
    rows = first + geometry.hop * np.arange(n_steps)[:, None] + np.arange(geometry.hop)
    share, certain = active[rows].mean(axis=1), sure[rows].mean(axis=1)
    weight = certain * (np.abs(share - 0.5) > 0.2)
    return np.stack([share > 0.5, weight], axis=-1).astype(np.float32)


@dataclass(frozen=True)
class VoiceMaker:
    """Makes the voice task's examples in a worker: log-mel features, and (active, sure) of each frame.

    Parameters
    ----------
    clips, store_folder, rooms, plan
        See `VoiceExamples`.
    config
        The front end.
    """

    clips: Sequence[Clip]
    store_folder: Path
    rooms: Path
    plan: MixPlan
    config: FrontEndConfig

    def __call__(self) -> Draw:
        """Return the drawing function."""
        examples = VoiceExamples(self.clips, SampleStore(self.store_folder), self.rooms, self.plan)

        def draw(rng: np.random.Generator) -> Example:
            samples, active, sure = examples.draw(rng)
            mel = log_mel(samples, self.config)
            labels = np.stack([active[: len(mel)], sure[: len(mel)]], axis=-1)
            return mel.astype(np.float16), labels.astype(np.float16)

        return draw


def _work(make: Callable[[], Draw], seed: int, batch: int, out: Any) -> None:
    draw, rng = make(), np.random.default_rng(seed)
    parent = multiprocessing.parent_process()
    while parent is None or parent.is_alive():  # a trainer that was killed must not leave workers behind
        features, labels = zip(*(draw(rng) for _ in range(batch)), strict=True)
        _put(out, (np.stack(features), np.stack(labels)), parent)


def _put(out: Any, item: Any, parent: Any) -> None:
    """Put an item into a queue, giving up when the reader's process has ended."""
    while parent is None or parent.is_alive():
        try:
            out.put(item, timeout=5)
        except queue.Full:
            continue
        return
    out.cancel_join_thread()


class ExamplePool:
    """A rolling pool of labelled features, refilled by worker processes.

    Parameters
    ----------
    make
        Called in each worker, so it must be picklable; returns what draws an example there.
    seed
        Of the examples; worker k draws with seed + k.
    workers
        Processes.
    size
        Examples in the pool.
    echo
        How often an example is drawn on average before a new one must have arrived.
    """

    def __init__(
        self,
        make: Callable[[], Draw],
        *,
        seed: int,
        workers: int = 1,
        size: int = 4096,
        echo: float = 2.0,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._queue: Any = context.Queue(maxsize=8)
        self._workers = [
            context.Process(
                target=_work,
                args=(make, seed * 1000 + k, 32, self._queue),
                daemon=True,
            )
            for k in range(workers)
        ]
        for worker in self._workers:
            worker.start()
        self._size, self._echo = size, echo
        self._credit = 0.0
        self._at = 0
        self._features: np.ndarray = np.zeros(0, np.float16)
        self._labels: np.ndarray = np.zeros(0, np.float16)
        self._filled = 0

    def _receive(self, block: bool) -> bool:
        while True:
            try:
                features, labels = self._queue.get(timeout=60 if block else 0.001)
                break
            except queue.Empty:
                if not block:
                    return False
                if not all(worker.is_alive() for worker in self._workers):
                    raise RuntimeError(
                        "a worker that makes training examples ended; see its message above"
                    ) from None
        if not len(self._features):
            self._features = np.zeros((self._size, *features.shape[1:]), features.dtype)
            self._labels = np.zeros((self._size, *labels.shape[1:]), labels.dtype)
        rows = (self._at + np.arange(len(features))) % self._size
        self._features[rows], self._labels[rows] = features, labels
        self._at = (self._at + len(features)) % self._size
        self._filled = min(self._size, self._filled + len(features))
        self._credit += len(features) * self._echo
        return True

    def batch(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (features float32[n, ...], labels float32[n, ...]), waiting for workers if needed."""
        while self._filled < min(self._size, 512) or self._credit < n:
            self._receive(block=True)
        while self._credit < 4 * n and self._receive(
            block=False
        ):  # beyond that, leave the processor to the trainer
            pass
        self._credit = min(self._credit - n, 4.0 * self._size)
        rows = rng.choice(self._filled, n, replace=False)
        return self._features[rows].astype(np.float32), self._labels[rows].astype(np.float32)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join()


def mask_features(rng: np.random.Generator, features: np.ndarray, silence: float | None = None) -> None:
    """Hide up to two mel bands and one stretch of time per example, in place (SpecAugment).

    A stretch of time becomes `silence`; by default that of the example, its least value.
    """
    n, frames, mels = features.shape
    for index in range(n):
        for _ in range(int(rng.integers(0, 3))):
            width = int(rng.integers(1, 13))
            at = int(rng.integers(0, mels - width))
            features[index, :, at : at + width] = features[index].mean()
        if rng.random() < 0.25:
            width = int(rng.integers(1, 12))
            at = int(rng.integers(0, frames - width))
            features[index, at : at + width] = features[index].min() if silence is None else silence
