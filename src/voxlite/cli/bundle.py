"""`voxlite bundle`: a model packed for a client in another language, with test vectors to check it against."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voxlite.cli.shell import console


def bundle(
    model: Annotated[str, typer.Argument(help="Voice model: a shipped name or a .tflite file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the bundle; made if needed.")],
    recording: Annotated[
        list[Path] | None,
        typer.Option(
            "--recording", "-r", help="A further input for test vectors, at most 5 minutes; repeatable."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
) -> None:
    """Write a model, its card, its configuration as JSON, and test vectors.

    A client in another language reads config.json and is checked against
    vectors/: for some sounds, what each stage of this client computes.
    """
    from voxlite.bundle import write_bundle

    made = write_bundle(model, out, recording or [], force=force)
    text = f"{made.model}, its card, config.json, {len(made.vectors)} test vectors ({made.seconds:.1f} s of sound)"
    console().print(f"{out}: {text}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(bundle)
