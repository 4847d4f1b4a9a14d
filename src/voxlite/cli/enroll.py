"""`voxlite enroll`: keep a person's voiceprints."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from voxlite.cli.shell import console
from voxlite.cli.voice_store import (
    JsonFlag,
    KeyringFlag,
    PassphraseFile,
    SpeakerModel,
    StoreOption,
    Threads,
    VoiceModel,
    open_store,
    print_data,
)


def enroll(
    name: Annotated[str, typer.Argument(help="The person; somebody known gets further references.")],
    files: Annotated[
        list[str], typer.Argument(help="Recordings of that person alone: files, folders, globs.")
    ],
    consent: Annotated[
        str, typer.Option(help="When the person agreed to this: now, or a date or time like 2026-05-01.")
    ],
    purpose: Annotated[str, typer.Option(help="What the person agreed to, in words.")],
    source: Annotated[
        str | None, typer.Option(help="What it was recorded with: headset, laptop, phone.")
    ] = None,
    note_gender: Annotated[
        bool,
        typer.Option(
            "--note-gender", help="Note what gender each recording sounds like: verify can doubt another one."
        ),
    ] = False,
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    model: SpeakerModel = "compact",
    voice_model: VoiceModel = "compact",
    threads: Threads = 4,
    json: JsonFlag = False,
) -> None:
    """Keep the voiceprints of a person who agreed to it, encrypted on this machine.

    Five seconds of speech are needed in all, fifteen are better. Every recording
    becomes a reference of its own: enroll each microphone that will be used. No
    sound is kept. `forget` erases everything.
    """
    from voxlite.audio import find_recordings

    agreed = parse_consent(consent)
    paths: list[str | Path] = list(find_recordings(files))
    options: dict[str, Any] = {"model": model, "voice_model": voice_model, "threads": threads}
    traits = ("gender",) if note_gender else ()
    with open_store(store, passphrase_file, keyring, create=True, traits=traits, **options) as voices:
        done = voices.enroll(name, paths, consent_at=agreed, purpose=purpose, source=source)
        where = voices.path
    if json:
        print_data("enrollment", {"store": str(where), **done.to_dict()})
        return
    target = console()
    noun = "reference" if done.n_references == 1 else "references"
    target.print(f"{done.person}: {done.n_references} new {noun}", style="bold", soft_wrap=True)
    target.print(f"  {done.speech_s:.1f} s of speech in all; kept in {where}", soft_wrap=True)
    for warning in done.warnings:
        target.print(f"  warning: {warning}", soft_wrap=True)


def parse_consent(text: str) -> datetime:
    """Return when a person agreed; a date or time without a zone is this machine's. Anything else is a usage error."""
    if text.strip().lower() == "now":
        return datetime.now(timezone.utc)
    try:
        return datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text.strip())).astimezone()
    except (ValueError, OverflowError, OSError):  # which one an impossible date raises depends on the system
        raise typer.BadParameter(
            f"{text!r}: say when the person agreed: now, or a date or time like 2026-05-01",
            param_hint="--consent",
        ) from None


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(enroll)
