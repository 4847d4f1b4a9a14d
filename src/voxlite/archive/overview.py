"""An archive's overview as one page: the rows of its recordings, a part at a time, into `report.page`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from voxlite.archive.places import Place, arrow_fs, told_in_one_line
from voxlite.archive.schemas import RECORDINGS
from voxlite.archive.tables import PART

_COLUMNS = (
    "path",
    "error",
    "duration_s",
    "voice_share",
    "silence_share",
    "noise_share",
    "loudness_lufs",
    "snr_db",
    "remarks",
)


def recording_rows(
    out: str | os.PathLike[str], columns: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of recordings that a scan wrote, in no order to count on.

    Parameters
    ----------
    out
        Folder or URL that `scan` wrote to.
    columns
        Names of those that are wanted; None for all.

    Raises
    ------
    VoxliteError
        If there are no tables, or a part cannot be read.
    MissingExtraError
        If pyarrow is not installed.
    """
    fs, place = arrow_fs(), Place.of(out)
    from pyarrow import parquet

    filesystem, root = place.tables()
    with told_in_one_line(place.name, "name a folder that `voxlite scan` wrote to"):
        infos = filesystem.get_file_info(fs.FileSelector(f"{root}/{RECORDINGS}"))
    for info in sorted(infos, key=lambda info: info.base_name):
        if not PART.fullmatch(info.base_name):
            continue
        told = told_in_one_line(f"{place.name}/{RECORDINGS}/{info.base_name}", "run the scan again")
        with told, filesystem.open_input_file(info.path) as file:
            rows = parquet.ParquetFile(file).read(columns=columns).to_pylist()
        yield from rows


def write_overview(out: str | os.PathLike[str], page: Path, title: str) -> None:
    """Write an overview of all recordings in the tables of a place as one HTML page.

    Parameters
    ----------
    out
        Folder or URL that `scan` wrote to.
    page
        The file; one that exists is replaced once the new one is whole.
    title
        What the archive is called.

    Raises
    ------
    VoxliteError
        If the tables cannot be read or the page cannot be written.
    MissingExtraError
        If jinja2 is not installed.
    """
    from voxlite.report.page import overview_page
    from voxlite.report.page.writing import save

    save([overview_page(recording_rows(out, _COLUMNS), title)], page)
