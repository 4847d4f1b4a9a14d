"""`Plan`: what is asked of every recording of an archive, and the recipe by which finished ones are known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from voxlite._version import __version__
from voxlite.analysis import DEFAULT_MODELS, TASKS
from voxlite.errors import VoxliteError
from voxlite.runtime.catalog import find_model


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
        Names everything that results depend on besides the sound: minor version of voxlite, tasks, and models with
        their content.
    """

    source: str
    tasks: tuple[str, ...]
    models: dict[str, str]
    recipe: str

    def to_json(self) -> str:
        """Return the text that travels to a worker."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Rebuild from what `to_json` gave."""
        data = json.loads(text)
        return cls(data["source"], tuple(data["tasks"]), data["models"], data["recipe"])


def make_plan(source: str, tasks: Sequence[str], models: Mapping[str, str]) -> Plan:
    """Check what is asked and name its recipe.

    Raises
    ------
    VoxliteError
        If a task is unknown.
    ModelError
        If there is no such model.
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
    return Plan(source, asked, chosen, _recipe(asked, chosen))


def _recipe(tasks: Sequence[str], models: Mapping[str, str]) -> str:
    """Return one line: a patch release must not change results, a model file may in one byte."""
    used = []
    for task, name in models.items():
        info = find_model(task, name)
        digest = hashlib.sha256(info.path.read_bytes()).hexdigest()
        used.append(f"{task} model {info.name} {info.metadata.version} {digest[:12]}")
    version = ".".join(__version__.split(".")[:2])
    return f"voxlite {version}: {', '.join([*tasks, *used])}"
