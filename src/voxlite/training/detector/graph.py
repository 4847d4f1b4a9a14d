"""The graph of a detector: the lower half of the voice net, statistics over a second, one linear layer.

The voice net's convolutions tell sounds of all kinds apart, for it learned voices against thousands of them. Behind
the one that collapses the mel axis, means, standard deviations and maxima over a sliding second (statistics pooling,
Snyder et al. 2018, here along time) and a single layer give one logit per 40 ms. Every operator is built in, nothing
pads along time: offline and streamed scores agree as those of the voice net do. The few operators are written with
the schema's own classes, so that training a detector needs no TensorFlow.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from voxlite.errors import ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.runtime.metadata import StepGeometry
from voxlite.training import tflite_file
from voxlite.values import FloatArray

POOLED_STEPS = 19
"""Steps of 40 ms over which a detector takes its statistics: with what the first and the last depend on, a second."""
STATISTICS = 3
"""Numbers per channel: mean, standard deviation, maximum."""
TRUNK = Geometry(5, 2).then(Geometry(3, 2)).then(Geometry(3, 1)).then(Geometry(3, 1))
"""Feature frames that a step of the trunk needs: the voice net's stem and its three stages."""
_LEAST_VARIANCE = 1e-6


def step_geometry(config: FrontEndConfig, pooled: int = 1) -> StepGeometry:
    """Return the samples that a step covers and needs, the step in the middle of its `pooled` trunk steps."""
    whole = TRUNK.then(Geometry(pooled, 1))
    step = whole.hop * config.hop_samples
    window = (whole.window - 1) * config.hop_samples + config.window_samples
    before = (window - step) // 2
    return StepGeometry(step, before, window - step - before)


def trunk(content: bytes, where: str) -> Any:
    """Return the lower half of a voice net: waveform in, float32[1, steps, 1, channels] out.

    Parameters
    ----------
    content, where
        The model file and its name, for errors.

    Raises
    ------
    ModelError
        If it is not built as the compact voice net is.
    """
    model = tflite_file.unpack(content)
    graph = model.subgraphs[0]
    for at, name in enumerate(tflite_file.operators(model)):
        shape = list(graph.tensors[graph.operators[at].outputs[0]].shape)
        if name == "CONV_2D" and len(shape) == 4 and shape[2] == 1:
            cut = copy.deepcopy(model)
            inside = cut.subgraphs[0]
            inside.operators = inside.operators[: at + 1]
            inside.outputs = np.array([inside.operators[at].outputs[0]], np.int32)
            cut.signatureDefs, cut.metadata = [], []
            tflite_file.drop_unused(cut)
            return cut
    raise ModelError(f"{where}: not built as the compact voice net is: a detector has nothing to stand on")


def channels(lower: Any) -> int:
    """Return how many numbers a step of a trunk has."""
    graph = lower.subgraphs[0]
    return int(graph.tensors[graph.outputs[0]].shape[3])


def pooled_statistics(steps: FloatArray) -> FloatArray:
    """Return what the graph takes of its trunk: means, deviations and maxima over `POOLED_STEPS` steps.

    Parameters
    ----------
    steps
        float32[n, channels], n at least `POOLED_STEPS`.

    Returns
    -------
    ndarray
        float32[n - POOLED_STEPS + 1, STATISTICS * channels].
    """
    view = np.lib.stride_tricks.sliding_window_view(steps, POOLED_STEPS, axis=0)
    mean = view.mean(axis=-1)
    variance = np.square(view).mean(axis=-1) - np.square(mean)
    deviation = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
    return np.asarray(np.concatenate([mean, deviation, view.max(axis=-1)], axis=1), np.float32)


def with_layer(lower: Any, kernel: FloatArray, bias: float) -> Any:
    """Return a trunk with statistics and a linear layer behind it: waveform in, float32[1, steps] out.

    Parameters
    ----------
    lower
        From `trunk`.
    kernel, bias
        float32[STATISTICS * channels], and what is added.
    """
    model = copy.deepcopy(lower)
    build = _Builder(model)
    x = int(build.graph.outputs[0])
    mean = build.pool(x, "AVERAGE_POOL_2D")
    square = build.pool(
        build.apply("MUL", [x, x], _options(schema.MulOptionsT(), "MulOptions")), "AVERAGE_POOL_2D"
    )
    apart = build.apply(
        "SUB",
        [square, build.apply("MUL", [mean, mean], _options(schema.MulOptionsT(), "MulOptions"))],
        _options(schema.SubOptionsT(), "SubOptions"),
    )
    least = build.constant(np.array(_LEAST_VARIANCE, np.float32))
    kept = build.apply(
        "MAXIMUM", [apart, least], _options(schema.MaximumMinimumOptionsT(), "MaximumMinimumOptions")
    )
    deviation = build.apply("SQRT", [kept], None)
    top = build.pool(x, "MAX_POOL_2D")
    joined = build.join([mean, deviation, top])
    scores = build.convolve(joined, kernel, bias)
    build.graph.outputs = np.array([build.flatten(scores)], np.int32)
    tflite_file.check_builtin(model)
    tflite_file.name_ends(model, "waveform", "scores")
    return model


def _options(value: Any, name: str) -> tuple[Any, int]:
    return value, getattr(schema.BuiltinOptions, name)


class _Builder:
    """Appends float32 operators on tensors [1, steps, 1, channels] to a graph."""

    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.subgraphs[0]

    def apply(
        self, name: str, inputs: list[int], options: tuple[Any, int] | None, shape: list[int] | None = None
    ) -> int:
        """Append an operator, return the tensor it gives; its shape is the first input's unless told."""
        op = schema.OperatorT()
        op.opcodeIndex = self._code(getattr(schema.BuiltinOperator, name))
        out = self._tensor(shape or list(self.graph.tensors[inputs[0]].shape), 0, schema.TensorType.FLOAT32)
        op.inputs, op.outputs = np.array(inputs, np.int32), np.array([out], np.int32)
        if options is not None:
            op.builtinOptions, op.builtinOptionsType = options
        self.graph.operators.append(op)
        return out

    def pool(self, x: int, name: str) -> int:
        """Append a mean or a maximum over `POOLED_STEPS` steps."""
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = options.filterWidth = 1
        options.filterHeight = POOLED_STEPS
        shape = list(self.graph.tensors[x].shape)
        shape[1] = shape[1] - POOLED_STEPS + 1
        return self.apply(name, [x], _options(options, "Pool2DOptions"), shape)

    def join(self, parts: list[int]) -> int:
        """Append a concatenation along channels."""
        options = schema.ConcatenationOptionsT()
        options.axis = 3
        shape = list(self.graph.tensors[parts[0]].shape)
        shape[3] = sum(int(self.graph.tensors[part].shape[3]) for part in parts)
        return self.apply("CONCATENATION", parts, _options(options, "ConcatenationOptions"), shape)

    def convolve(self, x: int, kernel: FloatArray, bias: float) -> int:
        """Append a convolution of length one to a single channel."""
        options = schema.Conv2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
        weights = self.constant(kernel.reshape(1, 1, 1, -1).astype(np.float32))
        added = self.constant(np.array([bias], np.float32))
        shape = [*list(self.graph.tensors[x].shape)[:3], 1]
        return self.apply("CONV_2D", [x, weights, added], _options(options, "Conv2DOptions"), shape)

    def flatten(self, x: int) -> int:
        """Append a reshape to [1, steps], whatever the length."""
        steps = int(self.graph.tensors[x].shape[1])
        return self.apply("RESHAPE", [x, self.constant(np.array([1, -1], np.int32))], None, [1, steps])

    def constant(self, values: Any) -> int:
        """Add a constant, return its tensor."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        kind = schema.TensorType.INT32 if values.dtype == np.int32 else schema.TensorType.FLOAT32
        return self._tensor(list(values.shape), len(self.model.buffers) - 1, kind)

    def _tensor(self, shape: list[int], buffer: int, kind: int) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.buffer, tensor.type = np.array(shape, np.int32), buffer, kind
        tensor.name = f"detector_{len(self.graph.tensors)}"
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def _code(self, builtin: int) -> int:
        for index, code in enumerate(self.model.operatorCodes):
            if max(int(code.builtinCode), int(code.deprecatedBuiltinCode)) == builtin:
                return index
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), 1
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1
