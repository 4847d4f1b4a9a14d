"""`voxlite export-voices`: all voiceprints as one encrypted file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voxlite.cli.shell import console
from voxlite.cli.voice_store import (
    EXPORT_VARIABLE,
    JsonFlag,
    KeyringFlag,
    PassphraseFile,
    StoreOption,
    export_passphrase,
    open_store,
    print_data,
)


def export_voices(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    export_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File whose first line is the export's passphrase; else {EXPORT_VARIABLE}, else the store's."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    json: JsonFlag = False,
) -> None:
    """Write all voiceprints into one encrypted file, to move them to another machine.

    The file is as sensitive as the store. A store whose passphrase is in the
    keyring asks for another one.
    """
    with open_store(store, passphrase_file, keyring) as voices:
        other = export_passphrase(export_passphrase_file, keyring, new=True)
        n_prints = voices.export_voices(out, other, force=force)
    if json:
        print_data("export", {"file": str(out), "n_prints": n_prints})
    else:
        noun = "voiceprint" if n_prints == 1 else "voiceprints"
        console().print(f"{out}: {n_prints} {noun}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("export-voices", no_args_is_help=True)(export_voices)
