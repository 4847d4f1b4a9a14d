"""Whether a model file's metadata can be meant: a file is a stranger's claim, its numbers are looked at before use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voxlite.runtime.metadata import ModelMetadata

_LONGEST_WINDOW_S = 60
_MAX_VECTOR = 4096
_MAX_CONSTANT = 1e9
_MAX_POOL_STEPS = 10_000
_TEXTS = ("name", "version", "task", "licence", "description", "weights", "net_input")


def check_metadata(metadata: ModelMetadata) -> None:
    """Raise ValueError, with what is off, where a client would stumble over the metadata later on."""
    for field in _TEXTS:
        _require(isinstance(getattr(metadata, field), str), f"{field} is no text")
    for field in ("labels", "outputs"):
        _require(all(isinstance(name, str) for name in getattr(metadata, field)), f"{field} are no texts")
    for field in ("training", "figures"):
        _require(isinstance(getattr(metadata, field), dict), f"{field} is no object")
    _require(isinstance(metadata.resizable, bool), "resizable is neither true nor false")
    sizes = (metadata.embedding_size, len(metadata.outputs))
    _require(all(_whole(size, 0, _MAX_VECTOR) for size in sizes), f"vectors of {sizes} numbers")
    _check_geometry(metadata)
    _check_numbers(metadata.calibration)
    _require(isinstance(metadata.thresholds, dict), "thresholds are no object")
    for name, point in metadata.thresholds.items():
        _require(isinstance(point, dict) and _number(point.get("value")), f"threshold {name!r} has no value")


def _check_geometry(metadata: ModelMetadata) -> None:
    longest = _LONGEST_WINDOW_S * metadata.frontend.rate_hz
    geometry = metadata.geometry
    good = _whole(geometry.step, 1, longest) and all(
        _whole(n, 0, longest) for n in (geometry.before, geometry.after)
    )
    _require(good, f"geometry {geometry}")


def _check_numbers(calibration: Mapping[str, Any]) -> None:
    _require(isinstance(calibration, dict), "calibration is no object")
    for name, value in calibration.items():
        _require(_number(value), f"calibration {name!r} is {value!r:.40}")
    if "pool_steps" in calibration:
        steps, span = calibration["pool_steps"], calibration.get("pool_span_steps", 0)
        _require(1 <= steps <= span <= _MAX_POOL_STEPS, f"{steps} of {span} steps are pooled")


def _number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= _MAX_CONSTANT
    )


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _require(good: bool, what: str) -> None:
    if not good:
        raise ValueError(what)
