"""`voxlite explain`: one prediction as a picture, from the waveform to the verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.inputs import need, parse_models, rereadable
from voxlite.cli.progress import Meter
from voxlite.cli.shell import console, print_bytes

if TYPE_CHECKING:
    from voxlite.report.explanation import Explanation


def explain(
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
    at: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="The moment, from the start of the recording.",
            show_default="highest score",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model: a shipped name or a .tflite file.", metavar="voice=NAME_OR_PATH"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture: .png, .svg or .pdf.")] = Path(
        "explain.png"
    ),
    threads: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="Model runs at the same time; the result is the same with any number."
        ),
    ] = 4,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Draw how the verdict on one moment of a recording comes about.

    Top to bottom: sound, one frame, spectrogram, mel filter bank, log-mel
    energies, MFCC, what the net is fed, scores.
    """
    need("plot", "drawing a picture", "matplotlib")
    chosen = parse_models(model or []).get("voice", "compact")
    from voxlite.explanation import explain as explain_recording
    from voxlite.report.canvas import picture_path
    from voxlite.report.explained.picture import draw_explanation

    path = picture_path(out)
    with rereadable(file) as copy, Meter(copy) as meter:
        found = explain_recording(copy, at, chosen, threads, on_progress=meter)
    found = replace(found, source=file)
    draw_explanation(found, path)
    if json:
        from voxlite.report.jsonio import to_json

        print_bytes(to_json({**found.to_dict(), "picture": str(path)}) + "\n")
    else:
        _print(found, path)


def _print(found: Explanation, path: Path) -> None:
    from rich.table import Table

    from voxlite.report.explained.words import size_text
    from voxlite.report.palette import clock, grouped, printable

    metadata = found.model.metadata
    begin_s, end_s = found.window_s
    zeros = found.zeros_before + found.zeros_after
    n_samples, rate_hz = len(found.stages.samples), metadata.frontend.rate_hz
    depends_on = f"{begin_s:.3f} to {end_s:.3f} s: {grouped(n_samples)} samples at {grouped(rate_hz)} Hz"
    rows = [
        ("moment", f"{clock(found.at_s)} of {clock(found.duration_s)}, {found.level_dbfs:.1f} dBFS"),
        ("verdict", found.verdict()),
        ("step", f"{found.step}: {found.step_s[0]:.3f} to {found.step_s[1]:.3f} s"),
        (
            "depends on",
            depends_on + (f", {grouped(zeros)} of them zeros beside the recording" if zeros else ""),
        ),
        ("net is fed", f"{' x '.join(map(str, found.net_input.shape))} numbers ({metadata.net_input})"),
        (f"{found.decision_s[1] - found.decision_s[0]:.2f} s around", found.decision_text()),
        ("model", f"{metadata.name}, version {metadata.version}, {size_text(found.model.size_bytes)}"),
        ("picture", printable(str(path))),
    ]
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(*row)
    target = console()
    name = "standard input" if found.source == "-" else printable(found.source or "")
    target.print(name, style="bold", soft_wrap=True)
    target.print(table)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(explain)
