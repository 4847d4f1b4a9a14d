"""Pages for commands: where they go, and the second pass over the sound that they need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.report.report import Report

SUFFIXES = (".html", ".htm")


def page_paths(html: Path | None, sources: Sequence[str]) -> list[Path]:
    """Return one page's path per recording, none when no page was asked for; a folder is made if needed.

    Raises
    ------
    VoxliteError
        If one file was named for several recordings, or a file of another kind, or the folder cannot be made.
    """
    from voxlite.report.rttm import file_ids

    if html is None:
        return []
    kind = html.suffix.lower()
    if kind in SUFFIXES and not html.is_dir():
        if len(sources) > 1:
            raise VoxliteError(
                f"{html}: one page cannot show {len(sources)} recordings: give --html a folder"
            )
        return [html]
    if kind and not html.is_dir():
        raise VoxliteError(f"{html}: a page's name must end in {', '.join(SUFFIXES)}; or give a folder")
    try:
        html.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VoxliteError(f"{html}: the folder cannot be made ({error.strerror or error})") from error
    return [html / f"{name}.html" for name in file_ids(sources)]


def write(report: Report, path: str, page: Path) -> None:
    """Write a recording's page; `path` is the recording, or a copy of standard input that will be gone."""
    from voxlite.report.page import write_page

    write_page(report, path, page, may_link=report.source != "-")
