"""Runs a waveform-in model over a stretch of sound: fragments on several LiteRT interpreters.

A model without padding along time gives the same number for a step whatever the length of the call, so the sound is
cut into fragments of a few fixed lengths: long ones for files, short ones for live streams. The input of an
interpreter is resized to each of these once. A model that looks at one window at a time, as image networks do, is
called once per step, and so is one that turns a window into an embedding or into scores of a trait. Which fragment
runs on which thread cannot change a result.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from voxlite.audio.quiet import quiet_stderr
from voxlite.errors import ModelError
from voxlite.runtime.catalog import ModelInfo
from voxlite.runtime.soundness import check_graph
from voxlite.values import FloatArray

FRAGMENT_STEPS = (1, 8, 32, 96)
"""Steps per call, ascending. Every call also computes the context before its first step, so few long calls are
cheapest; beyond 100 steps nothing is gained."""
SINGLE_STEP = (1,)
"""Steps per call of a model whose input cannot be resized: one window, one score."""


class Engine:
    """A model ready to run.

    Parameters
    ----------
    model
        The file to run.
    threads
        Fragments that run at the same time, 1..64.

    Raises
    ------
    ModelError
        If the file cannot be loaded, or `threads` is out of range.
    """

    def __init__(self, model: ModelInfo, threads: int = 4) -> None:
        if not 1 <= threads <= 64:
            raise ModelError(f"threads must be 1..64, got {threads}")
        self.model = model
        self.geometry = model.metadata.geometry
        self._content = _read(model)
        self._threads = threads
        self._local = threading.local()
        self._pool: ThreadPoolExecutor | None = None
        self._sizes = FRAGMENT_STEPS if model.metadata.resizable else SINGLE_STEP
        size = model.metadata.vector_size
        self._width = (size,) if size else ()
        self._runner(1)  # a file that cannot run is refused here, not in the middle of a recording

    def logits(self, stretches: Sequence[FloatArray]) -> list[FloatArray]:
        """Return one logit per step for several stretches of sound, all fragments in one pool.

        Parameters
        ----------
        stretches
            Each float32[geometry.input_length(n)]: the sound of n steps with its surroundings.

        Returns
        -------
        list of ndarray
            For each stretch float32[n].
        """
        return self._outputs(stretches)

    def vectors(self, stretches: Sequence[FloatArray]) -> list[FloatArray]:
        """Return one vector per window for several stretches of sound, as `logits` returns one number per step.

        Parameters
        ----------
        stretches
            Each float32[geometry.input_length(n)]: n windows, `geometry.step` apart.

        Returns
        -------
        list of ndarray
            For each stretch float32[n, vector_size].
        """
        return self._outputs(stretches)

    def _outputs(self, stretches: Sequence[FloatArray]) -> list[FloatArray]:
        results = [
            np.empty((self.geometry.steps_in(len(samples)), *self._width), np.float32)
            for samples in stretches
        ]
        plan = [
            (samples, result, first, size)
            for samples, result in zip(stretches, results, strict=True)
            for first, size in _cover(len(result), self._sizes)
        ]
        if self._threads == 1 or len(plan) == 1:
            for item in plan:
                self._run(*item)
        else:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="voxlite")
            for _ in self._pool.map(lambda item: self._run(*item), plan):
                pass
        return results

    def _run(self, samples: FloatArray, result: FloatArray, first: int, size: int) -> None:
        """Fill result[first:first + size]; a stretch that ends early is padded, what that adds is dropped."""
        start, length = first * self.geometry.step, self.geometry.input_length(size)
        part = samples[start : start + length]
        if len(part) < length:
            part = np.pad(part, (0, length - len(part)))
        result[first : first + size] = self._runner(size)(part)[: len(result) - first]

    def _runner(self, n_steps: int) -> Callable[[FloatArray], FloatArray]:
        runners: dict[int, Callable[[FloatArray], FloatArray]] = self._local.__dict__.setdefault(
            "runners", {}
        )
        if n_steps not in runners:
            n_samples = self.geometry.input_length(n_steps)
            runners[n_steps] = _load(self._content, str(self.model.path), n_samples, (n_steps, *self._width))
        return runners[n_steps]


def _read(model: ModelInfo) -> bytes:
    """Return a model file's content, fit to be run."""
    try:
        content = model.path.read_bytes()
    except OSError as error:
        raise ModelError(f"{model.path}: cannot read the model file ({error.strerror or error})") from None
    check_graph(content, str(model.path))
    return content


def _cover(n_steps: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first step, steps) of the calls that cover a stretch: the longest, then the shortest that ends it."""
    plan, first = [], 0
    while first < n_steps:
        size = min((s for s in sizes if s >= n_steps - first), default=sizes[-1])
        plan.append((first, size))
        first += size
    return plan


def _load(
    content: bytes, where: str, n_samples: int, result: tuple[int, ...]
) -> Callable[[FloatArray], FloatArray]:
    """Return a function that runs an interpreter whose input is [1, n_samples], its output in the result's shape."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet_stderr():  # LiteRT announces its delegate by itself
            interpreter: Any = Interpreter(model_content=content, num_threads=1)
            entry = interpreter.get_input_details()[0]
            at = entry["index"]
            if list(entry["shape"]) != [1, n_samples]:
                interpreter.resize_tensor_input(at, [1, n_samples])
            interpreter.allocate_tensors()
        out = interpreter.get_output_details()[0]["index"]
    except (ValueError, RuntimeError, MemoryError) as error:
        raise _cannot_run(where, error) from None
    shape = tuple(interpreter.get_output_details()[0]["shape"])
    if shape != (1, result[-1]):  # the steps' scores, or the one window's vector
        raise ModelError(
            f"{where}: gives shape {shape} for {result[0]} steps; its metadata does not fit its graph"
        )

    def run(samples: FloatArray) -> FloatArray:
        try:
            interpreter.set_tensor(at, samples[None])
            interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise _cannot_run(where, error) from None
        given = np.asarray(interpreter.get_tensor(out).reshape(result), np.float32)
        if not np.isfinite(given).all():  # samples are finite: the weights are not
            raise ModelError(f"{where}: gives numbers that are not finite: it is damaged; fetch it again")
        return given

    return run


def _cannot_run(where: str, error: Exception) -> ModelError:
    said = " ".join(str(error).split()) or type(error).__name__
    return ModelError(f"{where}: LiteRT cannot run the model ({said[:200]})")
