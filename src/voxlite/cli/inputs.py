"""From what was typed to what is worked on: recordings, tasks, models."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.shell import say_error
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.tasks.detector import SoundDetector

TASKS = ("voice", "quality", "speaker", "gender", "mood")
DetectorFiles = Annotated[
    list[str] | None,
    typer.Option(
        help="Model of `voxlite train detector`: tell where its sound is heard; repeat it for more.",
        metavar="FILE",
    ),
]


def recordings(arguments: Sequence[str]) -> tuple[list[str], int]:
    """Return the recordings that files, folders, globs and "-" stand for, each once, and how many arguments failed.

    What fails is told on standard error; the others go on.
    """
    from voxlite.audio import find_recordings

    found: dict[str, None] = {}
    failed = 0
    for argument in arguments:
        try:
            found.update((str(path), None) for path in find_recordings([argument]))
        except VoxliteError as error:
            say_error(error)
            failed += 1
    return list(found), failed


def parse_tasks(text: str) -> tuple[str, ...]:
    """Return the tasks in "voice,quality", each once, in that order; "all" is all; anything else is a usage error."""
    asked = [word.strip() for word in text.split(",") if word.strip()]
    asked = list(TASKS) if asked == ["all"] else asked
    unknown = [word for word in asked if word not in TASKS]
    if unknown or not asked:
        got = f"unknown task {unknown[0]!r}" if unknown else "no task given"
        raise typer.BadParameter(f"{got}: choose from {', '.join(TASKS)}", param_hint="--tasks")
    return tuple(task for task in TASKS if task in asked)


def parse_models(texts: Sequence[str]) -> dict[str, str]:
    """Return {"voice": "compact"} for ["voice=compact"], each model checked before any work starts.

    Raises
    ------
    ModelError
        If there is no such model.
    """
    from voxlite.runtime.catalog import find_model

    chosen = {}
    for text in texts:
        task, sign, name = text.partition("=")
        if not sign or not task or not name:
            raise typer.BadParameter(
                f"{text!r} must be TASK=NAME_OR_PATH, e.g. voice=compact", param_hint="--model"
            )
        find_model(task, name)
        chosen[task] = name
    return chosen


def ready_detectors(paths: Sequence[str], threads: int) -> list[SoundDetector]:
    """Return detectors of a user's own sounds, ready before any work starts.

    Raises
    ------
    ModelError
        If a file is no detector.
    """
    from voxlite.tasks.detector import SoundDetector

    return [SoundDetector(path, threads) for path in paths]


@contextmanager
def rereadable(source: str) -> Iterator[str]:
    """Give a path that can be read more than once: standard input goes through a temporary file."""
    if source != "-":
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="voxlite-") as folder:
        path = Path(folder, "stdin")
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
        yield str(path)


def need(extra: str, feature: str, module: str) -> None:
    """Refuse before the work starts, not after it, when an extra is missing.

    Raises
    ------
    MissingExtraError
        If the module is not installed.
    """
    from importlib.util import find_spec

    from voxlite.errors import MissingExtraError

    if find_spec(module) is None:
        raise MissingExtraError(feature, extra)
