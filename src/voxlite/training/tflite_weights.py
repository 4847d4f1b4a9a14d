"""int8 kernels in a float16 graph: for nets whose accuracy depends on which weights are rounded.

The converter quantises all kernels or none. Here those of convolutions along time alone become int8, symmetric with a
scale per output channel (Jacob et al. 2018); the runtime quantises their input as it comes and computes in integers.
Kernels that also cover frequency stay in float16: they are few, and rounding them costs most (measured on CAM++:
a third of all the loss for 4 % of the weights). Biases and other vectors go back to float32, as integer kernels want.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema

from voxlite.training.tflite_file import operators

_LEAST = 1_024  # weights; below that nothing is saved
_HYBRID_VERSION = 5  # of CONV_2D: float input, int8 kernel with a scale per channel


def quantise_kernels(model: Any) -> None:
    """Turn the kernels of convolutions along time into int8, in place.

    Parameters
    ----------
    model
        Converted to float16: constants are float16 and reach their readers through DEQUANTIZE.
    """
    graph = model.subgraphs[0]
    names = operators(model)
    kernels = {
        int(op.inputs[1]) for op, name in zip(graph.operators, names, strict=True) if name == "CONV_2D"
    }
    direct: dict[int, int] = {}  # what a reader took -> what it takes from now on
    kept = []
    for op, name in zip(graph.operators, names, strict=True):
        if name == "DEQUANTIZE" and _store(model, graph.tensors[op.inputs[0]], int(op.outputs[0]) in kernels):
            direct[int(op.outputs[0])] = int(op.inputs[0])
        else:
            kept.append(op)
    for op in kept:
        op.inputs = np.array([direct.get(int(i), int(i)) for i in op.inputs], np.int32)
    graph.operators = kept
    for code in model.operatorCodes:
        if max(code.builtinCode, code.deprecatedBuiltinCode) == schema.BuiltinOperator.CONV_2D:
            code.version = max(code.version, _HYBRID_VERSION)


def _store(model: Any, tensor: Any, is_kernel: bool) -> bool:
    """Give a float16 constant its final form; tell whether its readers take it as it is."""
    buffer = model.buffers[tensor.buffer]
    values = np.frombuffer(bytes(buffer.data), np.float16).astype(np.float32).reshape(tensor.shape)
    if not is_kernel or values.size < _LEAST:
        tensor.type = schema.TensorType.FLOAT32
        buffer.data = _bytes(values)
        return True
    if values.shape[2] > 1:  # [out, time, frequency, in]
        return False
    scale = np.abs(values).max(axis=(1, 2, 3)) / 127
    scale[scale == 0] = 1
    buffer.data = _bytes(np.round(values / scale[:, None, None, None]).astype(np.int8))
    quantization = schema.QuantizationParametersT()
    quantization.scale, quantization.zeroPoint = scale, np.zeros(len(scale), np.int64)
    quantization.quantizedDimension = 0
    tensor.type, tensor.quantization = schema.TensorType.INT8, quantization
    return True


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(values.tobytes(), np.uint8)
