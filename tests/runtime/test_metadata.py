"""Model metadata: what goes in comes out, and what does not fit is named."""

import json

import pytest

from voxlite.errors import ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.runtime.metadata import ModelMetadata, StepGeometry


def metadata() -> ModelMetadata:
    return ModelMetadata(
        name="tiny",
        version="1",
        task="voice",
        labels=("voice", "no voice"),
        frontend=FrontEndConfig(mel_bands=40, coefficients=13),
        geometry=StepGeometry(640, 9120, 2160),
        calibration={"step_slope": 1.0},
        thresholds={"clip": {"value": 0.5, "far": 0.01, "frr": 0.02, "data": "made up"}},
        licence="CC0-1.0",
        description="A test.",
        weights="float32",
    )


def test_round_trip() -> None:
    assert ModelMetadata.from_json(metadata().to_json(), "here") == metadata()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "voxlite.model/99"}, "another version"),
        ({"frontend": {"rate_hz": 16_000}}, "front-end configuration"),
        ({"geometry": {"step": 1}}, "not usable"),
        ({"surprise": 1}, "not usable"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict, message: str) -> None:
    data = json.loads(metadata().to_json()) | change
    with pytest.raises(ModelError, match=message):
        ModelMetadata.from_json(json.dumps(data), "model.tflite")


def test_text_that_is_no_json() -> None:
    with pytest.raises(ModelError, match=r"model\.tflite"):
        ModelMetadata.from_json("{", "model.tflite")


def test_step_geometry() -> None:
    geometry = StepGeometry(step=640, before=9120, after=2160)
    assert geometry.window == 11_920
    assert geometry.steps_in(16_000) == 7
    for n in (1, 2, 7, 100):
        assert geometry.steps_in(geometry.input_length(n)) == n
        assert geometry.steps_in(geometry.input_length(n) - 1) == n - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"geometry": {"step": 0, "before": 0, "after": 0}}, "geometry"),
        ({"geometry": {"step": 10**12, "before": 0, "after": 0}}, "geometry"),
        ({"geometry": {"step": "640", "before": 0, "after": 0}}, "geometry"),
        ({"geometry": {"step": 640, "before": -1, "after": 0}}, "geometry"),
        ({"calibration": {"step_slope": None}}, "step_slope"),
        ({"calibration": {"step_slope": float("nan")}}, "step_slope"),
        ({"calibration": {"step_slope": True}}, "step_slope"),
        ({"calibration": []}, "calibration"),
        ({"calibration": {"pool_steps": 5, "pool_span_steps": 3}}, "5 of 3 steps"),
        ({"calibration": {"pool_steps": 5, "pool_span_steps": 10**9}}, "pooled"),
        ({"thresholds": {"clip": {}}}, "clip"),
        ({"thresholds": {"clip": 0.5}}, "clip"),
        ({"thresholds": []}, "thresholds"),
        ({"embedding_size": -1}, "vectors"),
        ({"embedding_size": 10**9}, "vectors"),
        ({"outputs": [1]}, "outputs"),
        ({"labels": [[]]}, "labels"),
        ({"resizable": "no"}, "resizable"),
        ({"name": None}, "name"),
        ({"figures": None}, "figures"),
        ({"frontend": None}, "not usable"),
        ({"frontend": 7}, "not usable"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(change: dict, message: str) -> None:
    data = json.loads(metadata().to_json()) | change
    with pytest.raises(ModelError, match=message) as caught:
        ModelMetadata.from_json(json.dumps(data), "model.tflite")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["7", "[]", "null", '"voxlite"', "[" * 100_000])
def test_json_that_is_no_object(text: str) -> None:
    with pytest.raises(ModelError, match="not usable"):
        ModelMetadata.from_json(text, "model.tflite")


def test_names_that_are_not_printable_stay_one_line() -> None:
    data = json.loads(metadata().to_json())
    data["frontend"]["\n\x00" * 300] = 1
    with pytest.raises(ModelError, match="not usable") as caught:
        ModelMetadata.from_json(json.dumps(data), "model.tflite")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_infinite_durations_in_the_front_end() -> None:
    text = metadata().to_json().replace('"window_s": 0.025', '"window_s": Infinity')
    with pytest.raises(ModelError, match="not usable"):
        ModelMetadata.from_json(text, "model.tflite")
