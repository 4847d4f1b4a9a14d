"""Holds this machine's client to a bundle made elsewhere: the same sounds again, and how far each stage is off.

The model gets the stored conformed samples, so that a difference in resampling does not count as one of the model;
segments and verdict come from the original input, as a user would get them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voxlite.audio import Audio, conform
from voxlite.bundle.vectors import score
from voxlite.errors import VoxliteError
from voxlite.tasks.steps import Steps
from voxlite.tasks.voice import VoiceDetector
from voxlite.values import FloatArray, Segment


@dataclass(frozen=True)
class Difference:
    """How far the client is from one test vector; largest absolute differences.

    Parameters
    ----------
    name
        Of the sound.
    n_steps
        How many steps it has.
    conformed
        Of the conformed samples, full scale 1.
    logit, probability
        Of the steps that both sides scored, from the stored conformed samples.
    flags
        Steps that one side finds silent and the other does not.
    clip
        Of the verdict's score, from the original input.
    same_label
        Whether the verdict is the same.
    edge_s
        Of the segments' starts and ends, seconds; infinite when there are more or fewer, or other labels.
    """

    name: str
    n_steps: int
    conformed: float
    logit: float
    probability: float
    flags: int
    clip: float
    same_label: bool
    edge_s: float


def replay(folder: Path, names: Collection[str] | None = None, threads: int = 1) -> list[Difference]:
    """Run the bundle's model over the bundle's sounds and compare with what is stored.

    Parameters
    ----------
    folder
        That `write_bundle` wrote.
    names
        Sounds to take; None takes all.
    threads
        As for `VoiceDetector`.

    Raises
    ------
    VoxliteError
        If the folder holds no bundle of this version, or a damaged one.
    ModelError
        If the model cannot be run.
    """
    config = _load(folder / "config.json", "voxlite.bundle/1")
    try:
        vectors = folder / Path(config["vectors"]).parent
        index = _load(folder / config["vectors"], "voxlite.vectors/1")
        detector = VoiceDetector(str(folder / config["model"]["file"]), threads)
        return [
            _compare(detector, vectors, _load(vectors / entry["file"], "voxlite.vector/1"))
            for entry in index["vectors"]
            if names is None or entry["name"] in names
        ]
    except (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError) as error:
        raise VoxliteError(
            f"{folder}: the bundle is damaged ({type(error).__name__}: {error}); write it again"
        ) from None


def _load(path: Path, schema: str) -> Any:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, RecursionError, ValueError) as error:
        raise VoxliteError(
            f"{path}: no bundle can be read there ({error}); write one with `voxlite bundle`"
        ) from None
    if not isinstance(data, dict) or data.get("schema") != schema:
        raise VoxliteError(f"{path}: not {schema}; write the bundle again with this version")
    return data


def _samples(folder: Path, entry: dict[str, Any]) -> FloatArray:
    return np.fromfile(folder / entry["file"], "<f4").astype(np.float32)


def _compare(detector: VoiceDetector, folder: Path, data: dict[str, Any]) -> Difference:
    audio = Audio(_samples(folder, data["input"]), data["input"]["rate_hz"])
    conformed, wanted = _samples(folder, data["conformed"]), data["steps"]
    steps = score(detector, conformed)
    logits = np.array([np.nan if v is None else v for v in wanted["logits"]], np.float64)
    both = np.isfinite(logits) & ~steps.silent
    stream = detector.stream(audio.rate_hz)
    segments = stream.push(audio.samples)
    parts = [stream.last_steps]
    segments += stream.flush()
    decision = detector.decide_steps(Steps.join([*parts, stream.last_steps]))
    return Difference(
        name=data["name"],
        n_steps=len(logits),
        conformed=_largest(conform(audio, detector.rate_hz).samples - conformed),
        logit=_largest(steps.logits[both] - logits[both]),
        probability=_largest(detector.probabilities(steps)[both] - np.array(wanted["probabilities"])[both]),
        flags=int(np.count_nonzero(steps.silent != np.array(wanted["silent"], np.bool_))),
        clip=abs(decision.score - data["clip"]["score"]),
        same_label=decision.label == data["clip"]["label"],
        edge_s=_edge_s(segments, data["segments"]),
    )


def _largest(difference: NDArray[Any]) -> float:
    return float(np.abs(difference).max(initial=0))


def _edge_s(found: list[Segment], wanted: list[dict[str, Any]]) -> float:
    if [segment.label for segment in found] != [entry["label"] for entry in wanted]:
        return float("inf")
    edges = np.array([[s.start_s, s.end_s] for s in found])
    return _largest(edges - np.array([[entry["start_s"], entry["end_s"]] for entry in wanted]))
