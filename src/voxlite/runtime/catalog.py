"""The models at hand: those shipped in the package, and any exported file by its path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from voxlite.errors import ModelError
from voxlite.runtime.metadata import ModelMetadata, read_metadata


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


def find_model(task: str, name_or_path: str) -> ModelInfo:
    """Return a shipped model by name, or a model file by path.

    Parameters
    ----------
    task
        "voice", ...
    name_or_path
        A name from `shipped_models`, or anything that ends in `.tflite`.

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
    known = [model for model in shipped_models() if model.metadata.task == task]
    for model in known:
        if model.name == name_or_path:
            return model
    names = ", ".join(model.name for model in known) or "none"
    raise ModelError(
        f"no {task} model named {name_or_path!r}: shipped are {names}; or give a path to a .tflite file"
    )
