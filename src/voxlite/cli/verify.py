"""`voxlite verify`: whether it is this person."""

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

STATUSES = {"accepted": 0, "rejected": 3, "not enough speech": 4}
"""Exit status per label; 1 and 2 are errors, as everywhere."""


def verify(
    name: Annotated[str, typer.Argument(help="The enrolled person who is claimed.")],
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
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
    """Say whether a recording is of an enrolled person.

    Not detected yet: a recording of the person that is played back, and a cloned
    or synthetic voice. Both may be accepted. Do not let it be the only lock.

    Exit status: 0 accepted, 3 rejected, 4 not enough speech; 1 an error, 2 wrong
    use.
    """
    traits = parse_traits(tasks)
    options: dict[str, Any] = {"model": model, "voice_model": voice_model, "threads": threads, "far": far}
    with open_store(store, passphrase_file, keyring, traits=traits, **options) as voices:
        voices.references(name)  # a name that nobody has is told before the recording is heard
        speech = voices.recognizer.listen(file)
        decision = voices.verify(name, speech)
    if json:
        told = {"source": file, "person": name, **decision.to_dict(), **traits_data(speech)}
        print_data("verification", told)
    else:
        print_decision(decision, f"{name}: ")
        print_traits(speech)
    raise typer.Exit(STATUSES[decision.label])


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(verify)
