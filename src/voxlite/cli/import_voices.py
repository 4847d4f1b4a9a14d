"""`voxlite import-voices`: voiceprints out of an exported file."""

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


def import_voices(
    file: Annotated[Path, typer.Argument(help="Written by export-voices.")],
    export_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File whose first line is the export's passphrase; else {EXPORT_VARIABLE}, else the store's."
        ),
    ] = None,
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    json: JsonFlag = False,
) -> None:
    """Add the voiceprints of an exported file that the store does not have yet: all of them or none."""
    with open_store(store, passphrase_file, keyring, create=True) as voices:
        done = voices.import_voices(file, export_passphrase(export_passphrase_file, keyring))
    if json:
        data = {"file": str(file), "n_prints": done.n_prints, "n_added": done.n_added}
        print_data("import", {**data, "persons": list(done.persons)})
        return
    target = console()
    target.print(f"{done.n_added} of {done.n_prints} voiceprints are new", style="bold", soft_wrap=True)
    target.print(f"  in the file: {', '.join(done.persons) or 'nobody'}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("import-voices", no_args_is_help=True)(import_voices)
