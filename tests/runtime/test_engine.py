"""The engine: one number per step whatever the fragments, lengths and threads; files that do not fit are refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voxlite.errors import ModelError
from voxlite.runtime import Engine, find_model, load_model, shipped_models
from voxlite.runtime import engine as engine_module
from voxlite.runtime.catalog import ModelInfo


@pytest.fixture(scope="module")
def model() -> ModelInfo:
    return find_model("voice", "compact")


@pytest.fixture(scope="module")
def sound(model: ModelInfo) -> np.ndarray:
    rng = np.random.default_rng(3)
    n = model.metadata.geometry.input_length(150)
    level = np.repeat(rng.uniform(0, 0.3, n // 1600 + 1), 1600)[:n]
    return (rng.standard_normal(n) * level).astype(np.float32)


@pytest.mark.parametrize("fragments", [(1,), (7,), (1, 8, 32, 96), (150,)])
def test_fragments_do_not_change_a_bit(
    model: ModelInfo, sound: np.ndarray, fragments: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Engine(model, 1).logits([sound])[0]
    monkeypatch.setattr(engine_module, "FRAGMENT_STEPS", fragments)
    np.testing.assert_array_equal(Engine(model, 1).logits([sound])[0], expected)


@pytest.mark.parametrize("threads", [2, 4, 8])
def test_threads_do_not_change_a_bit(model: ModelInfo, sound: np.ndarray, threads: int) -> None:
    expected = Engine(model, 1).logits([sound])[0]
    np.testing.assert_array_equal(Engine(model, threads).logits([sound])[0], expected)


def test_several_stretches_at_once(model: ModelInfo, sound: np.ndarray) -> None:
    engine = Engine(model, 2)
    geometry = engine.geometry
    whole = engine.logits([sound])[0]
    parts = engine.logits(
        [sound[: geometry.input_length(40)], sound[40 * geometry.step :], np.zeros(10, np.float32)]
    )
    np.testing.assert_array_equal(np.concatenate(parts[:2]), whole)
    assert len(parts[2]) == 0


def test_a_model_that_cannot_be_resized_is_called_once_per_step(model: ModelInfo, sound: np.ndarray) -> None:
    single = replace(model, metadata=replace(model.metadata, resizable=False))
    stretch = sound[: model.metadata.geometry.input_length(5)]
    np.testing.assert_array_equal(
        Engine(single, 2).logits([stretch])[0], Engine(model, 1).logits([stretch])[0]
    )


@pytest.mark.parametrize("threads", [0, -1, 65])
def test_threads_out_of_range(model: ModelInfo, threads: int) -> None:
    with pytest.raises(ModelError, match=r"1\.\.64"):
        Engine(model, threads)


def test_a_file_whose_geometry_is_wrong_is_refused(model: ModelInfo) -> None:
    geometry = replace(model.metadata.geometry, after=model.metadata.geometry.after + 3200)
    wrong = replace(model, metadata=replace(model.metadata, geometry=geometry))
    with pytest.raises(ModelError, match="does not fit"):
        Engine(wrong)


def test_shipped_models_are_small_free_and_built_in() -> None:
    limits = {"voice": (500_000, 300_000), "speaker": (2_000_000, 1_500_000)}
    limits |= {"gender": (1_000_000, 500_000), "mood": (1_500_000, 1_100_000)}
    models = {(model.metadata.task, model.name): model for model in shipped_models()}
    assert ("voice", "compact") in models
    for (task, name), model in models.items():
        most_bytes, most_parameters = limits[task]
        assert model.size_bytes <= most_bytes
        free = model.metadata.training["free_only"]
        assert free is not name.endswith("-research")
        assert ("research" in model.metadata.licence) is not free
        assert model.metadata.training["parameters"] <= most_parameters
        assert (model.path.parent / f"{task}-{name}.md").is_file()


def test_the_file_takes_one_second_of_waveform(model: ModelInfo) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model.path), num_threads=1)
    entry = interpreter.get_input_details()[0]
    assert entry["shape"].tolist() == [1, 16_000]
    assert entry["dtype"] == np.float32
    interpreter.allocate_tensors()
    ops = {op["op_name"] for op in interpreter._get_ops_details()}
    assert "LOG" in ops
    assert not {op for op in ops if op.startswith(("Flex", "CUSTOM"))}


def test_models_that_are_not(tmp_path: Path, model: ModelInfo) -> None:
    text = tmp_path / "text.tflite"
    text.write_text("no model at all")
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(model.path.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"text\.tflite: not a \.tflite"):
        load_model(text)
    with pytest.raises(ModelError, match=r"cut\.tflite"):
        load_model(cut)
    with pytest.raises(ModelError, match="cannot read"):
        load_model(tmp_path / "missing.tflite")
    with pytest.raises(ModelError, match="shipped are compact"):
        find_model("voice", "enormous")


def test_a_model_for_another_task_is_refused(model: ModelInfo) -> None:
    assert find_model("voice", str(model.path)).path == model.path
    with pytest.raises(ModelError, match="a model for 'voice'"):
        find_model("gender", str(model.path))
