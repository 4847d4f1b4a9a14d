"""Pictures for commands: where they go, and the second pass over the sound that they need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.report.report import Report
    from voxlite.values import Segment


def picture_paths(picture: Path | None, sources: Sequence[str]) -> list[Path]:
    """Return one picture's path per recording, none when no picture was asked for; a folder is made if needed.

    Raises
    ------
    VoxliteError
        If one file was named for several recordings, or a file of an unknown kind.
    """
    from voxlite.report.canvas import SUFFIXES
    from voxlite.report.rttm import file_ids

    if picture is None:
        return []
    kind = picture.suffix.lower()
    if kind in SUFFIXES and not picture.is_dir():
        if len(sources) > 1:
            raise VoxliteError(
                f"{picture}: one picture cannot show {len(sources)} recordings: give --picture a folder"
            )
        return [picture]
    if kind and not picture.is_dir():
        raise VoxliteError(f"{picture}: a picture's name must end in {', '.join(SUFFIXES)}; or give a folder")
    picture.mkdir(parents=True, exist_ok=True)
    return [picture / f"{name}.png" for name in file_ids(sources)]


def draw(report: Report, path: str, out: Path, truth: Sequence[Segment] | None = None) -> None:
    """Read the sound once more, block by block, and draw the report."""
    from voxlite.audio import stream_audio
    from voxlite.frontend.config import FrontEndConfig
    from voxlite.report.overview import overview_of
    from voxlite.report.picture import draw_report

    config = FrontEndConfig()
    overview = overview_of(stream_audio(path, config.rate_hz), report.duration_s, config)
    draw_report(report, overview, out, truth)
