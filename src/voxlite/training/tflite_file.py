"""Edits of `.tflite` files: joining two graphs, freeing their length, adding metadata, listing operators.

The front end and the net are converted one by one, because only the net may be quantised; `join` makes them one graph
again. `free_length` lets a client resize the input: shapes that the converter froze at the exported length become
"whatever is left". Formats: the TensorFlow Lite flatbuffer schema, read and written by its generated classes.
"""

from __future__ import annotations

import copy
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from voxlite.errors import ModelError
from voxlite.runtime.metadata import COHORT_NAME, METADATA_NAME
from voxlite.values import FloatArray

_OPERATOR_NAMES = {
    value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)
}
_CUSTOM = _OPERATOR_NAMES[schema.BuiltinOperator.CUSTOM]


def unpack(content: bytes) -> Any:
    """Return the object form of a `.tflite` file."""
    return schema.ModelT.InitFromPackedBuf(content, 0)


def pack(model: Any) -> bytes:
    """Return the file form of a model."""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def operators(model: Any) -> list[str]:
    """Return the operators' names in the order they run."""
    return [_name(model, op) for op in model.subgraphs[0].operators]


def check_builtin(model: Any) -> None:
    """Refuse a graph that needs more than built-in operators.

    Raises
    ------
    ModelError
        Naming the operators that a phone or browser could not run.
    """
    odd = [
        code.customCode.decode() if code.customCode else _CUSTOM
        for code in model.operatorCodes
        if _builtin(code) == schema.BuiltinOperator.CUSTOM
    ]
    if odd:
        raise ModelError(f"the graph needs operators that are not built in: {', '.join(odd)}")


def join(front: Any, net: Any) -> Any:
    """Return one graph in which `front`'s output is `net`'s input.

    Raises
    ------
    ModelError
        If the shapes or types differ.
    """
    first, second = front.subgraphs[0], copy.deepcopy(net.subgraphs[0])
    out, entry = first.outputs[0], second.inputs[0]
    a, b = first.tensors[out], second.tensors[entry]
    if list(a.shape) != list(b.shape) or a.type != b.type:
        raise ModelError(
            f"front end gives {list(a.shape)}, net wants {list(b.shape)}: export both for one length"
        )
    result = copy.deepcopy(front)
    graph = result.subgraphs[0]
    tensor_base, buffer_base, code_base = len(first.tensors), len(front.buffers), len(front.operatorCodes)
    result.buffers += copy.deepcopy(net.buffers)
    result.operatorCodes += copy.deepcopy(net.operatorCodes)
    for tensor in second.tensors:
        tensor.buffer += buffer_base
        graph.tensors.append(tensor)

    def moved(indices: Any) -> Any:
        if indices is None:
            return None
        return np.array([i if i < 0 else out if i == entry else i + tensor_base for i in indices], np.int32)

    for op in second.operators:
        op.opcodeIndex += code_base
        op.inputs, op.outputs, op.intermediates = moved(op.inputs), moved(op.outputs), moved(op.intermediates)
        graph.operators.append(op)
    graph.outputs = moved(second.outputs)
    result.signatureDefs = []
    result.metadata = []
    return result


def behind(model: Any, operator: str) -> Any:
    """Return the part of a graph that follows the first operator of a kind: its output becomes the input.

    Raises
    ------
    ModelError
        If there is no such operator.
    """
    names = operators(model)
    if operator not in names:
        raise ModelError(f"the graph has no {operator} operator: its front end cannot be told from its net")
    result = copy.deepcopy(model)
    graph = result.subgraphs[0]
    at = names.index(operator)
    graph.inputs = np.array([graph.operators[at].outputs[0]], np.int32)
    graph.operators = graph.operators[at + 1 :]
    return result


def drop_unused(model: Any) -> None:
    """Empty the buffers that no tensor of a running operator reads, in place: they would only take space."""
    graph = model.subgraphs[0]
    used = {int(i) for op in graph.operators for i in (*op.inputs, *op.outputs) if i >= 0}
    kept = {graph.tensors[i].buffer for i in used}
    for index, buffer in enumerate(model.buffers):
        if index not in kept:
            buffer.data = None


def free_length(model: Any) -> None:
    """Turn the time dimension of every frozen reshape (its second one) into "whatever is left", in place.

    Raises
    ------
    ModelError
        If a reshape has no such dimension.
    """
    graph = model.subgraphs[0]
    for op in graph.operators:
        if _name(model, op) != "RESHAPE":
            continue
        buffer = model.buffers[graph.tensors[op.inputs[1]].buffer]
        shape = np.frombuffer(bytes(buffer.data), np.int32).copy()
        if (shape < 0).any():
            continue
        if len(shape) < 2 or shape[0] != 1:
            raise ModelError(f"cannot free the length of a reshape to {shape.tolist()}")
        shape[1] = -1
        fresh = schema.BufferT()
        fresh.data = np.frombuffer(shape.tobytes(), np.uint8)
        model.buffers.append(fresh)  # the old one may serve another reshape
        tensor = copy.deepcopy(graph.tensors[op.inputs[1]])
        tensor.buffer = len(model.buffers) - 1
        graph.tensors.append(tensor)
        op.inputs[1] = len(graph.tensors) - 1
        op.builtinOptions = None  # a copy of the shape that some runtimes would prefer
        op.builtinOptionsType = 0


def name_ends(model: Any, input_name: str, output_name: str) -> None:
    """Name the input and output tensors and give the graph a default signature, in place."""
    graph = model.subgraphs[0]
    signature = schema.SignatureDefT()
    signature.signatureKey = "serving_default"
    signature.subgraphIndex = 0
    signature.inputs, signature.outputs = [], []
    for indices, name, maps in (
        (graph.inputs, input_name, signature.inputs),
        (graph.outputs, output_name, signature.outputs),
    ):
        graph.tensors[indices[0]].name = name
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name, indices[0]
        maps.append(entry)
    model.signatureDefs = [signature]


def add_metadata(model: Any, text: str) -> None:
    """Store voxlite's metadata text in the model, in place of any earlier one."""
    add_part(model, METADATA_NAME, text.encode("utf-8"))


def add_cohort(model: Any, rows: FloatArray) -> None:
    """Store a cohort, float32[n, dim], in int8, in place of any earlier one (see `read_cohort`)."""
    add_part(model, COHORT_NAME, cohort_bytes(rows).tobytes())


def cohort_bytes(rows: FloatArray) -> NDArray[np.int8]:
    """Return embeddings as a file holds them, int8[n, dim]: each one's largest number is 127 or -127."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    return np.asarray(np.round(rows / largest * 127), np.int8)


def add_part(model: Any, name: str, content: bytes) -> None:
    """Store bytes under a name in the model's metadata, in place of any earlier ones."""
    data = np.frombuffer(content, np.uint8)
    for entry in model.metadata or []:
        if entry.name in (name, name.encode()):
            model.buffers[entry.buffer].data = data
            return
    buffer = schema.BufferT()
    buffer.data = data
    entry = schema.MetadataT()
    entry.name, entry.buffer = name, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    model.description = "voxlite"


def _builtin(code: Any) -> int:
    return max(int(code.builtinCode), int(code.deprecatedBuiltinCode))


def _name(model: Any, op: Any) -> str:
    return str(_OPERATOR_NAMES[_builtin(model.operatorCodes[op.opcodeIndex])])
