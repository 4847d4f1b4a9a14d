"""What LiteRT takes for granted of a model file, checked before the file gets there.

LiteRT verifies the container (a FlatBuffer), indices and most shapes by itself. A file whose container is whole and
whose content is not can still end the process: a constant that is shorter than its shape says is read beyond its
end, so is one that is unpacked (DEQUANTIZE) into another shape, and an operator that writes to a constant or reads
what comes later works on memory that nobody has laid out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from voxlite.errors import ModelError

_BYTES = {"FLOAT32": 4, "FLOAT16": 2, "INT32": 4, "INT64": 8, "INT8": 1, "UINT8": 1, "BOOL": 1}
_MAX_VALUES = 1 << 26  # of a tensor: 256 MiB of float32
_MAX_PARTS = 1 << 16
_OTHER_GRAPHS = (
    "CUSTOM",
    "DELEGATE",
    "CALL",
    "IF",
    "WHILE",
    "CALL_ONCE",
    "VAR_HANDLE",
    "PLACEHOLDER_FOR_GREATER_OP_CODES",
)
"""Operators that run code or graphs from elsewhere; no model of voxlite has any."""


def check_graph(content: bytes, where: str) -> None:
    """Refuse a `.tflite` file that LiteRT would come to grief over.

    Parameters
    ----------
    content
        The file's.
    where
        Names the file in the error.

    Raises
    ------
    ModelError
        If the graph does not hold together.
    """
    from ai_edge_litert import schema_py_generated as schema

    try:
        fault = next(_faults(schema, schema.Model.GetRootAs(content, 0)), None)
    except Exception as error:  # the generated reader raises whatever a wrong offset leads to
        fault = type(error).__name__
    if fault is not None:
        raise ModelError(f"{where}: the model file is damaged ({fault}); fetch it again")


def _faults(schema: Any, model: Any) -> Iterator[str]:
    if model.SubgraphsLength() != 1:
        yield f"{model.SubgraphsLength()} graphs"
    graph = model.Subgraphs(0)
    n_tensors, n_operators = graph.TensorsLength(), graph.OperatorsLength()
    if max(n_tensors, n_operators, model.BuffersLength(), model.OperatorCodesLength()) > _MAX_PARTS:
        yield "too many parts"
    constants = set()
    sizes = {getattr(schema.TensorType, name): n_bytes for name, n_bytes in _BYTES.items()}
    for index in range(n_tensors):
        tensor = graph.Tensors(index)
        n_held = model.Buffers(tensor.Buffer()).DataLength()
        if n_held:
            constants.add(index)
        yield from _tensor_faults(tensor, sizes, n_held, index)
    codes = []
    barred = {getattr(schema.BuiltinOperator, name) for name in _OTHER_GRAPHS}
    for index in range(model.OperatorCodesLength()):
        code = model.OperatorCodes(index)
        codes.append(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
    if barred & set(codes):
        yield "operators that are not built in"
    yield from _order_faults(graph, constants, n_tensors)
    unpacks = {schema.BuiltinOperator.DEQUANTIZE, schema.BuiltinOperator.QUANTIZE}
    for number in range(n_operators):
        operator = graph.Operators(number)
        if codes[operator.OpcodeIndex()] in unpacks:
            shapes = [_shape(graph.Tensors(at)) for at in (operator.Inputs(0), operator.Outputs(0))]
            if shapes[0] != shapes[1]:
                yield f"operator {number} unpacks {shapes[0]} into {shapes[1]}"


def _shape(tensor: Any) -> list[int]:
    return [tensor.Shape(axis) for axis in range(min(tensor.ShapeLength(), 9))]


def _tensor_faults(tensor: Any, sizes: dict[int, int], n_held: int, index: int) -> Iterator[str]:
    shape = _shape(tensor)
    n_values = math.prod(shape)
    if tensor.Type() not in sizes:
        yield f"tensor {index} of type {tensor.Type()}"
    elif len(shape) > 8 or any(n < 0 for n in shape) or n_values > _MAX_VALUES:
        yield f"tensor {index} of shape {shape[:8]}"
    elif n_held and n_held != n_values * sizes[tensor.Type()]:
        yield f"tensor {index} holds {n_held} bytes for shape {shape}"
    if tensor.IsVariable() or tensor.Sparsity() is not None:
        yield f"tensor {index} keeps a state or is sparse"
    quantization = tensor.Quantization()
    n_scales = 0 if quantization is None else quantization.ScaleLength()
    if n_scales:
        axis = quantization.QuantizedDimension()
        by_axis = 0 <= axis < len(shape) and n_scales == shape[axis]
        if quantization.ZeroPointLength() != n_scales or not (n_scales == 1 or by_axis):
            yield f"tensor {index} has {n_scales} scales"


def _order_faults(graph: Any, constants: set[int], n_tensors: int) -> Iterator[str]:
    """Yield what is wrong with the order: each tensor is made once, before it is read."""
    known = constants | {graph.Inputs(n) for n in range(graph.InputsLength())}
    if (
        not all(0 <= index < n_tensors for index in known)
        or len(known) != len(constants) + graph.InputsLength()
    ):
        yield "an input is a constant or none"
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        read = {operator.Inputs(n) for n in range(operator.InputsLength())} - {-1}  # -1: left out
        made = [operator.Outputs(n) for n in range(operator.OutputsLength())]
        if not read <= known:
            yield f"operator {number} reads what is not there yet"
        if known & set(made) or len(set(made)) != len(made) or not all(0 <= n < n_tensors for n in made):
            yield f"operator {number} writes where it must not"
        known |= set(made)
    if not {graph.Outputs(n) for n in range(graph.OutputsLength())} <= known:
        yield "nothing makes the output"
