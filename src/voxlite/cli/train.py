"""`voxlite train TASK`: from a corpus to weights."""

from __future__ import annotations

from collections.abc import Callable
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

from voxlite.cli.train_detector import detector
from voxlite.cli.training_tools import progress_bar, quiet_tensorflow
from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.training.places import SPEAKER_WEIGHTS, find_cache, find_manifest

if TYPE_CHECKING:
    from voxlite.training.speaker.voice_bank import Teacher
    from voxlite.training.voice.training import VoiceTraining


class Net(str, Enum):
    """The nets that can be trained."""

    compact = "compact"
    inception_v3 = "inception_v3"


Out = Annotated[Path, typer.Option(help="Folder for weights, checkpoints and history.")]
Manifest = Annotated[
    Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything random.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Optimiser steps in all.")]
MaxMinutes = Annotated[float | None, typer.Option(min=0.1, help="Shorten the schedule to this time.")]
Batch = Annotated[int | None, typer.Option(min=1, help="Examples per step.")]
PeakRate = Annotated[float | None, typer.Option(min=0.0, help="Highest learning rate.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes that make examples.")]
Research = Annotated[
    bool, typer.Option("--research", help="Use clips that are not free: the weights inherit the limits.")
]
Cache = Annotated[
    Path | None, typer.Option(help="Folder of what can be made again: clips, rooms, taught voices.")
]

app = typer.Typer(help="Train a model.", no_args_is_help=True)
app.command()(detector)


@app.command()
def voice(
    out: Out,
    manifest: Manifest = None,
    net: Annotated[
        Net, typer.Option(help="The small net for devices, or the article's Inception-v3.")
    ] = Net.compact,
    resume: Resume = False,
    seed: Seed = 1,
    steps: Steps = None,
    max_minutes: MaxMinutes = None,
    batch: Batch = None,
    peak_rate: PeakRate = None,
    workers: Workers = 1,
    research: Research = False,
    cache: Cache = None,
) -> None:
    """Train the voice net; the best validated weights end up in OUT/best.weights.h5."""
    console, path = Console(), find_manifest(manifest)
    plan = _plan(net, _given(seed, steps, max_minutes, batch, peak_rate), not research, workers)
    _refuse_second(out, resume)
    from voxlite.training.voice.training import train_voice

    cache = find_cache(cache, path, _purpose(research))
    _train(console, out, lambda **calls: train_voice(path, out, cache, plan, resume=resume, **calls))
    console.print(f"{out / 'best.weights.h5'}; next: voxlite export {out}", markup=False, soft_wrap=True)


@app.command()
def speaker(
    out: Out,
    manifest: Manifest = None,
    teacher: Annotated[
        str, typer.Option(help="Speaker model whose embeddings are learned: a name, or a .tflite file.")
    ] = "campplus",
    taught: Annotated[
        Path | None,
        typer.Option(help="What the teacher said: read from this file as far as it goes, and kept in it."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="Weights that the net starts from: speaker-NAME.weights.h5 of an export."),
    ] = None,
    resume: Resume = False,
    seed: Seed = 1,
    steps: Steps = None,
    max_minutes: MaxMinutes = None,
    batch: Batch = None,
    peak_rate: PeakRate = None,
    workers: Workers = 1,
    research: Research = False,
    cache: Cache = None,
) -> None:
    """Train the speaker net to embed voices as a teacher does; the teacher hears every utterance once before."""
    console, path = Console(), find_manifest(manifest)
    _refuse_second(out, resume)
    quiet_tensorflow()
    try:
        from voxlite.training.speaker.taught import RememberingTeacher
        from voxlite.training.speaker.teacher import ModelTeacher
        from voxlite.training.speaker.training import SpeakerTraining, speaker_fit, train_speaker
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    plan = SpeakerTraining(
        fit=speaker_fit(**_given(seed, steps, max_minutes, batch, peak_rate)),
        free_only=not research,
        workers=workers,
    )
    known: Teacher
    if taught is not None and taught.exists():
        known = RememberingTeacher(taught, lambda: ModelTeacher(teacher))
        if known.name != teacher:
            raise VoxliteError(
                f"{taught}: {known.name} said it, not {teacher}: name another file or --teacher"
            )
    else:
        known = ModelTeacher(teacher)
    cache = find_cache(cache, path, f"speaker-{_purpose(research)}")

    def work(**calls: Any) -> dict[str, Any]:
        return train_speaker(
            path, out, cache, plan, known, taught=taught, start=start, resume=resume, **calls
        )

    _train(console, out, work)
    console.print(f"{out / 'best.weights.h5'}; next: voxlite export {out}", markup=False, soft_wrap=True)


@app.command()
def gender(
    out: Out,
    manifest: Manifest = None,
    start: Annotated[
        Path | None,
        typer.Option(help="Weights that the net starts from: gender-NAME.weights.h5 of an export."),
    ] = None,
    resume: Resume = False,
    seed: Seed = 1,
    steps: Steps = None,
    max_minutes: MaxMinutes = None,
    batch: Batch = None,
    peak_rate: PeakRate = None,
    workers: Workers = 1,
    research: Research = False,
    cache: Cache = None,
) -> None:
    """Train the net that tells whether an adult's voice sounds female or male."""
    console, path = Console(), find_manifest(manifest)
    _refuse_second(out, resume)
    quiet_tensorflow()
    try:
        from voxlite.training.traits.training import TraitTraining, train_trait, trait_fit
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    plan = TraitTraining(
        "gender",
        fit=trait_fit(**_given(seed, steps, max_minutes, batch, peak_rate)),
        free_only=not research,
        workers=workers,
    )
    cache = find_cache(cache, path, f"speaker-{_purpose(research)}")  # it decodes the same clips
    _train(
        console, out, lambda **calls: train_trait(path, out, cache, plan, start=start, resume=resume, **calls)
    )
    console.print(f"{out / 'best.weights.h5'}; next: voxlite export {out}", markup=False, soft_wrap=True)


@app.command()
def mood(
    out: Out,
    manifest: Manifest = None,
    weights: Annotated[
        Path,
        typer.Option(help="Of the speaker net whose layers are used: speaker-NAME.weights.h5 of an export."),
    ] = SPEAKER_WEIGHTS,
    research: Research = False,
    cache: Cache = None,
) -> None:
    """Fit the layers that tell a voice's mood from what the speaker net makes of it."""
    console, path = Console(), find_manifest(manifest)
    quiet_tensorflow()
    try:
        from voxlite.training.moods.training import train_mood
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    cache = find_cache(cache, path, f"mood-{_purpose(research)}")
    with progress_bar(console, "describing", None) as tick:
        plan = train_mood(path, out, cache, weights, free_only=not research, tick=tick)
    point = plan["calibration"]["thresholds"]["decide"]
    console.print(
        f"left open {point['unsure']:.1%}, wrong among decided {point['wrong']:.1%}: {point['data']}"
    )
    console.print(f"{out}; next: voxlite export {out}", markup=False, soft_wrap=True)


def _given(
    seed: int, steps: int | None, max_minutes: float | None, batch: int | None, peak_rate: float | None
) -> dict[str, Any]:
    """Return the settings of the schedule that were given; a net has its own defaults for the others."""
    fit = {"seed": seed, "steps": steps, "max_minutes": max_minutes, "batch": batch, "peak_rate": peak_rate}
    return {key: value for key, value in fit.items() if value is not None}


def _refuse_second(out: Path, resume: bool) -> None:
    if not resume and (out / "history.json").is_file():
        raise VoxliteError(f"{out}: holds a training run already: pass --resume to go on, or another --out")


def _purpose(research: bool) -> str:
    return "train-research" if research else "train-free"


def _plan(net: Net, fit: dict[str, Any], free_only: bool, workers: int) -> VoiceTraining:
    quiet_tensorflow()
    try:
        from voxlite.training.voice.training import compact_training, inception_training
    except ImportError:
        raise MissingExtraError("training a model", "train") from None
    plan = inception_training if net is Net.inception_v3 else compact_training
    return plan(free_only, workers, **fit)


def _train(console: Console, out: Path, work: Callable[..., dict[str, Any]]) -> None:
    """Train under one display, a bar for what comes first, then one for the steps; draw the history, tell the best.

    Parameters
    ----------
    work
        Given `tick` and `report` as `train_voice` takes them; returns the history.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        before = progress.add_task("preparing", total=None)
        training = progress.add_task("training", total=1000, start=False)

        def report(step: int, logs: dict[str, float]) -> None:
            progress.update(before, visible=False)
            progress.start_task(training)
            if "progress" in logs:  # by steps or by minutes, whichever ends first
                text = f"training, step {step}, loss {logs['loss']:.4f}"
                progress.update(training, completed=round(1000 * logs["progress"]), description=text)
            else:
                found = "  ".join(f"{key} {value:.4f}" for key, value in _shown(logs).items())
                progress.console.print(f"step {step}  loss {logs['loss']:.4f}  {found}", highlight=False)

        history = work(tick=lambda: progress.advance(before), report=report)
    from voxlite.training.pictures import draw_history

    if history["epochs"]:
        draw_history(history, out / "history.png")
        last = max(epoch.get("stage", 0) for epoch in history["epochs"])
        stage = [epoch for epoch in history["epochs"] if epoch.get("stage", 0) == last]
        best = min(stage, key=lambda epoch: float(epoch["goal"]))
        figures = ", ".join(f"{name} {value:.4f}" for name, value in _shown(best).items())
        console.print(f"best at step {best['step']}: {figures}", highlight=False)


def _shown(figures: dict[str, float]) -> dict[str, float]:
    """Return what of a validation is worth a line: areas and error rates, or the goal where there are none."""
    rates = {name: value for name, value in figures.items() if name.startswith(("auc_", "eer_"))}
    return rates or {"goal": figures["goal"]}


def register(parent: typer.Typer) -> None:
    """Add the command group to the program."""
    parent.add_typer(app, name="train")
