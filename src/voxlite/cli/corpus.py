"""`voxlite corpus check`: is a training corpus whole, and are its splits honest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar, show
from voxlite.training.places import find_manifest

_MOST_LINES = 40

app = typer.Typer(help="Look after a training corpus.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `check` a command of its own although it is the only one."""


@app.command()
def check(
    manifest: Annotated[
        Path | None, typer.Argument(help="The manifest or its folder; default: the folder in VOXLITE_CORPUS.")
    ] = None,
    decode: Annotated[
        bool, typer.Option("--decode/--no-decode", help="Decode every clip, or only look for the files.")
    ] = True,
) -> None:
    """Look for missing and unreadable files and for leaks between splits; show balance, licences, durations.

    The exit status is 1 when something is wrong.
    """
    from voxlite.training.checks import check_corpus
    from voxlite.training.corpus import read_manifest

    console, path = Console(), find_manifest(manifest)
    clips = read_manifest(path)
    with progress_bar(console, "decoding", len(clips) if decode else None) as tick:
        result = check_corpus(clips, decode=decode, tick=tick)
    show(console, result.tables)
    _lines(console, result.remarks, "[yellow]note[/]")
    _lines(console, result.problems, "[red]wrong[/]")
    if not result.good:
        console.print(f"{path}: {len(clips)} clips, [red]{len(result.problems)} problems[/]", soft_wrap=True)
        raise typer.Exit(1)
    console.print(f"{path}: {len(clips)} clips, [green]nothing wrong[/]", soft_wrap=True)


def _lines(console: Console, lines: tuple[str, ...], mark: str) -> None:
    for line in lines[:_MOST_LINES]:
        console.print(mark, end=" ")
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if len(lines) > _MOST_LINES:
        console.print(f"{mark} and {len(lines) - _MOST_LINES} more")


def register(parent: typer.Typer) -> None:
    """Add the command group to the program."""
    parent.add_typer(app, name="corpus")
