"""A model file run by hand: chosen kernels, threads and batch, where the product's engine would choose for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from benchmarks.common import RATE_HZ
from voxlite.audio.quiet import quiet_stderr
from voxlite.runtime import ModelInfo
from voxlite.values import FloatArray

_In = TypeVar("_In")
_Out = TypeVar("_Out")
Run = Callable[[FloatArray], FloatArray]
"""Samples in the shape of the input, or one clip of them; the first output comes back."""
XNNPACK, OPTIMISED, REFERENCE = "XNNPACK", "LiteRT's own kernels", "reference kernels"
_RESOLVERS = {
    XNNPACK: "AUTO",
    OPTIMISED: "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    REFERENCE: "BUILTIN_REF",
}


def run_of(
    model: ModelInfo | bytes, shape: tuple[int, int] = (1, RATE_HZ), threads: int = 1, kernels: str = XNNPACK
) -> Run:
    """Return a function that runs a model's graph.

    Parameters
    ----------
    model
        The file, or its content.
    shape
        Of the waveform input, (clips, samples).
    threads
        Of LiteRT itself, within one call.
    kernels
        `XNNPACK`, as the product runs it, `OPTIMISED` or `REFERENCE`.

    Raises
    ------
    ValueError, RuntimeError
        If the graph cannot take this shape.
    """
    content = model.path.read_bytes() if isinstance(model, ModelInfo) else model
    with quiet_stderr():  # LiteRT announces its delegate by itself
        interpreter = _interpreter(content, threads, kernels)
        entry = interpreter.get_input_details()[0]
        if tuple(entry["shape"]) != shape:
            interpreter.resize_tensor_input(entry["index"], list(shape), strict=False)
        interpreter.allocate_tensors()
    out = interpreter.get_output_details()[0]["index"]

    def run(samples: FloatArray) -> FloatArray:
        interpreter.set_tensor(entry["index"], samples.reshape(shape))
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(out), np.float32)

    return run


def _interpreter(content: bytes, threads: int, kernels: str) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType[_RESOLVERS[kernels]]
    return Interpreter(model_content=content, num_threads=threads, experimental_op_resolver_type=resolver)


def per_thread(make: Callable[[], Callable[[_In], _Out]]) -> Callable[[_In], _Out]:
    """Return a function with a worker of its own for each thread that calls it: one cannot serve two at once."""
    own = threading.local()

    def run(item: _In) -> _Out:
        if not hasattr(own, "run"):
            own.run = make()
        result: _Out = own.run(item)
        return result

    return run


def one_call(model: ModelInfo) -> Callable[[FloatArray], float]:
    """Return the calibrated probability that a fixed-window model gives a window in a single call."""
    run, calibration = per_thread(lambda: run_of(model)), model.metadata.calibration

    def score(samples: FloatArray) -> float:
        odds = calibration["clip_slope"] * float(run(samples)[0, 0]) + calibration["clip_offset"]
        return float(1 / (1 + np.exp(-np.clip(odds, -80, 80))))

    return score
