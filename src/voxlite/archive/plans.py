"""`Plan`: what is asked of every recording of an archive, and the recipe by which finished ones are known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voxlite._version import __version__
from voxlite.analysis import DEFAULT_MODELS, TASKS
from voxlite.errors import VoxliteError
from voxlite.runtime import ModelInfo, load_model
from voxlite.runtime.catalog import find_model
from voxlite.tasks.detector import SoundDetector

if TYPE_CHECKING:
    from voxlite.archive.people import People


@dataclass(frozen=True)
class Plan:
    """What every worker must know.

    Parameters
    ----------
    source
        Where the recordings lie, as it was typed, credentials included.
    tasks
        As `voxlite.analyze` takes them.
    models
        Model by task; files by their full path.
    recipe
        Names everything that results depend on besides the sound: minor version of voxlite, tasks, models and detectors
        with their content, and who is enrolled.
    detectors
        Files of detectors, by their full path.
    timeout_s
        What one recording may take; None for any time.
    """

    source: str
    tasks: tuple[str, ...]
    models: dict[str, str]
    recipe: str
    detectors: tuple[str, ...] = ()
    timeout_s: float | None = None

    def to_json(self) -> str:
        """Return the text that travels to a worker."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Rebuild from what `to_json` gave."""
        data = json.loads(text)
        return cls(**{**data, "tasks": tuple(data["tasks"]), "detectors": tuple(data["detectors"])})


def make_plan(
    source: str,
    tasks: Sequence[str],
    models: Mapping[str, str],
    *,
    detectors: Sequence[str] = (),
    people: People | None = None,
    timeout_s: float | None = None,
) -> Plan:
    """Check what is asked and name its recipe; parameters as `scan`.

    Raises
    ------
    VoxliteError
        If a task is unknown, people are to be named without the task speaker, or the store cannot be used.
    ModelError
        If there is no such model, or a file is no detector.
    """
    unknown = [task for task in tasks if task not in TASKS]
    if unknown or not tasks:
        raise VoxliteError(f"unknown tasks: {', '.join(unknown) or 'none'}; choose from {', '.join(TASKS)}")
    asked = tuple(task for task in TASKS if task in tasks)
    chosen = {
        task: str(Path(name).absolute()) if name.endswith(".tflite") else name
        for task, name in {**DEFAULT_MODELS, **models}.items()
        if task in asked or (task == "voice" and set(asked) != {"quality"})
    }
    found = tuple(str(Path(file).absolute()) for file in detectors)
    # A patch release must not change results, a model file may in one byte.
    used = [f"{task} model {_content(find_model(task, name))}" for task, name in chosen.items()]
    used += [f"detector {SoundDetector(file).label} {_content(load_model(file))}" for file in found]
    if people is not None:
        if "speaker" not in asked:
            raise VoxliteError("names are given to speakers: ask for the task speaker too")
        used.append(f"people {people.mark(chosen['speaker'])}")
    version = ".".join(__version__.split(".")[:2])
    recipe = f"voxlite {version}: {', '.join([*asked, *used])}"
    return Plan(source, asked, chosen, recipe, found, timeout_s)


def _content(info: ModelInfo) -> str:
    digest = hashlib.sha256(info.path.read_bytes()).hexdigest()
    return f"{info.name} {info.metadata.version} {digest[:12]}"
