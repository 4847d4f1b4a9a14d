"""`voxlite score`: the voice detector against the truth about a recording, or a speaker model on a list of trials."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.inputs import need, parse_models
from voxlite.cli.pictures import draw, picture_paths
from voxlite.cli.progress import Meter
from voxlite.cli.shell import console, print_bytes

if TYPE_CHECKING:
    from voxlite.report.scoring import SegmentScore


def score(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH|TRIALS",
            help="With FILE: CSV with start_s, end_s and label (voice, silence, noise). Alone: a list of pairs.",
        ),
    ],
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="The recording that the truth is about.")
    ] = None,
    step_s: Annotated[
        float, typer.Option("--step", min=0.001, help="Of TRUTH: length of the compared steps, seconds.")
    ] = 0.1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Model runs at the same time.")] = 4,
    model: Annotated[
        str, typer.Option(help="Voice model, of TRIALS speaker model: a name or a .tflite file.")
    ] = "compact",
    picture: Annotated[
        Path | None, typer.Option(help="Of TRUTH: draw the report with the truth below what was found.")
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(help="Of TRIALS: folder that its paths begin from.", show_default="the list's own"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Of TRIALS: CSV to write instead of standard output.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Compare the voice detector with the truth about a recording, or score pairs of voices.

    voxlite score TRUTH FILE: labels by steps, beginnings and ends of voice.

    voxlite score TRIALS: each line of the list, plain or in gzip, is
    "1 FIRST SECOND" for recordings of one speaker, "0 FIRST SECOND" of two,
    or "FIRST SECOND". Gives a CSV with cosine, log-likelihood ratio and
    probability of each pair; where the truth is known, EER and minDCF(0.01).
    """
    if file is None:
        if picture is not None:
            raise typer.BadParameter("draws a recording: give TRUTH and FILE", param_hint="--picture")
        from voxlite.cli.score_trials import score_list

        score_list(truth, root, model, threads, out, json)
        return
    if root is not None or out is not None:
        raise typer.BadParameter("is for a list of trials: leave out FILE", param_hint="--root, --out")
    _score_segments(truth, file, step_s, threads, model, picture, json)


def _score_segments(
    truth: Path, file: str, step_s: float, threads: int, model: str, picture: Path | None, json: bool
) -> None:
    from voxlite.analysis import analyze
    from voxlite.report.scoring import read_truth, score_segments

    if picture is not None:
        need("plot", "drawing a picture", "matplotlib")
    models = parse_models([f"voice={model}"])
    expected = read_truth(truth)
    pictures = picture_paths(picture, [file])
    with Meter(file) as meter:
        report = replace(analyze(file, ("voice",), threads, models=models, on_progress=meter), source=file)
    result = score_segments(expected, report.segments, step_s)
    for path in pictures:
        draw(report, file, path, expected)
    if json:
        from voxlite.report.jsonio import to_json

        print_bytes(to_json({"schema": "voxlite.score/1", "source": file, **result.to_dict()}) + "\n")
    else:
        _print(result, file, step_s)


def _print(result: SegmentScore, file: str, step_s: float) -> None:
    from rich.table import Table

    from voxlite.report.palette import printable
    from voxlite.values import LABELS

    def percent(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.1f} %"

    target = console()
    target.print(f"{printable(file)} against the truth", style="bold", soft_wrap=True)
    right = f"{percent(result.right_share)} of {result.n_steps} steps of {1000 * step_s:g} ms have the right label"
    target.print(f"  {right}", soft_wrap=True)
    for what, error_ms, n in (
        ("beginnings", result.onset_error_ms, result.n_onsets),
        ("ends", result.offset_error_ms, result.n_offsets),
    ):
        mean = "none to compare" if error_ms is None else f"{error_ms:.0f} ms off on average ({n} compared)"
        target.print(f"  {what} of voice: {mean}", soft_wrap=True)
    n_true = result.n_matched + result.n_missed
    target.print(
        f"  voice segments: {result.n_matched} of {n_true} found, {result.n_missed} missed, "
        f"{result.n_extra} found where there is none",
        soft_wrap=True,
    )
    table = Table(box=None, padding=(0, 3, 0, 2), header_style="dim")
    table.add_column("label")
    for name in ("precision", "recall"):
        table.add_column(name, justify="right")
    for label in LABELS:
        table.add_row(label, percent(result.precision[label]), percent(result.recall[label]))
    target.print(table)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(score)
