"""The lanes of a timeline: what stands one above the other on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voxlite.report.page.shapes import (
    BAR_HEIGHT,
    HEIGHT,
    WIDTH,
    bars_path,
    label_paths,
    probability_path,
    wave_paths,
)
from voxlite.report.page.sound import PageSound
from voxlite.report.page.tiles import heat_tiles
from voxlite.report.page.view import speaker_class
from voxlite.report.palette import clock, printable
from voxlite.report.report import Report
from voxlite.values import FloatArray, Scores, Span

_RANGE_DB = 80.0
_SILENCE_DB = -140.0
_DEVIATIONS = 3.0
_MOST_BARS = 24
"""Rows of speakers, of detectors and of traits; a recording with more people has them in its table alone."""


def lanes_of(report: Report, sound: PageSound) -> list[dict[str, Any]]:
    """Return the lanes from top to bottom: name, note on its scale, what a screen reader says, and its drawing."""
    lanes = [_wave(report, sound)]
    if report.segments:
        lanes.append(_labels(report))
    lanes += _speaker_lanes(report)[:_MOST_BARS] + _detection_lanes(report)[:_MOST_BARS]
    if len(sound.level_db):
        lanes.append(_spectrogram(sound))
    if len(sound.coefficients):
        lanes.append(_cepstra(sound))
    if report.scores is not None and len(report.scores):
        lanes.append(_probability(report, report.scores))
    return lanes + _trait_lanes(report)[:_MOST_BARS]


def _wave(report: Report, sound: PageSound) -> dict[str, Any]:
    paths, top = wave_paths(sound.envelope, report.segments, report.duration_s)
    return {
        "kind": "wave",
        "name": "Waveform",
        "note": f"full height: {100 * top:.2g} % of full scale",
        "label": f"Waveform of {clock(report.duration_s)}; the largest sample is {100 * top:.2g} % of full scale.",
        "width": len(sound.envelope.high),
        "height": HEIGHT,
        "paths": [(style, path) for style, path in paths.items()],
    }


def _labels(report: Report) -> dict[str, Any]:
    shares = ", ".join(f"{label} {100 * share:.1f} %" for label, share in report.shares().items())
    return {
        "kind": "bars",
        "name": "Segments",
        "note": "high: voice, half: noise, low: silence",
        "label": f"Segments over time: {shares}. The table of segments lists them.",
        "width": WIDTH,
        "height": BAR_HEIGHT,
        "paths": list(label_paths(report.segments, report.duration_s).items()),
    }


def _speaker_lanes(report: Report) -> list[dict[str, Any]]:
    return [
        _bars(
            printable(name), f"speaks for {clock(spent_s)}", speaker_class(place),
            [turn for turn in report.speakers or () if turn.speaker == name], report.duration_s,
        )
        for place, (name, spent_s) in enumerate(report.speaker_times_s().items())
    ]  # fmt: skip


def _detection_lanes(report: Report) -> list[dict[str, Any]]:
    return [
        _bars(
            printable(detection.label), f"heard for {clock(sum(event.duration_s for event in detection.events))}",
            "detection", detection.events, report.duration_s,
        )
        for detection in report.detections
    ]  # fmt: skip


def _trait_lanes(report: Report) -> list[dict[str, Any]]:
    """Return a lane for each label that a voice segment was given, so that none is told by its colour alone."""
    lanes = []
    for trait in report.traits:
        for label in sorted({part.label for part in trait.segments}):
            spans = [part for part in trait.segments if part.label == label]
            spent = clock(sum(span.duration_s for span in spans))
            name = f"{trait.task.capitalize()}: {label}"
            style = "unsure" if label == "unsure" else "trait"
            lanes.append(_bars(name, f"for {spent}", style, spans, report.duration_s))
    return lanes


def _bars(name: str, note: str, style: str, spans: Sequence[Span], duration_s: float) -> dict[str, Any]:
    path = bars_path(spans, duration_s)
    return {
        "kind": "bar",
        "name": name,
        "note": note,
        "label": f"{name}, {note}.",
        "width": WIDTH,
        "height": BAR_HEIGHT,
        "paths": [(style, path)],
        "style": style,
    }


def _probability(report: Report, scores: Scores) -> dict[str, Any]:
    threshold = None if report.voice is None else report.voice.threshold
    note = "0 to 1" if threshold is None else f"0 to 1; dashed: threshold {threshold:.2f}"
    return {
        "kind": "probability",
        "name": "Probability of voice",
        "note": note,
        "label": f"Probability of voice over time, {note}.",
        "width": WIDTH,
        "height": HEIGHT,
        "paths": [("chance", probability_path(scores, report.duration_s))],
        "threshold": None if threshold is None else round(HEIGHT * (1 - threshold)),
    }


def _spectrogram(sound: PageSound) -> dict[str, Any]:
    top_db = max(float(sound.level_db.max()), _SILENCE_DB + _RANGE_DB)
    khz = f"0 to {sound.top_hz / 1000:g} kHz"
    note = f"{khz}; colours {top_db - _RANGE_DB:.0f} to {top_db:.0f} dB, 0 is a full-scale sine"
    return {
        "kind": "heat",
        "name": "Spectrogram",
        "note": note,
        "label": f"Spectrogram, {khz}.",
        "width": len(sound.level_db),
        "height": sound.level_db.shape[1],
        "tiles": heat_tiles(sound.level_db, top_db - _RANGE_DB, top_db),
    }


def _cepstra(sound: PageSound) -> dict[str, Any]:
    n = sound.coefficients.shape[1]
    return {
        "kind": "heat mfcc",
        "name": "MFCC",
        "note": f"coefficients 0 to {n - 1} from below; each by its own mean, colours -3 to +3 sd",
        "label": f"Mel-frequency cepstral coefficients 0 to {n - 1} over time.",
        "width": len(sound.coefficients),
        "height": n,
        "tiles": heat_tiles(_standardised(sound.coefficients), -_DEVIATIONS, _DEVIATIONS),
    }


def _standardised(values: FloatArray) -> FloatArray:
    """Return each coefficient by its own mean and spread: else the first would drown the rest."""
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0), np.float32)
