"""Test vectors: what the Python client computes for a sound, stage by stage, as plain data.

A stage's values stand beside the values it was made from, so that a client in another language can be checked stage
by stage: feed it the conformed samples and compare logits, feed it the logits and compare probabilities, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.activity.gate import SilenceGate, decibels
from voxlite.activity.segmenter import Segmenter, SegmenterConfig
from voxlite.audio import conform
from voxlite.bundle.sounds import Sound
from voxlite.tasks.steps import GATE_FRAME_S, Steps, StepScorer
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray

SCHEMA = "voxlite.vector/1"


@dataclass(frozen=True)
class Vector:
    """A sound and what becomes of it.

    Parameters
    ----------
    sound
        The input.
    conformed
        float32[n], the samples that the gate and the model get.
    data
        Everything else, ready for JSON.
    """

    sound: Sound
    conformed: FloatArray
    data: dict[str, Any]


def make_vector(detector: VoiceDetector, sound: Sound) -> Vector:
    """Send a sound through the client and keep what each stage gives.

    Raises
    ------
    AudioError
        If the sound cannot be converted to the model's rate.
    """
    conformed = conform(sound.audio, detector.rate_hz).samples
    steps = score(detector, conformed)
    probabilities = detector.probabilities(steps)
    level_db, threshold_db = _gate(detector, conformed, len(steps.silent))
    decision = detector.decide_steps(steps)
    data = {
        "schema": SCHEMA,
        "name": sound.name,
        "description": sound.description,
        "input": {
            "file": f"{sound.name}.input.f32",
            "rate_hz": sound.audio.rate_hz,
            "n_samples": len(sound.audio.samples),
        },
        "conformed": {
            "file": f"{sound.name}.conformed.f32",
            "rate_hz": detector.rate_hz,
            "n_samples": len(conformed),
        },
        "gate": {"level_db": _rounded(level_db, 6), "threshold_db": _rounded(threshold_db, 6)},
        "steps": {
            "silent": steps.silent.astype(int).tolist(),
            "power": [float(f"{value:.7g}") for value in steps.power],
            "logits": [_short(value) if np.isfinite(value) else None for value in steps.logits],
            "probabilities": [_short(value) for value in probabilities],
        },
        "segments": [
            {"start_s": s.start_s, "end_s": s.end_s, "label": s.label, "score": s.score}
            for s in detector.segments(sound.audio)
        ],
        "clip": {
            "pooled_logit": _short(np.float32(detector.pooled(steps))),
            "score": decision.score,
            "threshold": decision.threshold,
            "label": decision.label,
            "evidence_s": decision.evidence_s,
        },
        "margins": _margins(detector, probabilities, level_db - threshold_db),
    }
    return Vector(sound, conformed, data)


def score(detector: VoiceDetector, conformed: FloatArray) -> Steps:
    """Return all steps of sound at the model's rate."""
    scorer = StepScorer(detector.engine)
    return Steps.join([scorer.push(conformed), scorer.flush()])


def _gate(
    detector: VoiceDetector, conformed: FloatArray, n_steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return level and threshold of every frame, dBFS; the last step is filled up with zeros."""
    n_missing = n_steps * detector.engine.geometry.step - len(conformed)
    gate = SilenceGate(round(GATE_FRAME_S * detector.rate_hz))
    power, threshold_db = gate.measure(np.pad(conformed, (0, n_missing)))
    return decibels(power), threshold_db


def _margins(
    detector: VoiceDetector, probabilities: FloatArray, over_db: NDArray[np.float64]
) -> dict[str, float]:
    """Return how close the nearest value comes to a threshold: how exact a client must be to agree on flags."""
    rules = detector.segmenter_config.in_steps(detector.step_s)
    edges = np.array([rules.threshold, rules.off_threshold])
    nearest = np.abs(probabilities[:, None].astype(np.float64) - edges).min()
    return {"gate_db": round(float(np.abs(over_db).min()), 6), "probability": round(float(nearest), 6)}


def segmenter_cases(step_s: float, base: SegmenterConfig) -> list[dict[str, Any]]:
    """Return made-up step probabilities and the segments that the state machine makes of them.

    Sound alone hardly reaches every way through it: voices one step too short, pauses one step too long, padding
    that joins. Several settings, the model's own first.
    """
    rng = np.random.default_rng(11)
    settings = [
        base,
        SegmenterConfig(threshold=base.threshold, pad_s=0.1),
        SegmenterConfig(threshold=base.threshold, min_voice_s=0.4, min_gap_s=0.5, min_rest_s=0.3, pad_s=0.3),
        SegmenterConfig(threshold=base.threshold, min_voice_s=0, min_gap_s=0, min_rest_s=0),
    ]
    cases = [_case(step_s, config, *_random_steps(rng, 40)) for config in settings for _ in range(3)]
    return [*cases, _case(step_s, base, [], []), _case(step_s, base, [0.9], [False])]


def _random_steps(rng: np.random.Generator, n_runs: int) -> tuple[list[float], list[bool]]:
    values: list[float] = []
    silent: list[bool] = []
    for _ in range(n_runs):
        n, quiet = int(rng.integers(1, 12)), bool(rng.random() < 0.35)
        level = 0.0 if quiet else float(rng.choice([0.02, 0.2, 0.38, 0.45, 0.55, 0.97]))
        values += [level] * n
        silent += [quiet] * n
    return values, silent


def _case(step_s: float, config: SegmenterConfig, values: Sequence[float], silent: Sequence[bool]) -> Any:
    segmenter = Segmenter(step_s, config)
    found = segmenter.push(values, silent) + segmenter.flush()
    return {
        "rules": asdict(config.in_steps(step_s)),
        "values": list(values),
        "silent": [int(flag) for flag in silent],
        "segments": [
            {"start_step": s.start, "end_step": s.stop, "label": s.label, "score": s.score} for s in found
        ],
    }


def _short(value: np.float32) -> float:
    """Return the shortest decimal number that is this float32."""
    return float(str(np.float32(value)))


def _rounded(values: NDArray[np.float64], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
