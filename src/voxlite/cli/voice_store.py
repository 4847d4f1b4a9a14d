"""What the commands about voices share: their options, the passphrase, the open store, a decision in words."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voxlite.cli.shell import console, print_bytes
from voxlite.errors import PassphraseError

if TYPE_CHECKING:
    from voxlite.recognition import Speech, VoiceprintStore
    from voxlite.values import Decision

VARIABLE, EXPORT_VARIABLE = "VOXLITE_PASSPHRASE", "VOXLITE_EXPORT_PASSPHRASE"

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store; voices.vault in your data folder if left out.")
]
NamesFrom = Annotated[Path | None, typer.Option(help="Store of enrolled people, whose names speakers get.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help=f"File whose first line is the passphrase; else {VARIABLE}, else you are asked."),
]
KeyringFlag = Annotated[
    bool, typer.Option("--keyring", help="Passphrase from the operating system's keyring (extra keyring).")
]
SpeakerModel = Annotated[str, typer.Option(help="Speaker model: a name or a .tflite file.")]
VoiceModel = Annotated[str, typer.Option(help="Voice model: a shipped name or a .tflite file.")]
Threads = Annotated[int, typer.Option(min=1, max=64, help="Model runs at the same time.")]
FarOption = Annotated[
    float | None,
    typer.Option(help="Chance that a stranger is accepted, e.g. 0.001; the model's own point if left out."),
]
TraitTasks = Annotated[
    str,
    typer.Option(
        "--tasks",
        help="What else to tell of the voice: gender, mood. A gender that contradicts one noted is doubted.",
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def open_store(
    store: Path | None,
    passphrase_file: Path | None,
    keyring: bool,
    *,
    create: bool = False,
    **options: Any,
) -> VoiceprintStore:
    """Return the store that was named, opened with the passphrase from wherever it comes.

    Parameters
    ----------
    create
        The command may make the store: a passphrase that is typed is then asked for twice.
    options
        Of `VoiceprintStore`.

    Raises
    ------
    PassphraseError
        If no passphrase is given, or it is wrong.
    StoreError, MissingExtraError
        If the store or the keyring cannot be used.
    """
    from voxlite.recognition import VoiceprintStore, default_store

    path = default_store() if store is None else store
    new = create and not path.exists()
    return VoiceprintStore(path, store_passphrase(path, passphrase_file, keyring, new=new), **options)


def store_passphrase(path: Path, file: Path | None, keyring: bool, *, new: bool = False) -> str:
    """Return the passphrase of a store from wherever it comes; errors as `open_store`."""
    if keyring:
        from voxlite.voiceprints import passphrase_from_keyring

        return passphrase_from_keyring(create=new)
    return passphrase_of(file, VARIABLE, f"passphrase of {path}", new=new)


def passphrase_of(file: Path | None, variable: str, prompt: str, *, new: bool = False) -> str:
    """Return a passphrase from a file, else from the environment, else from whoever sits at the terminal.

    Raises
    ------
    PassphraseError
        If there is none of these, or the file cannot be read.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise PassphraseError(
                f"{file}: cannot read the passphrase ({reason}): name a text file"
            ) from None
    if os.environ.get(variable):
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise PassphraseError(
            f"no {prompt}: set {variable}, give a file that holds it, or run in a terminal to be asked"
        )
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))


def export_passphrase(file: Path | None, keyring: bool, *, new: bool = False) -> str | None:
    """Return the passphrase of an exported file; None where it is the store's.

    A passphrase out of the keyring would not leave this machine: then the export needs one of its own.
    """
    if file is None and not keyring and not os.environ.get(EXPORT_VARIABLE):
        return None
    return passphrase_of(file, EXPORT_VARIABLE, "passphrase of the exported file", new=new)


def parse_traits(text: str) -> tuple[str, ...]:
    """Return the traits in "gender,mood", each once; anything else is a usage error."""
    from voxlite.tasks.trait_models import TRAIT_MODELS

    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in TRAIT_MODELS]
    if unknown:
        raise typer.BadParameter(
            f"unknown task {unknown[0]!r}: choose from {', '.join(TRAIT_MODELS)}", param_hint="--tasks"
        )
    return tuple(task for task in TRAIT_MODELS if task in asked)


def traits_data(speech: Speech) -> dict[str, Any]:
    """Return what a voice sounds like as plain data; nothing where that was not asked for."""
    found = {trait.task: trait.to_dict() for trait in speech.traits}
    for trait in found.values():
        del trait["segments"]
    return {"traits": found} if found else {}


def print_traits(speech: Speech) -> None:
    """Write what a voice sounds like for people."""
    from voxlite.report.trait_text import trait_line

    for trait in speech.traits:
        console().print(trait_line(trait), soft_wrap=True)


def print_data(schema: str, data: dict[str, Any]) -> None:
    """Write plain data as JSON to standard output."""
    from voxlite.report.jsonio import to_json

    print_bytes(to_json({"schema": f"voxlite.{schema}/1", **data}) + "\n")


def print_decision(decision: Decision, about: str) -> None:
    """Write a decision for people: the verdict, how sure it is, and why."""
    target = console()
    target.print(f"{about}{decision.label}", style="bold", soft_wrap=True)
    target.print(
        f"  probability {decision.score:.4f}, {decision.threshold:.4f} is needed; "
        f"{decision.evidence_s:.1f} s of speech",
        soft_wrap=True,
    )
    for reason in decision.reasons:
        target.print(f"  {reason}", soft_wrap=True)
