"""`voxlite voices`: who is enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxlite.recognition import EnrolledVoice


def voices(
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    json: JsonFlag = False,
) -> None:
    """List the people enrolled, since when, with which model, and what they agreed to."""
    with open_store(store, passphrase_file, keyring) as opened:
        found, where = opened.voices(), opened.path
    if json:
        print_data("voices", {"store": str(where), "voices": [voice.to_dict() for voice in found]})
    elif found:
        _print(found)
    else:
        console().print(f"{where}: nobody is enrolled", soft_wrap=True)


def _print(found: Sequence[EnrolledVoice]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    sounds = ("sounds",) if any(voice.genders for voice in found) else ()
    for name in (
        "name",
        "references",
        "speech",
        "enrolled",
        "agreed",
        "purpose",
        "recorded with",
        "model",
        *sounds,
    ):
        table.add_column(name, justify="right" if name in ("references", "speech") else "left")
    for voice in found:
        table.add_row(
            voice.person,
            str(voice.n_references),
            f"{voice.speech_s:.1f} s",
            f"{voice.enrolled_at:%Y-%m-%d}",
            f"{voice.consent_at:%Y-%m-%d}",
            ", ".join(voice.purposes),
            ", ".join(voice.sources) or "?",
            ", ".join(voice.models),
            *([", ".join(voice.genders) or "?"] if sounds else []),
        )
    console().print(table)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(voices)
