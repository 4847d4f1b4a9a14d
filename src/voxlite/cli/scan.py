"""`voxlite scan`: an archive of recordings into tables."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.inputs import DetectorFiles, need, parse_models, parse_tasks
from voxlite.cli.pages import SUFFIXES
from voxlite.cli.progress import ScanMeter
from voxlite.cli.shell import console
from voxlite.cli.voice_store import KeyringFlag, NamesFrom, PassphraseFile, store_passphrase
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.archive import Summary

_MOST_WORKERS = 4096


class Engine(str, Enum):
    """Where recordings are analysed."""

    LOCAL = "local"
    RAY = "ray"


def scan(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder or URL (s3, gs, hdfs) with recordings, searched to the bottom.", metavar="PATH|URL"
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            help="Folder or URL for the tables; one that holds some is carried on.",
            metavar="DIR|URL",
        ),
    ],
    engine: Annotated[
        Engine, typer.Option(help="local: processes on this machine; ray: Ray Data, on a cluster too.")
    ] = Engine.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(
            help="Of the Ray cluster, or auto; without it RAY_ADDRESS, or a new one on this machine."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MOST_WORKERS,
            help="Recordings analysed at the same time; without it one for each processor.",
        ),
    ] = None,
    tasks: Annotated[
        str,
        typer.Option(
            help="What to look for, parted by commas: voice, quality, speaker, gender, mood; or all."
        ),
    ] = "voice,quality",
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model for a task: a shipped name or a .tflite file.", metavar="TASK=NAME_OR_PATH"),
    ] = None,
    store: NamesFrom = None,
    passphrase_file: PassphraseFile = None,
    keyring: KeyringFlag = False,
    detector: DetectorFiles = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=0.1, help="Give up a recording after so long.", metavar="SECONDS"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Do again what is done.")] = False,
    checksum: Annotated[
        bool,
        typer.Option(
            "--checksum",
            help="Compare the contents of all files, even where size and time of the last change are as before.",
        ),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Erase the rows of recordings that are no longer there.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Write an overview of all recordings in the tables as one page.", metavar="FILE"),
    ] = None,
) -> None:
    """Analyse every recording of a folder or bucket into tables in Parquet.

    One row for each recording in DIR/recordings, its segments in
    DIR/segments. A recording that cannot be read is a row with its error. A
    scan that was stopped or killed goes on where it was: what is done, by
    content, tasks and models, is not done again.

    The exit status is 1 only where the scan itself could not go on.
    """
    wanted = parse_tasks(tasks)
    if address is not None and engine is not Engine.RAY:
        raise typer.BadParameter("goes with --engine ray", param_hint="--address")
    if store is None and (passphrase_file is not None or keyring):
        raise typer.BadParameter("opens a store: name it", param_hint="--store")
    if store is not None and "speaker" not in wanted:
        raise typer.BadParameter("is about speakers: --tasks must hold speaker", param_hint="--store")
    if store is not None and engine is Engine.RAY:
        raise typer.BadParameter("stays on this machine: --engine local", param_hint="--store")
    chosen = parse_models(model or [])
    need("archive", "scanning an archive", "pyarrow")
    if html is not None:
        check_page(html)
    if engine is Engine.RAY:
        need("ray", "scanning on a cluster", "ray")
    from voxlite.archive import People
    from voxlite.archive import scan as scan_archive

    people = None if store is None else People(store, store_passphrase(store, passphrase_file, keyring))
    with ScanMeter() as meter:
        summary = scan_archive(
            source,
            out,
            tasks=wanted,
            models=chosen,
            engine=engine.value,
            workers=workers,
            address=address,
            detectors=detector or (),
            people=people,
            timeout_s=timeout,
            force=force,
            checksum=checksum,
            prune=prune,
            on_progress=meter,
        )
    if html is not None:
        from voxlite.archive import write_overview
        from voxlite.archive.places import Place

        write_overview(out, html, Place.of(source).name)
    console().print("\n".join(summary_lines(summary)), soft_wrap=True)
    for path, error in summary.failures:
        typer.echo(f"{path if path.isprintable() else repr(path)}: {error}", err=True)
    if (more := summary.n_failed - len(summary.failures)) > 0 and summary.failures:
        typer.echo(f"and {more} more: the rows whose error is not null", err=True)


def summary_lines(summary: Summary) -> list[str]:
    """Return what a scan did, for people."""
    done = [f"{summary.n_analyzed} analysed"]
    if summary.n_known:
        done.append(f"{summary.n_known} with a content known already")
    if summary.n_before:
        done.append(f"{summary.n_before} done before")
    lines = [
        f"recordings  {summary.n_recordings}: {', '.join(done)}; {summary.n_failed} failed",
        f"sound       {hours(summary.sound_s)}, of it voice {hours(summary.voice_s)}",
    ]
    if summary.n_pruned:
        lines.append(f"pruned      {summary.n_pruned} rows of recordings that are gone")
    if summary.x_real_time is not None:
        rate = f"{summary.n_analyzed / summary.wall_s:.1f} recordings/s"
        lines.append(
            f"speed       {summary.x_real_time:.0f} x real time, {rate}, {summary.wall_s:.1f} s in all"
        )
    return lines


def check_page(page: Path) -> None:
    """See before the work to what an overview needs.

    Raises
    ------
    VoxliteError
        If the file's name is no page's, or it has no folder.
    MissingExtraError
        If jinja2 is not installed.
    """
    need("archive", "writing an overview", "jinja2")
    if page.suffix.lower() not in SUFFIXES or page.is_dir():
        raise VoxliteError(f"{page}: --html wants the name of a file that ends in {', '.join(SUFFIXES)}")
    if not page.absolute().parent.is_dir():
        raise VoxliteError(f"{page}: its folder does not exist: make it, or choose another")


def hours(seconds: float) -> str:
    """Return a length in hours, short ones in minutes.

    Examples
    --------
    >>> hours(90.0), hours(360_000.0)
    ('1.5 min', '100.0 h')
    """
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(scan)
