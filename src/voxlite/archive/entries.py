"""`Entry`: one recording of an archive as its folder or bucket lists it; nothing has been read yet."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from voxlite.archive.places import Place, arrow_fs, one_line, told_in_one_line
from voxlite.audio.listing import RECORDING_EXTENSIONS
from voxlite.errors import VoxliteError

_LOOK = "check the path, its permissions and the connection"


@dataclass(frozen=True, slots=True)  # there may be millions
class Entry:
    """A recording, not yet read.

    Parameters
    ----------
    path
        Full path, or URL without credentials; bytes of a local name that are not UTF-8 as Python escapes them.
    size_bytes, modified_us
        As the storage tells them; microseconds since 1970, UTC; None where it does not.
    trouble
        Why it cannot be read, known before trying; empty otherwise.
    fresh
        Whether to analyse it even if its content is known.
    """

    path: str
    size_bytes: int | None = None
    modified_us: int | None = None
    trouble: str = ""
    fresh: bool = False

    def to_json(self) -> str:
        """Return the text that travels to a worker: ASCII, whatever the name is."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Entry:
        """Rebuild from what `to_json` gave."""
        return cls(**json.loads(text))


def list_entries(place: Place) -> list[Entry]:
    """List the recordings in a place, to the bottom, by their extensions, hidden names left out; in order of path.

    A folder that cannot be listed is an entry with its trouble.

    Raises
    ------
    VoxliteError
        If there is no such place, or no recording in it.
    """
    found = list(_local(Path(place.root)) if place.is_local else _remote(place))
    if not found:
        raise VoxliteError(
            f"{place.name}: no recordings in it: name a folder with sound files (.wav, .flac, .mp3, ...)"
        )
    return sorted(found, key=lambda entry: entry.path)


def _is_recording(name: str) -> bool:
    return not name.startswith(".") and PurePosixPath(name).suffix.lower() in RECORDING_EXTENSIONS


def _local(root: Path) -> Iterator[Entry]:
    if not root.is_dir():
        if not root.exists():
            raise VoxliteError(f"{root}: no such file or folder: check the path")
        yield _looked_at(str(root))
        return
    refused: list[OSError] = []
    for parent, folders, names in os.walk(root, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if _is_recording(name):
                yield _looked_at(os.path.join(parent, name))  # noqa: PTH118  a name may be any bytes
    for error in refused:
        yield Entry(str(error.filename), trouble=f"the folder cannot be listed ({one_line(error)})")


def _looked_at(path: str) -> Entry:
    try:
        status = Path(path).stat()
    except OSError as error:
        return Entry(path, trouble=f"cannot be opened ({one_line(error)})")
    modified_us = status.st_mtime_ns // 1000
    if not stat.S_ISREG(status.st_mode):
        return Entry(path, None, modified_us, trouble="not a file but a pipe, a socket or a device")
    return Entry(path, status.st_size, modified_us)


def _remote(place: Place) -> Iterator[Entry]:
    fs = arrow_fs()
    with told_in_one_line(place.name, _LOOK):
        root = place.filesystem.get_file_info(place.root)
    if root.type == fs.FileType.NotFound:
        raise VoxliteError(f"{place.name}: no such bucket, folder or file: check the URL")
    if root.type == fs.FileType.File:
        yield _told(place, root)
        return
    folders = [place.root]
    while folders:  # folder by folder: what is listed at once stays small
        folder = folders.pop()
        with told_in_one_line(place.prefix + folder, _LOOK):
            inside = place.filesystem.get_file_info(fs.FileSelector(folder))
        for info in inside:
            if info.type == fs.FileType.Directory:
                folders += [] if info.base_name.startswith(".") else [info.path]
            elif info.type == fs.FileType.File and _is_recording(info.base_name):
                yield _told(place, info)


def _told(place: Place, info: Any) -> Entry:
    ns = info.mtime_ns
    return Entry(place.prefix + info.path, info.size, None if ns is None else ns // 1000)
