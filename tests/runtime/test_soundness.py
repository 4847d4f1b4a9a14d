"""Model files whose container is whole and whose graph is not: refused before the runtime sees them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from voxlite.errors import ModelError
from voxlite.runtime import find_model, shipped_models
from voxlite.runtime.catalog import load_model
from voxlite.runtime.engine import Engine
from voxlite.runtime.soundness import check_graph
from voxlite.runtime.tensors import model_tensors

flatbuffers = pytest.importorskip("flatbuffers")


@pytest.fixture(scope="module")
def schema():
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


@pytest.fixture
def changed(schema, tiny_speaker, tmp_path):
    """Return a tiny model's file after `change` has worked on its graph."""

    def make(change):
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(tiny_speaker.read_bytes(), 0))
        change(model, model.subgraphs[0])
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        path = tmp_path / "changed.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path

    return make


def test_what_is_shipped_is_sound(tiny_speaker):
    for path in (*(model.path for model in shipped_models()), tiny_speaker):
        check_graph(path.read_bytes(), path.name)


def constant(graph):
    return next(tensor for tensor in graph.tensors if tensor.name == b"weights")


def grow(model, graph):
    constant(graph).shape = np.array([8, 16_000, 3], np.int32)


def shrink(model, graph):
    constant(graph).shape = np.array([8, 100], np.int32)


def enormous(model, graph):
    graph.tensors[1].shape = np.array([1, 2**31 - 1], np.int32)


def negative(model, graph):
    graph.tensors[1].shape = np.array([-1, 16_000], np.int32)


def strange_type(model, graph):
    graph.tensors[1].type = 99


def write_to_constant(model, graph):
    graph.operators[0].outputs = np.array([2], np.int32)


def read_the_future(model, graph):
    graph.operators[0].inputs = np.array([4], np.int32)


def write_nowhere(model, graph):
    graph.operators[1].outputs = np.array([99], np.int32)


def output_from_nothing(model, graph):
    graph.outputs = np.array([77], np.int32)


def constant_input(model, graph):
    graph.inputs = np.array([2], np.int32)


def two_graphs(model, graph):
    model.subgraphs = [graph, graph]


def foreign_code(model, graph):
    model.operatorCodes[0].builtinCode = model.operatorCodes[0].deprecatedBuiltinCode = 32  # CUSTOM


def a_state(model, graph):
    graph.tensors[1].isVariable = True


def missing_buffer(model, graph):
    constant(graph).buffer = 1_000


@pytest.mark.parametrize(
    "change",
    [
        grow, shrink, enormous, negative, strange_type, write_to_constant, read_the_future, write_nowhere,
        output_from_nothing, constant_input, two_graphs, foreign_code, a_state, missing_buffer,
    ],
)  # fmt: skip
def test_a_graph_that_does_not_hold_together_is_refused(changed, change):
    model = load_model(changed(change))
    with pytest.raises(ModelError, match="the model file is damaged") as caught:
        Engine(model, threads=1)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(ModelError, match="damaged"):
        model_tensors(model)


def test_constants_are_unpacked_into_their_own_shape(schema, tmp_path):
    """LiteRT's XNNPACK reads as much as the result's shape says: a file like this one ended the process."""
    model = schema.ModelT.InitFromObj(
        schema.Model.GetRootAs(find_model("voice", "compact").path.read_bytes(), 0)
    )
    graph, codes = model.subgraphs[0], model.operatorCodes
    unpacks = next(
        o for o in graph.operators if codes[o.opcodeIndex].builtinCode == schema.BuiltinOperator.DEQUANTIZE
    )
    graph.tensors[unpacks.outputs[0]].shape = np.array([1, 5, 65_537, 128], np.int32)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(ModelError, match="unpacks"):
        check_graph(bytes(builder.Output()), "a.tflite")


def test_scales_that_do_not_fit(schema):
    """Of an int8 tensor: one scale for all of it, or one for each place on an axis."""
    model = schema.ModelT.InitFromObj(
        schema.Model.GetRootAs(find_model("speaker", "compact").path.read_bytes(), 0)
    )
    tensor = next(
        t for t in model.subgraphs[0].tensors if t.quantization and t.quantization.scale is not None
    )
    tensor.quantization.scale = np.repeat(tensor.quantization.scale, 2)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(ModelError, match="scales"):
        check_graph(bytes(builder.Output()), "a.tflite")


def test_any_damage_is_one_line_or_none():
    content, rng = find_model("voice", "compact").path.read_bytes(), random.Random(4)
    for _ in range(60):
        hurt = bytearray(content)
        for _ in range(3):
            hurt[rng.randrange(len(hurt))] ^= 1 << rng.randrange(8)
        try:
            check_graph(bytes(hurt[: rng.choice([len(hurt), rng.randrange(len(hurt))])]), "a.tflite")
        except ModelError as error:
            assert "\n" not in str(error)  # noqa: PT017  the law is about both outcomes


def test_a_file_that_vanished(tiny_speaker, tmp_path):
    path = tmp_path / "gone.tflite"
    path.write_bytes(tiny_speaker.read_bytes())
    model = load_model(path)
    path.unlink()
    with pytest.raises(ModelError, match="cannot read"):
        Engine(model, threads=1)
