"""What the commands around training share: tables and progress bars."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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

if TYPE_CHECKING:
    from voxlite.training.tables import Cell, Table


def quiet_tensorflow() -> None:
    """Keep TensorFlow's notes about the processor to itself, unless asked for; call before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
