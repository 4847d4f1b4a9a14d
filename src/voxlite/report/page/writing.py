"""A report's page as a file: the sound is read once more, block by block, and the page written piece by piece."""

from __future__ import annotations

import os
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from voxlite.audio import stream_audio
from voxlite.errors import VoxliteError
from voxlite.frontend.config import FrontEndConfig
from voxlite.report.page.lanes import lanes_of
from voxlite.report.page.media import page_audio
from voxlite.report.page.rendering import render
from voxlite.report.page.shapes import ruler
from voxlite.report.page.sound import sound_of
from voxlite.report.page.view import words_of
from voxlite.report.report import Report


def write_page(
    report: Report, recording: str, out_path: str | PathLike[str], *, may_link: bool = True
) -> Path:
    """Write a report's page and return its path; a file that exists is replaced once the new one is whole.

    Parameters
    ----------
    report
        What was found.
    recording
        Path of the recording, which is read again.
    out_path
        The .html file.
    may_link
        Whether the recording stays where it is, so that a long one may be linked; False for a temporary copy.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed, or the recording's format needs an extra.
    AudioError
        If the recording cannot be read.
    VoxliteError
        If the file cannot be written.
    """
    path = Path(out_path)
    config = FrontEndConfig()
    sound = sound_of(stream_audio(recording, config.rate_hz), report.duration_s, config)
    values = {
        **words_of(report),
        "lanes": lanes_of(report, sound),
        "ruler": ruler(report.duration_s),
        "audio": page_audio(recording, path, may_link=may_link),
        "data": report.to_dict(),
    }
    save(render("recording.html", values, "page.js"), path)
    return path


def save(pieces: Iterable[str], path: Path) -> None:
    """Write text beside its place and move it there: nobody finds half a page.

    Raises
    ------
    VoxliteError
        If the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise VoxliteError(f"{path}: the page cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)
