"""`voxlite analyze`: reports on recordings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voxlite.cli.inputs import (
    DetectorFiles,
    need,
    parse_models,
    parse_tasks,
    ready_detectors,
    recordings,
    rereadable,
)
from voxlite.cli.pages import page_paths
from voxlite.cli.pages import write as write_page
from voxlite.cli.pictures import draw, picture_paths
from voxlite.cli.progress import Meter
from voxlite.cli.shell import say_error
from voxlite.cli.sinks import Format, open_sink
from voxlite.cli.speakers import MOST, Told
from voxlite.cli.voice_store import KeyringFlag, NamesFrom, PassphraseFile
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.report.report import Report


def analyze(
    files: Annotated[
        list[str],
        typer.Argument(help="Recordings, folders, globs, or - for standard input.", metavar="FILE"),
    ],
    tasks: Annotated[
        str,
        typer.Option(
            help="What to look for, parted by commas: voice, quality, speaker, gender, mood; or all."
        ),
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
            "--format",
            "-f",
            help="text for people; json, csv (segments or turns) and rttm (turns or voice) for programs.",
        ),
    ] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write instead of standard output.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw waveform, MFCC image, scores and segments; a folder for several recordings."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Write a page to listen, look and read, in one file; a folder for several recordings."
        ),
    ] = None,
    speakers: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="Number of speakers, if it is known.", metavar="N"),
    ] = None,
    min_speakers: Annotated[int, typer.Option(min=1, max=MOST, help="Least number of speakers.")] = 1,
    max_speakers: Annotated[int, typer.Option(min=1, max=MOST, help="Largest number of speakers.")] = MOST,
    store: NamesFrom = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    neutral: Annotated[
        list[str] | None,
        typer.Option(
            help="Recording in no mood of the one person that speaks; repeat it for more. Mood is then the difference.",
            metavar="FILE",
        ),
    ] = None,
    detector: DetectorFiles = None,
) -> None:
    """Tell where recordings hold voice, silence or noise, how good they are, and who speaks when.

    With the task speaker, voices are told apart as speaker 1, speaker 2 and
    so on in order of appearance; with --store, enrolled people get their
    names. One person is told at a time.

    One recording gives one JSON object, several give an array.
    One that cannot be read is told on standard error, the others are done, and
    the exit status is 1.
    """
    wanted = parse_tasks(tasks)
    if format in (Format.CSV, Format.RTTM) and not {"voice", "speaker"} & set(wanted):
        raise typer.BadParameter(
            f"{format.value} lists segments: --tasks must hold voice or speaker", param_hint="--format"
        )
    told = Told(speakers, min_speakers, max_speakers, store, passphrase_file, keyring)
    told.check(wanted)
    chosen = parse_models(model or [])
    if picture is not None:
        need("plot", "drawing a picture", "matplotlib")
    if html is not None:
        need("html", "writing a page", "jinja2")
    if neutral and "mood" not in wanted:
        raise typer.BadParameter("goes with the task mood", param_hint="--neutral")
    sources, failed = recordings(files)
    _refuse_overwriting("--out", [out] if out else [], sources)
    if sources:
        pictures, pages = picture_paths(picture, sources), page_paths(html, sources)
        _refuse_overwriting("--html", pages, sources)
        detectors = ready_detectors(detector or [], threads)
        with told.options(wanted, chosen.get("speaker", "compact")) as options:
            ask = partial(
                _ask,
                tasks=wanted,
                threads=threads,
                models=chosen,
                speakers=options,
                neutral=neutral or (),
                detectors=detectors,
            )
            failed += _analyze_all(sources, ask, format, out, pictures, pages)
    if failed:
        raise typer.Exit(1)


def _ask(
    path: str, on_progress: Callable[[float], None], tasks: Sequence[str], threads: int, **more: Any
) -> Report:
    from voxlite.analysis import analyze as analyze_recording

    return analyze_recording(path, tasks, threads, on_progress=on_progress, **more)


def _analyze_all(
    sources: Sequence[str],
    ask: Callable[[str, Callable[[float], None]], Report],
    kind: Format,
    out: Path | None,
    pictures: Sequence[Path],
    pages: Sequence[Path],
) -> int:
    """Write one report after the other and return how many recordings failed."""
    failed = 0
    with open_sink(kind, out, sources) as sink:
        for place, source in enumerate(sources):
            try:
                # Pictures and pages read the sound a second time, which standard input does not allow.
                with rereadable(source if pictures or pages else "") as copy:
                    path = copy or source
                    with Meter(source, place + 1, len(sources)) as meter:
                        report = ask(path, meter)
                    report = replace(report, source=source)
                    if pictures:
                        draw(report, path, pictures[place])
                    if pages:
                        write_page(report, path, pages[place])
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


def _refuse_overwriting(option: str, targets: Sequence[Path], sources: Sequence[str]) -> None:
    for target in targets:
        if target.is_dir():
            raise VoxliteError(f"{target}: a folder: {option} wants the name of a file")
        if target.exists() and any(source != "-" and _same_file(Path(source), target) for source in sources):
            raise VoxliteError(f"{target}: is one of the recordings: choose another name for {option}")


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # a recording that is not there is told when its turn comes
        return False


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(analyze)
