"""What models of voices answer, kept beside what they were asked, and what is decided on made-up answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from voxlite.runtime import Engine
from voxlite.runtime.averaging import WindowModel
from voxlite.tasks.mood import AGAINST_NEUTRAL, MoodModel
from voxlite.tasks.traits import TraitModel
from voxlite.values import FloatArray

FINGERPRINT_EVERY = 1_500
"""A window is known again by every so many of its samples."""


class RecordingEngine(Engine):
    """An engine that keeps what it was asked and what it said."""

    log: list[dict[str, Any]]

    @classmethod
    def listen_to(cls, asked: WindowModel) -> list[dict[str, Any]]:
        """Put such an engine into what asks it and return what it will keep."""
        engine = cls(asked.model, 1)
        engine.log = []
        asked._engine = engine
        return engine.log

    def vectors(self, stretches: Sequence[FloatArray]) -> list[FloatArray]:
        """Return what the model says, and keep it with every window's fingerprint."""
        found = super().vectors(stretches)
        for samples, rows in zip(stretches, found, strict=True):
            for number, row in enumerate(rows):
                window = samples[number * self.geometry.step :][: self.geometry.window]
                self.log.append({"window": window[::FINGERPRINT_EVERY].tolist(), "vector": row.tolist()})
        return found


def against_neutral() -> TraitModel:
    """Return a mood model as one that had learned to compare would be; no shipped one has."""
    trait = MoodModel("mood", 1)
    first, metadata = AGAINST_NEUTRAL, trait.metadata
    offsets = {f"{first}offset_{label}": 0.1 * number for number, label in enumerate(metadata.labels)}
    trait.metadata = replace(
        metadata,
        outputs=(*metadata.outputs, *(first + label for label in metadata.labels)),
        calibration={
            **metadata.calibration,
            f"{first}short_slope": 0.7,
            f"{first}long_slope": 1.9,
            **offsets,
        },
        thresholds={**metadata.thresholds, f"{first}decide": {"value": 0.45}},
    )
    return trait


def trait_cases(trait: TraitModel) -> dict[str, Any]:
    """Return what is decided on made-up answers of a trait's model, on much speech, little and none."""
    rng = np.random.default_rng(3)
    size = len(trait.metadata.outputs)
    neutral = rng.normal(0, 0.5, (3, size)).astype(np.float32)
    refers = size > trait.scorer.size
    if refers and isinstance(trait, MoodModel):
        trait.refer_to(neutral)
    told = [
        (rng.normal(0, spread, size).astype(np.float32), speech_s)
        for speech_s in (0.0, 0.4, 1.0, 1.7, 2.5, 8.0)
        for spread in (0.3, 2.0)
    ]
    told += [(row, 5.0) for row in 6 * np.eye(size, dtype=np.float32)]
    cases = [
        {
            "vector": vector.tolist(),
            "speech_s": speech_s,
            "decision": asdict(trait.decide(vector, speech_s, ("a remark",))),
            "scores": trait.scores(vector, speech_s),
            "figures": trait.figures(vector),
        }
        for vector, speech_s in told
    ]
    return {
        "metadata": json.loads(trait.metadata.to_json()),
        "neutral": neutral.tolist() if refers else None,
        "cases": cases,
    }
