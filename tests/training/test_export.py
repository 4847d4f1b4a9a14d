"""Export: every variant runs, agrees with Keras within its bound, keeps its length free, and says what it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from voxlite.errors import ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime import Engine, load_model
from voxlite.runtime.metadata import ModelMetadata
from voxlite.training import tflite_file
from voxlite.training.export import (
    VARIANTS,
    convert,
    convert_signature,
    export,
    renew_front_end,
    save_model,
)
from voxlite.training.fit import FitPlan
from voxlite.training.mixing import MixPlan
from voxlite.training.voice.nets import CompactPlan
from voxlite.training.voice.networks import network
from voxlite.training.voice.training import VoiceTraining

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=32, coefficients=13)
PLAN = CompactPlan(stem=4, stages=((6, 2), (8, 1)), width=12, context_kernels=(3,))
BOUNDS = {"float32": 1e-4, "float16": 0.02, "dynamic-int8": 0.5, "int8": 0.8}


@pytest.fixture(scope="module")
def net():
    import keras

    keras.utils.set_random_seed(4)
    return network(VoiceTraining(CONFIG, PLAN, MixPlan(), FitPlan(lookahead=4)))


@pytest.fixture(scope="module")
def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(6)
    return [(rng.standard_normal(16_000) * rng.uniform(0.001, 0.3)).astype(np.float32) for _ in range(16)]


@pytest.fixture(scope="module")
def exported(net, clips, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("export")
    metadata = ModelMetadata(
        name="tiny",
        version="1",
        task="voice",
        labels=("voice", "no voice"),
        frontend=CONFIG,
        geometry=net.geometry,
        calibration={},
        thresholds={},
        licence="CC0-1.0",
        description="A test.",
        weights="",
    )
    for row in export(net, metadata, out, clips):
        assert row.largest <= BOUNDS[row.variant], row
        assert row.size_bytes == (out / f"voice-tiny-{row.variant}.tflite").stat().st_size
    return out


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_net_is_quantised(exported: Path, variant: str) -> None:
    model = tflite_file.unpack((exported / f"voice-tiny-{variant}.tflite").read_bytes())
    graph = model.subgraphs[0]
    names = tflite_file.operators(model)
    kinds = {"float32": 0, "float16": 1, "int8": 9}  # TensorType of the weights
    front = [op for op, name in zip(graph.operators, names, strict=True) if name != "DEQUANTIZE"]
    front = front[: [name for name in names if name != "DEQUANTIZE"].index("LOG")]
    used = {int(graph.tensors[i].type) for op in front for i in op.inputs if i >= 0}
    assert used == {0, 2}  # float32 values, int32 shapes
    if variant in kinds:  # dynamic ranges leave tensors as small as these in float32
        assert kinds[variant] in {int(tensor.type) for tensor in graph.tensors}


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_say_what_they_are(exported: Path, variant: str) -> None:
    model = load_model(exported / f"voice-tiny-{variant}.tflite")
    assert model.metadata.weights == variant
    assert model.metadata.frontend == CONFIG


@pytest.mark.parametrize("variant", ["float32", "float16", "int8"])
def test_any_length_gives_the_same_numbers(exported: Path, variant: str) -> None:
    engine = Engine(load_model(exported / f"voice-tiny-{variant}.tflite"), 1)
    n = engine.geometry.input_length(30)
    sound = np.random.default_rng(8).standard_normal(n).astype(np.float32) * 0.1
    whole = engine.logits([sound])[0]
    single = [
        engine.logits([sound[k * engine.geometry.step :][: engine.geometry.window]])[0][0] for k in range(30)
    ]
    np.testing.assert_array_equal(np.array(single), whole)


def test_an_engine_agrees_with_keras_step_by_step(exported: Path, net) -> None:
    engine = Engine(load_model(exported / "voice-tiny-float32.tflite"), 2)
    sound = (
        np.random.default_rng(9).standard_normal(engine.geometry.input_length(90)).astype(np.float32) * 0.1
    )
    expected = np.asarray(net.model(log_mel(sound, CONFIG)[None], training=False))[0]
    np.testing.assert_allclose(engine.logits([sound])[0], expected, atol=1e-4)


@pytest.mark.parametrize("name", ["noise", "silence", "sine", "clipped", "recording"])
def test_features_in_the_file_equal_the_reference(net, tmp_path: Path, samples_dir: Path, name: str) -> None:
    """NumPy = Keras (test_graph) = .tflite, within 1e-3 of a natural logarithm."""
    from ai_edge_litert.interpreter import Interpreter

    from voxlite import Audio

    t = np.arange(16_000) / 16_000
    sound = {
        "noise": lambda: 0.1 * np.random.default_rng(1).standard_normal(16_000),
        "silence": lambda: np.zeros(16_000),
        "sine": lambda: 0.5 * np.sin(2 * np.pi * 440 * t),
        "clipped": lambda: np.clip(3 * np.sin(2 * np.pi * 150 * t), -1, 1),
        "recording": lambda: Audio.read(samples_dir / "voice-en-wideband.flac", 16_000).samples[8_000:24_000],
    }[name]().astype(np.float32)
    save_model(net, 16_000, tmp_path / "model")
    interpreter = Interpreter(model_content=convert_signature(tmp_path / "model", "front_end").convert())
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sound[None])
    interpreter.invoke()
    got = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
    np.testing.assert_allclose(got, log_mel(sound, CONFIG), atol=1e-3)


def test_a_front_end_and_a_net_that_do_not_fit(net, tmp_path: Path) -> None:
    save_model(net, 16_000, tmp_path / "a")
    graph = convert(net, tmp_path / "a", "float32", lambda: iter([]))
    assert "CUSTOM" not in tflite_file.operators(graph)
    with pytest.raises(ModelError, match="front end gives"):
        tflite_file.join(graph, graph)


def test_custom_operators_are_refused(exported: Path) -> None:
    model = tflite_file.unpack((exported / "voice-tiny-float32.tflite").read_bytes())
    tflite_file.check_builtin(model)
    code = model.operatorCodes[0]
    code.builtinCode = code.deprecatedBuiltinCode = tflite_file.schema.BuiltinOperator.CUSTOM
    code.customCode = b"FlexMagic"
    with pytest.raises(ModelError, match="FlexMagic"):
        tflite_file.check_builtin(model)


def test_metadata_can_be_replaced(exported: Path) -> None:
    path = exported / "voice-tiny-float32.tflite"
    info = load_model(path)
    model = tflite_file.unpack(path.read_bytes())
    tflite_file.add_metadata(model, replace(info.metadata, version="2").to_json())
    changed = exported / "changed.tflite"
    changed.write_bytes(tflite_file.pack(model))
    assert load_model(changed).metadata == replace(info.metadata, version="2")


def test_a_renewed_front_end_changes_nothing_else(exported: Path, tmp_path: Path) -> None:
    path = exported / "voice-tiny-float16.tflite"
    renewed = tmp_path / "renewed.tflite"
    renewed.write_bytes(renew_front_end(path.read_bytes(), str(path)))
    assert load_model(renewed).metadata == load_model(path).metadata
    assert renewed.stat().st_size < 1.05 * path.stat().st_size
    sound = (0.1 * np.random.default_rng(8).standard_normal(40_000)).astype(np.float32)
    before, after = (Engine(load_model(file), 1).logits([sound])[0] for file in (path, renewed))
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_only_nets_on_log_mel_frames_can_be_renewed(exported: Path) -> None:
    path = exported / "voice-tiny-float32.tflite"
    model = tflite_file.unpack(path.read_bytes())
    tflite_file.add_metadata(model, replace(load_model(path).metadata, net_input="image").to_json())
    with pytest.raises(ModelError, match="training run again"):
        renew_front_end(tflite_file.pack(model), "odd.tflite")
    with pytest.raises(ModelError, match="no LOG2 operator"):
        tflite_file.behind(model, "LOG2")
