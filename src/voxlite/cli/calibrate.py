"""`voxlite calibrate`: fit the scores to one's own recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.shell import console
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
)

if TYPE_CHECKING:
    from voxlite.recognition import CalibrationResult, Rates


def calibrate(
    people: Annotated[
        list[str] | None,
        typer.Argument(
            help="A folder with a folder per person, folders of one person each, or NAME=FILE and NAME=FOLDER."
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the model's own calibration.")] = False,
    store: StoreOption = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    model: SpeakerModel = "compact",
    voice_model: VoiceModel = "compact",
    threads: Threads = 4,
    far: FarOption = None,
    json: JsonFlag = False,
) -> None:
    """Fit the scores to your own rooms, microphones and people.

    At least three people with two recordings each, enrolled or not. Slope and
    offset are kept in the store and used from then on, for this model; nothing
    else of the recordings is kept. The rates "after" are of people who were left
    out of the fit.
    """
    if reset == bool(people):
        raise typer.BadParameter("name recordings, or pass --reset, not both", param_hint="PEOPLE")
    recordings = people_of(people or [])
    with open_store(
        store, passphrase_file, keyring, model=model, voice_model=voice_model, threads=threads, far=far
    ) as voices:
        if reset:
            had = voices.reset_calibration()
            text = "the model's own calibration is in use" + ("" if had else ", as before")
            print_data("calibration", {"reset": had}) if json else console().print(text, soft_wrap=True)
            return
        result = voices.calibrate(recordings)
    if json:
        print_data("calibration", result.to_dict())
    else:
        _print(result)


def people_of(arguments: Sequence[str]) -> dict[str, list[str | Path]]:
    """Return recordings by person.

    Raises
    ------
    AudioError
        If a folder holds no recording.
    """
    from voxlite.audio import find_recordings

    found: dict[str, list[str | Path]] = {}
    for argument in arguments:
        name, sign, path = argument.partition("=")
        folder = Path(argument)
        if sign and not folder.exists():
            groups = {name: path}
        else:
            inner = sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
            inner = [entry for entry in inner if not entry.name.startswith(".")]
            groups = {entry.name: str(entry) for entry in inner} or {folder.resolve().stem: argument}
        for person, where in groups.items():
            found.setdefault(person, []).extend(find_recordings([where]))
    return found


def _print(result: CalibrationResult) -> None:
    target, own = console(), result.calibration
    target.print(
        f"calibrated on {own.n_recordings} recordings of {own.n_people} people", style="bold", soft_wrap=True
    )
    target.print(f"  LLR x {own.slope:.3f} {own.offset:+.3f}, in use from now on", soft_wrap=True)
    for what, rates in (("before", result.before), ("after", result.after)):
        target.print(f"  {what}: {_rates(rates)}", soft_wrap=True)
    if result.left_out:
        target.print(f"  left out, under a second of speech: {', '.join(result.left_out)}", soft_wrap=True)


def _rates(rates: Rates) -> str:
    return (
        f"FAR {100 * rates.far:.2f} % of {rates.n_different} pairs of two people, "
        f"FRR {100 * rates.frr:.2f} % of {rates.n_same} pairs of one"
    )


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(calibrate)
