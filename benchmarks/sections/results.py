"""What the benchmarks, the evaluation and the export wrote; None for each file that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VOICE = "python -m benchmarks.voice"
SEGMENTS = "python -m benchmarks.segments"
SPEED = "python -m benchmarks.speed"
FRONTEND = "python -m benchmarks.frontend"
ACCELERATIONS = "python -m benchmarks.accelerations"
PROBES = "python -m benchmarks.probes"
NETS = "python -m benchmarks.nets"
VOICEPRINTS = "python -m benchmarks.voiceprints"
SPEAKERS = "python -m benchmarks.speakers"
RESTRICTED = "python -m benchmarks.restricted"
DIARIZATION = "python -m benchmarks.diarization"
COPIES = "python -m benchmarks.copies"
DOUBTS = "python -m benchmarks.doubts"
MOODS = "python -m benchmarks.moods"
TRAITS = "python -m benchmarks.traits"
ARCHIVE = "python -m benchmarks.archive"
DETECTORS = "python -m benchmarks.detectors"
BROWSER = "python -m benchmarks.browser"
ARM64 = "python scripts/arm_tests.py --record"
EVALUATE_GENDER = "voxlite evaluate gender --out benchmarks/results/gender-evaluation"
EVALUATE_SPEAKER = "voxlite evaluate speaker --out benchmarks/results/speaker-evaluation"
EVALUATE = "voxlite evaluate voice --out benchmarks/results/evaluation"
EXPORT = "voxlite export"
OWN = "voxlite"


@dataclass(frozen=True)
class Results:
    """Parsed JSON, in the structure that each command writes."""

    voice: dict[str, Any] | None = None
    segments: dict[str, Any] | None = None
    speed: dict[str, Any] | None = None
    frontend: dict[str, Any] | None = None
    accelerations: dict[str, Any] | None = None
    probes: dict[str, Any] | None = None
    nets: dict[str, Any] | None = None
    voiceprints: dict[str, Any] | None = None
    speakers: dict[str, Any] | None = None
    restricted: dict[str, Any] | None = None
    diarization: dict[str, Any] | None = None
    copies: dict[str, Any] | None = None
    doubts: dict[str, Any] | None = None
    moods: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    archive: dict[str, Any] | None = None
    detectors: dict[str, Any] | None = None
    browser: dict[str, Any] | None = None
    arm64: dict[str, Any] | None = None
    speaker_evaluation: dict[str, Any] | None = None
    gender_evaluation: dict[str, Any] | None = None
    evaluation: dict[str, Any] | None = None
    parity: list[dict[str, Any]] | None = None

    def machines(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield command and machine of each benchmark at hand."""
        pairs = (
            (VOICE, self.voice),
            (SEGMENTS, self.segments),
            (SPEED, self.speed),
            (FRONTEND, self.frontend),
            (ACCELERATIONS, self.accelerations),
            (PROBES, self.probes),
            (NETS, self.nets),
            (VOICEPRINTS, self.voiceprints),
            (SPEAKERS, self.speakers),
            (RESTRICTED, self.restricted),
            (DIARIZATION, self.diarization),
            (COPIES, self.copies),
            (DOUBTS, self.doubts),
            (MOODS, self.moods),
            (TRAITS, self.traits),
            (ARCHIVE, self.archive),
            (DETECTORS, self.detectors),
            (BROWSER, self.browser),
        )
        for command, result in pairs:
            if result is not None:
                yield command, result["machine"]

    def version(self, package: str) -> str:
        """Return major and minor version of a package, "" where no benchmark met it."""
        for _, machine in self.machines():
            if package in machine["packages"]:
                return ".".join(machine["packages"][package].split(".")[:2])
        return ""

    def title(self, detector: str) -> str:
        """Return a detector's name with the version of Silero VAD."""
        silero = f"Silero VAD {self.version('silero-vad')}".strip()
        return detector.replace("Silero VAD", silero)


def load(folder: Path, evaluation: Path, parity: Path) -> Results:
    """Read what is there.

    Parameters
    ----------
    folder
        Holds the benchmarks' files: voice.json, segments.json and so on.
    evaluation, parity
        Files of the evaluation and of the export.

    Raises
    ------
    ValueError
        If a file is not JSON; the message names it.
    """
    names = (
        "voice",
        "segments",
        "speed",
        "frontend",
        "accelerations",
        "probes",
        "nets",
        "voiceprints",
        "speakers",
        "restricted",
        "diarization",
        "copies",
        "doubts",
        "moods",
        "traits",
        "archive",
        "detectors",
        "browser",
        "arm64",
    )
    parts = {name: read(folder / f"{name}.json") for name in names}
    parts["speaker_evaluation"] = read(folder / "speaker-evaluation" / "evaluation.json")
    parts["gender_evaluation"] = read(folder / "gender-evaluation" / "evaluation.json")
    return Results(**parts, evaluation=read(evaluation), parity=read(parity))


def read(path: Path) -> Any:
    """Return a file's JSON, None if there is no such file."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: no JSON ({error}): run the command that writes it again") from None
