"""What the commands around training share: where the corpus is, its cache, tables and progress bars."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as RichTable

from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.training.tables import Cell, Table

CORPUS_VARIABLE = "VOXLITE_CORPUS"
SPEAKER_WEIGHTS = Path("models/speaker-compact.weights.h5")
"""Where a checkout keeps the weights of the shipped speaker model."""


def quiet_tensorflow() -> None:
    """Keep TensorFlow's notes about the processor to itself, unless asked for; call before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def find_manifest(manifest: Path | None) -> Path:
    """Return the manifest that was named, or the one of the folder in VOXLITE_CORPUS.

    Raises
    ------
    VoxliteError
        If neither is given.
    """
    if manifest is None:
        folder = os.environ.get(CORPUS_VARIABLE)
        if not folder:
            raise VoxliteError(f"no corpus: pass --manifest, or set {CORPUS_VARIABLE} to the corpus's folder")
        manifest = Path(folder)
    return manifest / "manifest.csv" if manifest.is_dir() else manifest


def find_cache(cache: Path | None, manifest: Path, purpose: str) -> Path:
    """Return the cache that was named, or one in the user's cache folder for this corpus and purpose."""
    if cache is not None:
        return cache
    from platformdirs import user_cache_path

    corpus = hashlib.sha256(str(manifest.resolve()).encode()).hexdigest()[:12]
    return user_cache_path("voxlite", appauthor=False) / "corpus" / f"{corpus}-{purpose}"


def show(console: Console, tables: Sequence[Table]) -> None:
    """Print tables, numbers to the right."""
    for table in tables:
        rich = RichTable(title=table.title, title_justify="left")
        for index, column in enumerate(table.columns):
            numeric = _is_number([row[index] for row in table.rows])
            rich.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in table.texts():
            rich.add_row(*row)
        console.print(rich)


def _is_number(cells: Sequence[Cell]) -> bool:
    texts = [cell.removesuffix(" %") for cell in cells if isinstance(cell, str)]
    return all(text.replace(".", "", 1).isdigit() for text in texts)


@contextmanager
def progress_bar(console: Console, text: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal and yield the function that moves it by one."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)
