"""Writes a bundle: everything is computed first, so that what fails leaves the folder as it was.

DIR/voice-compact.tflite  voice-compact.md  config.json
    vectors/index.json                      what there is, tolerances, what it was made with
    vectors/NAME.json                       a sound's values, stage by stage
    vectors/NAME.input.f32                  its samples, float32, little-endian, mono, no header
    vectors/NAME.conformed.f32              the same at the model's rate, band-limited
    vectors/segmenter.json                  made-up probabilities and their segments
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from voxlite.audio import Audio, mix_down, open_recording
from voxlite.bundle.config import bundle_config
from voxlite.bundle.sounds import Sound, synthetic_sounds
from voxlite.bundle.vectors import Vector, make_vector, segmenter_cases
from voxlite.errors import AudioError, VoxliteError
from voxlite.report.jsonio import to_json
from voxlite.tasks.voice import VoiceDetector

INDEX_SCHEMA = "voxlite.vectors/1"
SEGMENTER_SCHEMA = "voxlite.segmenter/1"
MAX_RECORDING_S = 300.0

TOLERANCES = {"power_share": 1e-4, "logit": 1e-4, "probability": 1e-4, "time_s": 1e-6}
"""How far a client on the same processor may be off; across processors see docs/embedding.md."""


@dataclass(frozen=True)
class Bundle:
    """What was written.

    Parameters
    ----------
    folder
        Where.
    model
        File name of the model.
    vectors
        Names of the sounds.
    seconds
        Length of all sounds together.
    """

    folder: Path
    model: str
    vectors: tuple[str, ...]
    seconds: float


def write_bundle(model: str, out: Path, recordings: Sequence[Path] = (), *, force: bool = False) -> Bundle:
    """Write a model, its card, its configuration and test vectors into a folder.

    Parameters
    ----------
    model
        A shipped voice model's name or the path of a `.tflite` file.
    out
        Folder; made if needed.
    recordings
        Further inputs for test vectors, at most five minutes each, mixed down to mono.
    force
        Write into a folder that is not empty; the vectors of an earlier bundle in it are removed.

    Raises
    ------
    ModelError
        If the model cannot be found or run.
    AudioError, MissingExtraError
        If a recording cannot be read or is too long.
    VoxliteError
        If `out` is a file, or not empty without `force`.
    """
    if out.exists() and not out.is_dir():
        raise VoxliteError(f"{out}: a file has this name: choose another folder")
    if not force and out.is_dir() and any(out.iterdir()):
        raise VoxliteError(f"{out}: not empty: pass --force to write into it, or choose another folder")
    detector = VoiceDetector(model, threads=1)
    content = detector.model.path.read_bytes()
    sounds = [*synthetic_sounds(), *_recorded(recordings)]
    vectors = [make_vector(detector, sound) for sound in sounds]
    model_file = detector.model.path.name
    card_file = Path(model_file).with_suffix(".md").name
    config = bundle_config(detector, content, model_file, card_file)
    cases = segmenter_cases(detector.step_s, detector.segmenter_config)
    folder = out / "vectors"
    _forget_vectors(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (out / model_file).write_bytes(content)
    _write_text(out / card_file, _card(detector))
    _write_json(out / "config.json", config)
    for vector in vectors:
        _write_vector(folder, vector)
    _write_json(folder / "segmenter.json", {"schema": SEGMENTER_SCHEMA, "cases": cases}, indent=None)
    _write_json(folder / "index.json", _index(config, vectors))
    seconds = sum(sound.audio.duration_s for sound in sounds)
    return Bundle(out, model_file, tuple(sound.name for sound in sounds), seconds)


def _recorded(paths: Sequence[Path]) -> list[Sound]:
    """Read recordings as they are: mixed down, at their own rate; two of one name get numbers."""
    taken = {sound.name for sound in synthetic_sounds()} | {"index", "segmenter"}
    sounds = []
    for path in paths:
        stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "recording"
        names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(paths) + 2))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        sounds.append(Sound(name, f"recording {path.name}", _read(path)))
    return sounds


def _read(path: Path) -> Audio:
    parts, n_frames = [], 0
    with open_recording(path) as recording:
        for block in recording.blocks():
            parts.append(mix_down(block))
            n_frames += len(block)
            if n_frames > MAX_RECORDING_S * recording.rate_hz:
                raise AudioError(
                    f"{path}: longer than {MAX_RECORDING_S:g} s: test vectors are short, cut out a part"
                )
        return Audio(np.concatenate(parts), recording.rate_hz)


def _card(detector: VoiceDetector) -> str:
    """Return the card beside the model file, or what the file says of itself."""
    beside = detector.model.path.with_suffix(".md")
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    metadata = detector.model.metadata
    facts = json.dumps(json.loads(metadata.to_json()), indent=1, sort_keys=True)
    title = f"# {metadata.task}-{metadata.name}, version {metadata.version}"
    return f"{title}\n\n{metadata.description}\n\n```json\n{facts}\n```\n"


def _index(config: dict[str, Any], vectors: Sequence[Vector]) -> dict[str, Any]:
    return {
        "schema": INDEX_SCHEMA,
        "model_sha256": config["model"]["sha256"],
        "made_with": {
            "voxlite": config["voxlite"],
            "ai-edge-litert": version("ai-edge-litert"),
            "processor": platform.machine(),
        },
        "tolerances": TOLERANCES,
        "segmenter": "segmenter.json",
        "vectors": [
            {
                "name": vector.sound.name,
                "file": f"{vector.sound.name}.json",
                "description": vector.sound.description,
            }
            for vector in vectors
        ],
    }


def _write_vector(folder: Path, vector: Vector) -> None:
    for part, samples in (("input", vector.sound.audio.samples), ("conformed", vector.conformed)):
        (folder / vector.data[part]["file"]).write_bytes(np.asarray(samples, "<f4").tobytes())
    _write_json(folder / f"{vector.sound.name}.json", vector.data, indent=None)


def _forget_vectors(folder: Path) -> None:
    """Remove an earlier bundle's vectors, and nothing else: a stale sound would be tested against a new model."""
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        names = [str(entry["name"]) for entry in index["vectors"]] if index["schema"] == INDEX_SCHEMA else []
    except (OSError, ValueError, KeyError, TypeError):
        return  # nothing there, or not ours
    for name in names:
        for ending in ("json", "input.f32", "conformed.f32"):
            (folder / f"{Path(name).name}.{ending}").unlink(missing_ok=True)


def _write_json(path: Path, data: Any, indent: int | None = 2) -> None:
    _write_text(path, to_json(data, indent) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
