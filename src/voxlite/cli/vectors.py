"""`voxlite vectors`: what this client computes, stage by stage, for the browser client to be held to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voxlite.cli.shell import console


def vectors(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; made if needed.")],
    models: Annotated[
        Path | None, typer.Option(help="Folder for the shipped models and their index; none if left out.")
    ] = None,
) -> None:
    """Write test vectors of every task: sounds, what each stage makes of them, decisions."""
    from voxlite.browser.assets import write_assets
    from voxlite.browser.vectors import write_vectors

    files = write_vectors(out)
    console().print(f"{out}: {len(files)} files of test vectors", soft_wrap=True)
    if models is not None:
        written = write_assets(models)
        console().print(f"{models}: {len(written.files)} files of models", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(vectors)
