"""`voxlite identify`: which of the enrolled people it is, if any."""

from __future__ import annotations

from typing import Annotated

import typer

from voxlite.cli.voice_store import (
    FarOption,
    JsonFlag,
    KeyringFlag,
    PassphraseFile,
    SpeakerModel,
    StoreOption,
    Threads,
    VoiceModel,
    open_store,
    print_data,
    print_decision,
)


def identify(
    file: Annotated[str, typer.Argument(help="A recording of one person, or - for standard input.")],
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    model: SpeakerModel = "compact",
    voice_model: VoiceModel = "compact",
    threads: Threads = 4,
    far: FarOption = None,
    json: JsonFlag = False,
) -> None:
    """Say which of the enrolled people speaks in a recording, or "unknown" when it is none of them.

    The more people are enrolled, the more alike a voice must be, so that the chance
    that a stranger is given any name stays what `--far` asks for, as far as the model's
    calibration fits your recordings (docs/speakers.md). Played-back recordings and cloned voices are
    not detected yet.
    """
    with open_store(
        store, passphrase_file, keyring, model=model, voice_model=voice_model, threads=threads, far=far
    ) as voices:
        decision = voices.identify(file)
    if json:
        print_data("identification", {"source": file, **decision.to_dict()})
    else:
        print_decision(decision, "")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(identify)
