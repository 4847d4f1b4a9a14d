"""`voxlite train voice`: from a corpus to weights."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from voxlite.cli.training_tools import find_cache, find_manifest
from voxlite.errors import MissingExtraError, VoxliteError

if TYPE_CHECKING:
    from voxlite.training.voice import VoiceTraining


class Net(str, Enum):
    """The nets that can be trained."""

    compact = "compact"
    inception_v3 = "inception_v3"


app = typer.Typer(help="Train a model.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `voice` a command of its own although it is the only one."""


@app.command()
def voice(
    out: Annotated[Path, typer.Option(help="Folder for weights, checkpoints and history.")],
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
    ] = None,
    net: Annotated[
        Net, typer.Option(help="The small net for devices, or the article's Inception-v3.")
    ] = Net.compact,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 1,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps in all.")] = None,
    max_minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Shorten the schedule to this time.")
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Examples per step.")] = None,
    peak_rate: Annotated[float | None, typer.Option(min=0.0, help="Highest learning rate.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that make examples.")] = 1,
    research: Annotated[
        bool, typer.Option("--research", help="Use clips that are not free: the weights inherit the limits.")
    ] = False,
    cache: Annotated[Path | None, typer.Option(help="Folder of decoded clips and rooms, reused.")] = None,
) -> None:
    """Train the voice net; the best validated weights end up in OUT/best.weights.h5."""
    console, path = Console(), find_manifest(manifest)
    chosen = {
        "seed": seed,
        "steps": steps,
        "max_minutes": max_minutes,
        "batch": batch,
        "peak_rate": peak_rate,
    }
    plan = _plan(
        net, {key: value for key, value in chosen.items() if value is not None}, not research, workers
    )
    if not resume and (out / "history.json").is_file():
        raise VoxliteError(f"{out}: holds a training run already: pass --resume to go on, or another --out")
    history = _train(console, path, out, find_cache(cache, path, _purpose(research)), plan, resume)
    from voxlite.training.evaluate_pictures import draw_history

    if history["epochs"]:
        draw_history(history, out / "history.png")
        last = max(epoch.get("stage", 0) for epoch in history["epochs"])
        stage = [epoch for epoch in history["epochs"] if epoch.get("stage", 0) == last]
        best = min(stage, key=lambda epoch: float(epoch["goal"]))
        figures = ", ".join(f"{name} {value:.4f}" for name, value in best.items() if name.startswith("auc_"))
        console.print(f"best at step {best['step']}: {figures}", highlight=False)
    console.print(f"{out / 'best.weights.h5'}; next: voxlite export {out}", markup=False, soft_wrap=True)


def _purpose(research: bool) -> str:
    return "train-research" if research else "train-free"


def _plan(net: Net, fit: dict[str, Any], free_only: bool, workers: int) -> VoiceTraining:
    os.environ.setdefault(
        "TF_CPP_MIN_LOG_LEVEL", "3"
    )  # TensorFlow's notes about the CPU are no news for a user
    try:
        from voxlite.training.voice import compact_training, inception_training
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    plan = inception_training if net is Net.inception_v3 else compact_training
    return plan(free_only, workers, **fit)


def _train(
    console: Console, manifest: Path, out: Path, cache: Path, plan: VoiceTraining, resume: bool
) -> dict[str, Any]:
    """Train under one display: a bar for decoding, then one for the steps with the loss."""
    from voxlite.training.voice import train_voice

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        decoding = progress.add_task("decoding", total=None)
        training = progress.add_task("training", total=1000, start=False)

        def report(step: int, logs: dict[str, float]) -> None:
            progress.update(decoding, visible=False)
            progress.start_task(training)
            if "progress" in logs:  # by steps or by minutes, whichever ends first
                text = f"training, step {step}, loss {logs['loss']:.4f}"
                progress.update(training, completed=round(1000 * logs["progress"]), description=text)
            else:
                aucs = "  ".join(
                    f"{key} {value:.4f}" for key, value in logs.items() if key.startswith("auc_")
                )
                progress.console.print(f"step {step}  loss {logs['loss']:.4f}  {aucs}", highlight=False)

        return train_voice(
            manifest,
            out,
            cache,
            plan,
            resume=resume,
            tick=lambda: progress.advance(decoding),
            report=report,
        )


def register(parent: typer.Typer) -> None:
    """Add the command group to the program."""
    parent.add_typer(app, name="train")
