"""A voice model whose file lacks what its scores need: refused when it is loaded, not in a recording."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from voxlite import Audio, VoiceDetector
from voxlite.errors import ModelError
from voxlite.runtime import catalog, find_model


@pytest.mark.parametrize("missing", ["clip_slope", "pool_span_steps", "step"])
def test_what_is_missing_is_named(monkeypatch, missing):
    info = find_model("voice", "compact")
    metadata = dataclasses.replace(
        info.metadata,
        calibration={key: value for key, value in info.metadata.calibration.items() if key != missing},
        thresholds={key: value for key, value in info.metadata.thresholds.items() if key != missing},
    )
    changed = dataclasses.replace(info, metadata=metadata)
    monkeypatch.setattr("voxlite.tasks.voice.find_model", lambda *_: changed)
    with pytest.raises(ModelError, match=r"not calibrated .* is missing"):
        VoiceDetector()


def test_a_runtime_that_fails_in_the_middle_is_one_line(monkeypatch):
    detector = VoiceDetector(threads=1)
    from ai_edge_litert.interpreter import Interpreter

    def fail(self):
        raise RuntimeError("Input tensor 103 lacks data\nNode number 7 failed to invoke.")

    monkeypatch.setattr(Interpreter, "invoke", fail)
    with pytest.raises(ModelError, match="LiteRT cannot run the model") as caught:
        detector.decide(Audio(0.1 * np.ones(16_000, np.float32), 16_000))
    assert "\n" not in str(caught.value)
    assert catalog.find_model("voice", "compact").path.name in str(caught.value)


def test_weights_that_give_no_numbers_are_told(monkeypatch):
    from ai_edge_litert.interpreter import Interpreter

    detector = VoiceDetector(threads=1)
    real = Interpreter.get_tensor
    monkeypatch.setattr(Interpreter, "get_tensor", lambda self, at: real(self, at) * np.float32("nan"))
    with pytest.raises(ModelError, match="not finite: it is damaged"):
        detector.decide(Audio(0.1 * np.ones(16_000, np.float32), 16_000))
