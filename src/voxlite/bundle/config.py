"""`config.json` of a bundle: every number that a client in another language needs, in the units it computes with.

Durations stand in samples and steps as well as in seconds, so that no client rounds on its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from voxlite._version import __version__
from voxlite.activity.gate import SILENCE_DB, GateConfig
from voxlite.audio.audio import MAX_RATE_HZ, MIN_RATE_HZ
from voxlite.audio.banding import LOW_EDGE_HZ, biquad
from voxlite.runtime.tensors import Tensor, model_tensors
from voxlite.tasks.pooling import SILENT_LOGIT
from voxlite.tasks.steps import GATE_FRAME_S
from voxlite.tasks.voice import VoiceDetector

SCHEMA = "voxlite.bundle/1"


def bundle_config(detector: VoiceDetector, content: bytes, model_file: str, card_file: str) -> dict[str, Any]:
    """Return the configuration of a client for a detector's model, ready for JSON.

    Parameters
    ----------
    detector
        With the model's own thresholds and the default durations.
    content
        The model file.
    model_file, card_file
        Names of the files in the bundle.

    Raises
    ------
    ModelError
        If the file's input and output are not those of a voice model.
    """
    return {
        "schema": SCHEMA,
        "voxlite": __version__,
        "model": _model(detector, content, model_file, card_file),
        **_tensors(detector),
        "steps": _steps(detector),
        "conforming": _conforming(detector.rate_hz),
        "gate": {
            "frame_samples": round(GATE_FRAME_S * detector.rate_hz),
            **asdict(GateConfig()),
            "silence_dbfs": SILENCE_DB,
        },
        **_calibration(detector),
        "segmenter": {
            **asdict(detector.segmenter_config.in_steps(detector.step_s)),
            "seconds": asdict(detector.segmenter_config),
        },
        "frontend": detector.model.metadata.frontend.to_dict(),
        "vectors": "vectors/index.json",
    }


def _model(detector: VoiceDetector, content: bytes, model_file: str, card_file: str) -> dict[str, Any]:
    metadata = detector.model.metadata
    return {
        "file": model_file,
        "card": card_file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "task": metadata.task,
        "name": metadata.name,
        "version": metadata.version,
        "description": metadata.description,
        "licence": metadata.licence,
        "labels": list(metadata.labels),
        "weights": metadata.weights,
        "net_input": metadata.net_input,
    }


def _tensors(detector: VoiceDetector) -> dict[str, Any]:
    metadata = detector.model.metadata
    entry, result, signature = model_tensors(detector.model)
    return {
        "signature": signature,
        "input": {
            **_tensor(entry),
            "resizable": metadata.resizable,
            "rate_hz": detector.rate_hz,
            "full_scale": 1.0,
            "holds": "waveform, mono",
        },
        "output": {**_tensor(result), "holds": "one logit per step"},
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "argument": tensor.argument,
        "shape": list(tensor.shape),
        "type": tensor.dtype,
    }


def _steps(detector: VoiceDetector) -> dict[str, Any]:
    geometry = detector.engine.geometry
    return {
        "step_samples": geometry.step,
        "before_samples": geometry.before,
        "after_samples": geometry.after,
        "window_samples": geometry.window,
        "step_s": detector.step_s,
    }


def _conforming(rate_hz: int) -> dict[str, Any]:
    b, a = biquad(rate_hz)
    return {
        "rate_hz": rate_hz,
        "input_rates_hz": [MIN_RATE_HZ, MAX_RATE_HZ],
        "high_pass_hz": LOW_EDGE_HZ,
        "high_pass_b": list(b),
        "high_pass_a": list(a),
    }


def _calibration(detector: VoiceDetector) -> dict[str, Any]:
    metadata = detector.model.metadata
    numbers = metadata.calibration
    return {
        "calibration": {
            "step": {"slope": numbers["step_slope"], "offset": numbers["step_offset"]},
            "clip": {
                "slope": numbers["clip_slope"],
                "offset": numbers["clip_offset"],
                "pool_steps": int(numbers["pool_steps"]),
                "pool_span_steps": int(numbers["pool_span_steps"]),
                "silent_logit": SILENT_LOGIT,
            },
        },
        "thresholds": metadata.thresholds,
    }
