"""`voxlite identify`: which of the enrolled people it is, if any."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from voxlite.cli.voice_store import (
    FarOption,
    JsonFlag,
    KeyringFlag,
    PassphraseFile,
    SpeakerModel,
    StoreOption,
    Threads,
    TraitTasks,
    VoiceModel,
    open_store,
    parse_traits,
    print_data,
    print_decision,
    print_traits,
    traits_data,
)


def identify(
    file: Annotated[str, typer.Argument(help="A recording of one person, or - for standard input.")],
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    model: SpeakerModel = "compact",
    voice_model: VoiceModel = "compact",
    threads: Threads = 4,
    tasks: TraitTasks = "",
    far: FarOption = None,
    json: JsonFlag = False,
) -> None:
    """Say which of the enrolled people speaks in a recording, or "unknown" when it is none of them.

    The more people are enrolled, the more alike a voice must be, so that the chance
    that a stranger is given any name stays what `--far` asks for, as far as the model's
    calibration fits your recordings (docs/speakers.md). Played-back recordings and cloned voices are
    not detected yet.
    """
    traits = parse_traits(tasks)
    options: dict[str, Any] = {"model": model, "voice_model": voice_model, "threads": threads, "far": far}
    with open_store(store, passphrase_file, keyring, traits=traits, **options) as voices:
        speech = voices.recognizer.listen(file)
        decision = voices.identify(speech)
    if json:
        print_data("identification", {"source": file, **decision.to_dict(), **traits_data(speech)})
    else:
        print_decision(decision, "")
        print_traits(speech)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(identify)
