"""What a client must know to call a model file: the names, shapes and types of its input and output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from voxlite.audio.quiet import quiet_stderr
from voxlite.errors import ModelError
from voxlite.runtime.catalog import ModelInfo
from voxlite.runtime.soundness import check_graph


@dataclass(frozen=True)
class Tensor:
    """An input or output of a model as its file declares it.

    Parameters
    ----------
    name
        In the graph.
    argument
        In the file's signature, which newer interfaces go by; None where the file has no signature.
    shape
        As declared, e.g. (1, 16000).
    dtype
        "float32", ...
    """

    name: str
    argument: str | None
    shape: tuple[int, ...]
    dtype: str


def model_tensors(model: ModelInfo) -> tuple[Tensor, Tensor, str | None]:
    """Return a model's input, its output, and the key of its signature.

    Raises
    ------
    ModelError
        If LiteRT cannot load the file, or it has not exactly one input and one output.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        check_graph(model.path.read_bytes(), str(model.path))
        with quiet_stderr():  # LiteRT announces its delegate by itself
            interpreter: Any = Interpreter(model_path=str(model.path), num_threads=1)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{model.path}: LiteRT cannot run the model ({str(error).splitlines()[0]})"
        ) from None
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(
            f"{model.path}: {len(inputs)} inputs and {len(outputs)} outputs; a voice model has one of each"
        )
    signatures: dict[str, dict[str, list[str]]] = interpreter.get_signature_list()
    key = next(iter(signatures), None)
    names = signatures[key] if key is not None else {"inputs": [], "outputs": []}
    return _tensor(inputs[0], names["inputs"]), _tensor(outputs[0], names["outputs"]), key


def _tensor(entry: dict[str, Any], arguments: list[str]) -> Tensor:
    return Tensor(
        entry["name"],
        arguments[0] if arguments else None,
        tuple(int(n) for n in entry["shape"]),
        np.dtype(entry["dtype"]).name,
    )
