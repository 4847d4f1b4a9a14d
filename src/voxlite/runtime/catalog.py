"""The models at hand: those shipped in the package, those the user imported, and any exported file by its path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from voxlite.errors import ModelError
from voxlite.runtime.metadata import ModelMetadata, read_cohort, read_metadata
from voxlite.values import FloatArray

IMPORTABLE = {("speaker", "campplus"): "campplus", ("speaker", "campplus-int8"): "campplus --weights int8"}
"""Models of other people that voxlite ships no copy of: (task, name) -> what `voxlite models import` takes."""


@dataclass(frozen=True)
class ModelInfo:
    """A model file and what it says of itself."""

    path: Path
    metadata: ModelMetadata
    size_bytes: int

    @property
    def name(self) -> str:
        """The short name that `--model` takes."""
        return self.metadata.name

    def cohort(self) -> FloatArray:
        """Return the strangers that a speaker model's scores are normalised against, float32[n, embedding_size].

        Raises
        ------
        ModelError
            If the file cannot be read any more, or its cohort is not usable.
        """
        try:
            return read_cohort(self.path.read_bytes(), str(self.path))
        except OSError as error:
            raise ModelError(f"{self.path}: cannot read the model file ({error.strerror or error})") from None

    def summary(self) -> dict[str, str]:
        """Return what a report says about a model it used."""
        return {
            "task": self.metadata.task,
            "name": self.metadata.name,
            "version": self.metadata.version,
            "licence": self.metadata.licence,
        }


def _folder() -> Path:
    return Path(str(resources.files("voxlite.models")))


@lru_cache(maxsize=16)
def _read(path: Path, _mtime_ns: int) -> ModelInfo:
    content = path.read_bytes()
    return ModelInfo(path, read_metadata(content, str(path)), len(content))


def load_model(path: str | Path) -> ModelInfo:
    """Read a model file's metadata.

    Raises
    ------
    ModelError
        If the file is missing, no model, or not exported by voxlite.
    """
    path = Path(path)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ModelError(f"{path}: cannot read the model file ({error.strerror or error})") from None


def shipped_models() -> list[ModelInfo]:
    """Return the models inside the package, by task and name."""
    models = [load_model(path) for path in sorted(_folder().glob("*.tflite"))]
    return sorted(models, key=lambda model: (model.metadata.task, model.name))


def user_folder() -> Path:
    """Return the folder in the user's data that imported models lie in; it need not exist."""
    from platformdirs import user_data_path

    return user_data_path("voxlite", appauthor=False) / "models"


def imported_models(on_error: Callable[[ModelError], None] = lambda error: None) -> list[ModelInfo]:
    """Return the models in the user's data folder, by task and name.

    Parameters
    ----------
    on_error
        Told of each file that cannot be used; the others are returned all the same.
    """
    models = []
    for path in sorted(user_folder().glob("*.tflite")):
        try:
            models.append(load_model(path))
        except ModelError as error:
            on_error(error)
    return sorted(models, key=lambda model: (model.metadata.task, model.name))


def find_model(task: str, name_or_path: str) -> ModelInfo:
    """Return a shipped or imported model by name, or a model file by path.

    Parameters
    ----------
    task
        "voice", ...
    name_or_path
        A name from `shipped_models` or `imported_models`, or anything that ends in `.tflite`.

    Raises
    ------
    ModelError
        If there is no such model, or it is for another task.
    """
    if name_or_path.endswith(".tflite"):
        model = load_model(name_or_path)
        if model.metadata.task != task:
            raise ModelError(
                f"{name_or_path}: a model for {model.metadata.task!r}, but {task!r} was asked for"
            )
        return model
    damaged: list[ModelError] = []
    known = [model for model in shipped_models() if model.metadata.task == task]
    for model in known:
        if model.name == name_or_path:
            return model
    imported = [model for model in imported_models(damaged.append) if model.metadata.task == task]
    for model in imported:
        if model.name == name_or_path:
            return model
    raise _missing(task, name_or_path, known, imported, damaged)


def _missing(
    task: str, name: str, shipped: list[ModelInfo], imported: list[ModelInfo], damaged: list[ModelError]
) -> ModelError:
    command = IMPORTABLE.get((task, name))
    if command is not None:
        again = f" ({damaged[0]})" if damaged else ""
        return ModelError(
            f"the {task} model {name!r} is not shipped{again}: run `voxlite models import {command}`"
        )
    text = f"no {task} model named {name!r}: shipped are {', '.join(m.name for m in shipped) or 'none'}"
    if imported:
        text += f", imported are {', '.join(m.name for m in imported)}"
    others = [name for own, name in IMPORTABLE if own == task]
    if others and not shipped and not imported:
        text += f"; run `voxlite models import {others[0]}`, then pass --model {others[0]}"
    return ModelError(f"{text}; or give a path to a .tflite file")
