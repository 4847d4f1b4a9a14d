"""Writes a speaker model of 30 kB that needs no training: the shape of the mean spectrum, centred, of unit norm.

Telling a handful of different voices apart is all that it is for. The flatbuffer is put together by hand, so that the
tests that use it need no TensorFlow. Run as a module of its own by `speaker_model` in tests/conftest.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from voxlite.frontend.config import FrontEndConfig
from voxlite.runtime.metadata import COHORT_NAME, METADATA_NAME, ModelMetadata, StepGeometry

RATE_HZ, FRAME, WINDOW = 16_000, 320, 32_000
BANDS = 24
OPS = schema.BuiltinOperator
OPTIONS = schema.BuiltinOptions


def matrices() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return windowed DFT [2 * bins, FRAME], bands over its squares [BANDS, 2 * bins], centring [BANDS, BANDS]."""
    bins = np.arange(4, 76)  # 200 to 3750 Hz in steps of 50: a telephone carries them too
    angle = 2 * np.pi * np.outer(bins, np.arange(FRAME)) / FRAME
    dft = np.concatenate([np.cos(angle), np.sin(angle)]) * np.hanning(FRAME)
    band = np.repeat(np.arange(BANDS), len(bins) // BANDS)
    sums = np.tile(band == np.arange(BANDS)[:, None], 2).astype(float)
    return dft, sums, np.eye(BANDS) - 1 / BANDS


class Graph:
    """One subgraph in the making."""

    def __init__(self) -> None:
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.model.version, self.model.subgraphs = 3, [self.graph]
        self.model.buffers, self.model.operatorCodes, self.model.metadata = [schema.BufferT()], [], []
        self.graph.tensors, self.graph.operators = [], []

    def buffer(self, content: bytes) -> int:
        entry = schema.BufferT()
        entry.data = np.frombuffer(content, np.uint8)
        self.model.buffers.append(entry)
        return len(self.model.buffers) - 1

    def tensor(self, shape: tuple[int, ...], value: np.ndarray | None = None) -> int:
        entry = schema.TensorT()
        entry.shape = np.array(shape, np.int32)
        entry.name = f"t{len(self.graph.tensors)}"
        entry.type = schema.TensorType.FLOAT32
        if value is not None:
            integer = value.dtype == np.int32
            entry.type = schema.TensorType.INT32 if integer else schema.TensorType.FLOAT32
            entry.buffer = self.buffer((value if integer else value.astype(np.float32)).tobytes())
        self.graph.tensors.append(entry)
        return len(self.graph.tensors) - 1

    def constant(self, value: np.ndarray) -> int:
        return self.tensor(value.shape, value)

    def run(
        self, code: int, inputs: list[int], shape: tuple[int, ...], kind: int = 0, options: object = None
    ) -> int:
        entry, operator = schema.OperatorCodeT(), schema.OperatorT()
        entry.builtinCode = entry.deprecatedBuiltinCode = code
        self.model.operatorCodes.append(entry)
        out = self.tensor(shape)
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array([out], np.int32)
        operator.builtinOptionsType, operator.builtinOptions = kind, options
        self.graph.operators.append(operator)
        return out

    def dense(self, inputs: int, weights: np.ndarray, rows: int) -> int:
        operands = [inputs, self.constant(weights), -1]
        kind, options = OPTIONS.FullyConnectedOptions, schema.FullyConnectedOptionsT()
        return self.run(OPS.FULLY_CONNECTED, operands, (rows, len(weights)), kind, options)

    def note(self, name: str, content: bytes) -> None:
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, self.buffer(content)
        self.model.metadata.append(entry)

    def pack(self) -> bytes:
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def metadata(name: str) -> str:
    """Return what the file says of itself: a calibration that suits the voices of samples/ roughly."""
    flat = {f"{band}_{what}_per_octave": 0.0 for band in ("wide", "narrow") for what in ("slope", "offset")}
    flat |= {f"{band}_slope": 20.0 for band in ("wide", "narrow")}
    flat |= {f"{band}_offset": -17.0 for band in ("wide", "narrow")}
    flat |= {"cohort_top": 4.0, "llr_at_far_0.1": -1.0, "llr_at_far_0.01": 1.0, "llr_at_far_0.001": 2.5}
    return ModelMetadata(
        name=name,
        version="1",
        task="speaker",
        labels=(),
        frontend=FrontEndConfig(),
        geometry=StepGeometry(RATE_HZ, 0, WINDOW - RATE_HZ),
        calibration=flat,
        thresholds={"verify": {"value": 1.0, "far": 0.01, "frr": 0.05, "data": "made up"}},
        licence="Apache-2.0",
        description="The mean spectrum, for tests.",
        weights="float32",
        resizable=False,
        embedding_size=BANDS,
    ).to_json()


def write(path: Path, name: str = "tiny") -> Path:
    """Write the model file."""
    dft, sums, centring = matrices()
    graph = Graph()
    n_frames = WINDOW // FRAME
    entry = graph.tensor((1, WINDOW))
    frames = graph.run(
        OPS.RESHAPE, [entry, graph.constant(np.array([n_frames, FRAME], np.int32))], (n_frames, FRAME)
    )
    lines = graph.dense(frames, dft, n_frames)
    square = graph.run(
        OPS.MUL, [lines, lines], (n_frames, len(dft)), OPTIONS.MulOptions, schema.MulOptionsT()
    )
    powers = graph.dense(square, sums, n_frames)
    reducer = schema.ReducerOptionsT()
    reducer.keepDims = True
    axis = graph.constant(np.array([0], np.int32))
    mean = graph.run(OPS.MEAN, [powers, axis], (1, BANDS), OPTIONS.ReducerOptions, reducer)
    floor = graph.constant(np.full((1, BANDS), 1e-6))
    raised = graph.run(OPS.ADD, [mean, floor], (1, BANDS), OPTIONS.AddOptions, schema.AddOptionsT())
    shape = graph.dense(graph.run(OPS.LOG, [raised], (1, BANDS)), centring, 1)
    kind, options = OPTIONS.L2NormOptions, schema.L2NormOptionsT()
    out = graph.run(OPS.L2_NORMALIZATION, [shape], (1, BANDS), kind, options)
    graph.graph.inputs, graph.graph.outputs = np.array([entry], np.int32), np.array([out], np.int32)
    graph.note(METADATA_NAME, metadata(name).encode())
    cohort = np.random.default_rng(1).integers(-127, 127, (0, BANDS)).astype(np.int8)
    graph.note(COHORT_NAME, cohort.tobytes())
    path.write_bytes(graph.pack())
    assert json.loads(metadata(name))["task"] == "speaker"
    return path
