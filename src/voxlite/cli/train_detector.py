"""`voxlite train detector`: a sound of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar
from voxlite.errors import MissingExtraError


def detector(
    positive: Annotated[
        list[Path],
        typer.Option(help="Folder or file of the sound to find; repeat it for more.", metavar="DIR"),
    ],
    negative: Annotated[
        list[Path], typer.Option(help="Folder or file of anything else; repeat it for more.", metavar="DIR")
    ],
    out: Annotated[Path, typer.Option(help="Model file to write, NAME.tflite.")],
    name: Annotated[
        str | None, typer.Option(help="What to call the sound; default: the file's name.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 1,
) -> None:
    """Teach voxlite a sound of your own from some dozens of recordings; `analyze --detector` then finds it."""
    console = Console()
    try:
        from voxlite.training.detector.training import train_detector
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    with progress_bar(console, "listening", None) as tick:
        found = train_detector(name or out.stem, positive, negative, out, seed=seed, tick=tick)
    point, (n, n_others) = found.threshold, found.recordings
    console.print(
        f"learned from {n} recordings of {found.model.metadata.labels[0]} and {n_others} others; judged on recordings "
        f"left out: ROC-AUC {found.roc_auc:.3f}, found {1 - point['frr']:.1%} of the sound's, "
        f"false alarms in {point['far']:.1%} of the other seconds, threshold {point['value']:.2f}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"{out}; next: voxlite analyze FILE --detector {out}", markup=False, soft_wrap=True)
