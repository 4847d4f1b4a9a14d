"""`voxlite analyze`: reports on recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from voxlite.cli.inputs import need, parse_models, parse_tasks, recordings, rereadable
from voxlite.cli.pictures import draw, picture_paths
from voxlite.cli.progress import Meter
from voxlite.cli.shell import say_error
from voxlite.cli.sinks import Format, open_sink
from voxlite.errors import VoxliteError


def analyze(
    files: Annotated[
        list[str],
        typer.Argument(help="Recordings, folders, globs, or - for standard input.", metavar="FILE"),
    ],
    tasks: Annotated[
        str, typer.Option(help="What to look for, parted by commas: voice, quality.")
    ] = "voice,quality",
    threads: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="Model runs at the same time; the result is the same with any number."
        ),
    ] = 4,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model for a task: a shipped name or a .tflite file.", metavar="TASK=NAME_OR_PATH"),
    ] = None,
    format: Annotated[
        Format,
        typer.Option(
            "--format", "-f", help="text for people; json, csv (segments) and rttm (voice) for programs."
        ),
    ] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write instead of standard output.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw waveform, MFCC image, scores and segments; a folder for several recordings."),
    ] = None,
) -> None:
    """Tell where recordings hold voice, silence or noise, and how good they are.

    One recording gives one JSON object, several give an array.
    One that cannot be read is told on standard error, the others are done, and
    the exit status is 1.
    """
    wanted = parse_tasks(tasks)
    if format in (Format.CSV, Format.RTTM) and "voice" not in wanted:
        raise typer.BadParameter(
            f"{format.value} lists segments: --tasks must hold voice", param_hint="--format"
        )
    chosen = parse_models(model or [])
    if picture is not None:
        need("plot", "drawing a picture", "matplotlib")
    sources, failed = recordings(files)
    _refuse_overwriting(out, sources)
    if sources:
        failed += _analyze_all(sources, wanted, threads, chosen, format, out, picture)
    if failed:
        raise typer.Exit(1)


def _analyze_all(
    sources: Sequence[str],
    tasks: tuple[str, ...],
    threads: int,
    models: Mapping[str, str],
    kind: Format,
    out: Path | None,
    picture: Path | None,
) -> int:
    """Write one report after the other and return how many recordings failed."""
    from voxlite.analysis import analyze as analyze_recording

    pictures = picture_paths(picture, sources)
    failed = 0
    with open_sink(kind, out, sources) as sink:
        for place, source in enumerate(sources):
            try:
                # Drawing reads the sound a second time, which standard input does not allow.
                with rereadable(source if pictures else "") as copy:
                    path = copy or source
                    with Meter(source, place + 1, len(sources)) as meter:
                        report = analyze_recording(path, tasks, threads, models=models, on_progress=meter)
                    report = replace(report, source=source)
                    if pictures:
                        draw(report, path, pictures[place])
            except BrokenPipeError:
                raise
            except (
                Exception
            ) as error:  # one recording's trouble, even a fault of ours, must not cost the others
                say_error(error)
                failed += 1
                continue
            sink.add(report, place)
    return failed


def _refuse_overwriting(out: Path | None, sources: Sequence[str]) -> None:
    if out is None:
        return
    if out.is_dir():
        raise VoxliteError(f"{out}: a folder: --out wants the name of a file")
    if out.exists() and any(source != "-" and _same_file(Path(source), out) for source in sources):
        raise VoxliteError(f"{out}: is one of the recordings: choose another name for --out")


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # a recording that is not there is told when its turn comes
        return False


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(analyze)
