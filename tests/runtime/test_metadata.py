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
