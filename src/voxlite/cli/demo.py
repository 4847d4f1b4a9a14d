"""`voxlite demo`: what voxlite does, shown with the repository's own recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.inputs import need
from voxlite.cli.shell import console
from voxlite.cli.voice_store import FarOption, JsonFlag, SpeakerModel, Threads, VoiceModel, print_data

if TYPE_CHECKING:
    from voxlite.recognition.demonstration import Demonstration

_group = typer.Typer()


@_group.callback(no_args_is_help=True)
def demo() -> None:
    """Show what voxlite does with the recordings of its repository."""


@_group.command("speaker")
def speaker(
    picture: Annotated[
        Path, typer.Option(help="Where to draw the likelihood ratios of all pairs: PNG, SVG or PDF.")
    ] = Path("demo-speaker.png"),
    samples: Annotated[
        Path | None, typer.Option(help="Folder of the recordings; the repository's samples if left out.")
    ] = None,
    model: SpeakerModel = "compact",
    voice_model: VoiceModel = "compact",
    threads: Threads = 4,
    far: FarOption = None,
    json: JsonFlag = False,
) -> None:
    """Enroll three voices in a temporary store, recognise them, meet a stranger, forget one.

    The recordings come from free packages; nothing is kept but the picture.
    """
    from voxlite.recognition.demonstration import demonstrate, find_samples
    from voxlite.report.canvas import picture_path
    from voxlite.report.pair_picture import draw_pairs

    need("plot", "drawing a picture", "matplotlib")
    path, folder = picture_path(picture), find_samples(samples)
    shown = demonstrate(folder, model=model, voice_model=voice_model, threads=threads, far=far)
    draw_pairs(shown.names, shown.llrs, path, f"who sounds like whom, by the model {shown.model}")
    if json:
        print_data("demo-speaker", {**shown.to_dict(), "picture": str(path)})
    else:
        _print(shown)
        console().print(f"picture: {path}", soft_wrap=True)


def _print(shown: Demonstration) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("recording", "question", "answer", "right?"):
        table.add_column(name)
    for name in ("probability", "needed", "speech"):
        table.add_column(name, justify="right")
    for one in shown.answers:
        said = one.decision
        right = "yes" if one.right else f"no: {one.expected}"
        figures = f"{said.score:.4f}", f"{said.threshold:.4f}", f"{said.evidence_s:.1f} s"
        table.add_row(one.recording, one.question, said.label, right, *figures)
    target = console()
    target.print(table)
    receipt = shown.erasure
    state = "nothing of it is left in the store" if receipt.proven else "some of it is left"
    target.print(f"{receipt.what}: {receipt.n_prints} voiceprints erased, {state}", soft_wrap=True)
    n_right = sum(one.right for one in shown.answers)
    target.print(f"{n_right} of {len(shown.answers)} answers are right", style="bold", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.add_typer(_group, name="demo")
