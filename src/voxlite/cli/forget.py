"""`voxlite forget`: erase a person."""

from __future__ import annotations

from typing import Annotated

import typer

from voxlite.cli.shell import console
from voxlite.cli.voice_store import (
    JsonFlag,
    KeyringFlag,
    PassphraseFile,
    StoreOption,
    open_store,
    print_data,
)


def forget(
    name: Annotated[str, typer.Argument(help="The person.")],
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    json: JsonFlag = False,
) -> None:
    """Erase everything about a person, and search the store's files for what is left of it.

    `--json` prints the receipt. Copies made elsewhere (exports, backups,
    snapshots) are out of reach.
    """
    with open_store(store, passphrase_file, keyring) as voices:
        receipt = voices.forget(name)
    if json:
        print_data("erasure", receipt.to_dict())
        return
    target = console()
    noun = "voiceprint" if receipt.n_prints == 1 else "voiceprints"
    target.print(f"{receipt.what}: {receipt.n_prints} {noun} erased", style="bold", soft_wrap=True)
    searched = ", ".join(f"{file} ({size} bytes)" for file, size in receipt.searched)
    if receipt.proven:
        target.print(f"  nothing of it is left in {searched}", soft_wrap=True)
    else:
        target.print(
            f"  some of it is still in {', '.join(receipt.remains)}: another program is reading the store; "
            "the next one to open it will clean up",
            soft_wrap=True,
        )


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(forget)
