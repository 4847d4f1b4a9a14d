"""What every test shares: where the sound lies, seeded randomness, quiet TensorFlow."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# no window system in tests, whatever the machine offers
os.environ.setdefault("MPLBACKEND", "Agg")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("emulated", parent=settings.get_profile("ci"), max_examples=5)
settings.load_profile(os.environ.get("VOXLITE_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the training corpus; the test is skipped where there is none."""
    folder = os.environ.get("VOXLITE_CORPUS")
    if not folder:
        pytest.skip("needs the training corpus: set VOXLITE_CORPUS to the folder that holds manifest.csv")
    path = Path(folder)
    if not (path / "manifest.csv").is_file():
        pytest.skip(f"needs the training corpus: VOXLITE_CORPUS is {folder}, which holds no manifest.csv")
    return path


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """Folder of the recordings that come with the repository."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def speaker_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny speaker model, so that tests do not depend on how good the shipped one is."""
    maker = runpy.run_path(str(ROOT / "tests" / "recognition" / "tiny_model.py"))
    path: Path = maker["write"](tmp_path_factory.mktemp("models") / "speaker-tiny.tflite")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    """Randomness that is the same in every run and every order of tests."""
    return np.random.default_rng(20_240_229)


@pytest.fixture(scope="session")
def tiny_speaker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A speaker model's file without a net: loudness in eight stretches of a second; calibrated as LLR = 10 cos - 5.

    Written with the schema that LiteRT brings, so that no test of the client needs TensorFlow.
    """
    from ai_edge_litert import schema_py_generated as schema

    import voxlite
    from voxlite.frontend.config import FrontEndConfig
    from voxlite.runtime.metadata import METADATA_NAME, ModelMetadata, StepGeometry

    flatbuffers = pytest.importorskip("flatbuffers")
    size, second = 8, 16_000
    flat = {f"{band}_{key}": value for band in ("wide", "narrow") for key, value in
            (("slope", 10.0), ("offset", -5.0), ("slope_per_octave", 0.0), ("offset_per_octave", 0.0))}  # fmt: skip
    flat |= {"llr_at_far_0.1": 0.0, "llr_at_far_0.01": 2.0}
    metadata = ModelMetadata(
        name="tiny", version="1", task="speaker", labels=(), frontend=FrontEndConfig(),
        geometry=StepGeometry(second, 0, 0), calibration=flat | {"cohort_top": 10.0},
        thresholds={"verify": {"value": 0.0, "far": 0.01, "frr": 0.05, "data": "none"}},
        licence="CC0-1.0", description="Stands for a net.", weights="float32", resizable=False, embedding_size=size,
    )  # fmt: skip
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.buffers, model.operatorCodes = 3, [schema.BufferT()], []

    def buffer(content: np.ndarray) -> int:
        model.buffers.append(schema.BufferT())
        model.buffers[-1].data = np.frombuffer(content.tobytes(), np.uint8)
        return len(model.buffers) - 1

    def tensor(name: str, shape: list[int], kind: int, at: int = 0) -> int:
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = name, shape, kind, at
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def operator(
        builtin: int, inputs: list[int], outputs: list[int], kind: int = 0, options: object = None
    ) -> None:
        code, made = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), 1
        model.operatorCodes.append(code)
        made.opcodeIndex, made.inputs, made.outputs = len(model.operatorCodes) - 1, inputs, outputs
        made.builtinOptionsType, made.builtinOptions = kind, options
        graph.operators.append(made)

    ops, kinds, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    graph.tensors, graph.operators = [], []
    sound = tensor("sound", [1, second], kinds.FLOAT32)
    square = tensor("square", [1, second], kinds.FLOAT32)
    weights = np.repeat(np.eye(size, dtype=np.float32), second // size, axis=1)
    sums = tensor("weights", [size, second], kinds.FLOAT32, buffer(weights))
    power = tensor("power", [1, size], kinds.FLOAT32)
    voice = tensor("voice", [1, size], kinds.FLOAT32)
    operator(ops.SQUARE, [sound], [square], options.SquareOptions, schema.SquareOptionsT())
    operator(ops.FULLY_CONNECTED, [square, sums, -1], [power], options.FullyConnectedOptions,
             schema.FullyConnectedOptionsT())  # fmt: skip
    operator(ops.L2_NORMALIZATION, [power], [voice], options.L2NormOptions, schema.L2NormOptionsT())
    graph.inputs, graph.outputs, model.subgraphs = [sound], [voice], [graph]
    entry = schema.MetadataT()
    entry.name, entry.buffer = METADATA_NAME, buffer(np.frombuffer(metadata.to_json().encode(), np.uint8))
    model.metadata = [entry]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path = tmp_path_factory.mktemp("models") / f"speaker-tiny-{voxlite.__version__}.tflite"
    path.write_bytes(bytes(builder.Output()))
    return path
