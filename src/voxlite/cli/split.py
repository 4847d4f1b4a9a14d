"""`voxlite split`: the voice segments of a recording as files of their own, or the recording without its silence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voxlite.cli.cutting import Container, Cut, cut_recording
from voxlite.cli.inputs import parse_models, rereadable
from voxlite.cli.progress import Meter
from voxlite.cli.shell import console
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.values import Segment

_DIGITS = 3  # in a piece's number; more when there are more pieces
_COLUMNS = ("file", "start_s", "end_s", "duration_s", "label", "score", "at_s")


def split(
    file: Annotated[str, typer.Argument(help="A recording, or - for standard input.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the pieces and their list; made if needed.")
    ],
    joined: Annotated[
        bool, typer.Option("--joined", help="One file: voice and noise kept, silence cut out.")
    ] = False,
    format: Annotated[
        Container, typer.Option("--format", "-f", help="Container of the pieces.")
    ] = Container.WAV,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Model runs at the same time.")] = 4,
    model: Annotated[str, typer.Option(help="Voice model: a shipped name or a .tflite file.")] = "compact",
) -> None:
    """Write each voice segment of a recording to a file of its own, with a CSV list of where they were.

    The pieces keep the recording's rate, channels and, where the container can
    hold it, its bits per sample.
    """
    from voxlite.analysis import analyze

    models = parse_models([f"voice={model}"])
    stem = "stdin" if file == "-" else Path(file).stem
    listing = out / f"{stem}{'-joined' if joined else ''}.csv"
    _refuse([listing], force)
    with rereadable(file) as path:
        with Meter(path) as meter:
            report = analyze(path, ("voice",), threads, models=models, on_progress=meter)
        keep = [s for s in report.segments if s.label == "voice" or (joined and s.label == "noise")]
        cuts = [
            Cut(s.start_s, s.end_s, target)
            for s, target in zip(keep, _targets(out, stem, format, len(keep), joined), strict=True)
        ]
        _refuse(sorted({cut.target for cut in cuts}), force)
        out.mkdir(parents=True, exist_ok=True)
        cut_recording(path, cuts, format)
    _write_listing(listing, keep, cuts)
    _summary(listing, cuts, report.duration_s)


def _targets(out: Path, stem: str, container: Container, n_pieces: int, joined: bool) -> list[Path]:
    if joined:
        return [out / f"{stem}-joined.{container.value}"] * n_pieces
    digits = max(_DIGITS, len(str(n_pieces)))
    return [out / f"{stem}-{number:0{digits}d}.{container.value}" for number in range(1, n_pieces + 1)]


def _refuse(targets: Sequence[Path], force: bool) -> None:
    """Stop before anything is written when a file would be lost."""
    for target in targets:
        if target.is_dir():
            raise VoxliteError(f"{target}: a folder has this name: choose another --out")
        if target.exists() and not force:
            raise VoxliteError(f"{target}: exists already: pass --force to replace it, or another --out")


def _write_listing(listing: Path, keep: Sequence[Segment], cuts: Sequence[Cut]) -> None:
    """Write where each piece was in the recording and where it is in its file."""
    from voxlite.report.tables import csv_text

    rows = [_COLUMNS]
    done_s: dict[Path, float] = {}
    for segment, cut in zip(keep, cuts, strict=True):
        at_s = done_s.get(cut.target, 0.0)
        done_s[cut.target] = at_s + segment.duration_s
        times = (f"{value:.4f}" for value in (segment.start_s, segment.end_s, segment.duration_s))
        start_s, end_s, duration_s = times
        score = f"{segment.score:.4f}"
        rows.append((cut.target.name, start_s, end_s, duration_s, segment.label, score, f"{at_s:.4f}"))
    listing.write_bytes(csv_text(rows).encode("utf-8", "surrogateescape"))


def _summary(listing: Path, cuts: Sequence[Cut], duration_s: float) -> None:
    n_files = len({cut.target for cut in cuts})
    if n_files:
        kept_s = sum(cut.end_s - cut.start_s for cut in cuts)
        text = f"{n_files} {'file' if n_files == 1 else 'files'}, {kept_s:.2f} s of {duration_s:.2f} s"
    else:
        text = "nothing to keep: no file but this empty list was written"
    console().print(f"{listing}: {text}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(no_args_is_help=True)(split)
