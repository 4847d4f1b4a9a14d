"""`Place`: a folder on this machine or a bucket elsewhere, through pyarrow.fs; where recordings lie and tables go.

What a person types may hold credentials ("s3://key:secret@bucket?endpoint_override=..."); the names that a place gives
to its files never do. Local recordings are opened without pyarrow, whose paths must be UTF-8.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxlite.errors import MissingExtraError, VoxliteError

_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_WITH_HOST = ("hdfs", "viewfs")
"""Schemes whose URLs name a server before the path; in the others a bucket's name begins the path."""


@dataclass(frozen=True)
class Place:
    """A folder or bucket.

    Parameters
    ----------
    filesystem
        A `pyarrow.fs.FileSystem`; None for this machine's own, which is made when tables are written.
    root
        Path within the file system.
    prefix
        What makes a full name of a path within the file system; empty for this machine's own.
    """

    filesystem: Any
    root: str
    prefix: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine."""
        return self.filesystem is None

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.prefix + self.root

    @classmethod
    def of(cls, text: str | os.PathLike[str]) -> Place:
        """Return the place that a path or a URL means.

        Raises
        ------
        VoxliteError
            If the URL cannot be understood, or its storage is not at hand.
        MissingExtraError
            If it is a URL and pyarrow is not installed.
        """
        text = os.fspath(text)
        match = _URL.match(text)
        if not match:
            return cls(None, str(Path(text).absolute()))
        fs = arrow_fs()
        scheme = match[1].lower()
        shown = _without_secrets(text)
        try:
            filesystem, root = fs.FileSystem.from_uri(text)
        except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
            why = one_line(error).replace(text, shown)
            raise VoxliteError(f"{shown}: cannot be used ({why}): check the URL") from None
        if isinstance(filesystem, fs.LocalFileSystem):
            return cls(None, root)
        host = shown[len(match[0]) :].split("/")[0] if scheme in _WITH_HOST else ""
        return cls(filesystem, root.rstrip("/"), f"{scheme}://{host}")

    def path_of(self, name: str) -> str:
        """Return the path within the file system of a file by its full name."""
        return name[len(self.prefix) :]

    def tables(self) -> tuple[Any, str]:
        """Return a `pyarrow.fs` file system and a path, to write tables to."""
        return (arrow_fs().LocalFileSystem() if self.is_local else self.filesystem), self.root


def within(folder: str) -> str:
    """Return what the full name of everything in a folder, local or not, begins with."""
    end = "/" if "://" in folder else os.sep
    return folder if folder.endswith(end) else folder + end


def arrow_fs() -> Any:
    """Return the module pyarrow.fs.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        from pyarrow import fs
    except ImportError:
        raise MissingExtraError("scanning an archive", "archive") from None
    return fs


@contextmanager
def told_in_one_line(name: str, cure: str) -> Iterator[None]:
    """Turn the errors of a storage into one line that names it.

    Raises
    ------
    VoxliteError
        In place of an OSError, or of an error of pyarrow.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        raise VoxliteError(f"{name}: {one_line(error)}: {cure}") from error


def one_line(error: BaseException) -> str:
    """Return what an error says, without line ends and without what C++ adds to it."""
    told = error.strerror if isinstance(error, OSError) else None
    text = told or str(error) or type(error).__name__
    text = " ".join(text.split(" Detail: ")[0].split())
    return "".join(c if c.isprintable() else "\ufffd" for c in text).rstrip(".")


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
