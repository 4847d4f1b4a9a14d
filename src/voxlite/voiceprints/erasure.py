"""Proof that bytes are gone: the store's files are read back and searched for them.

A piece of eight bytes is taken from every 256 bytes of what was erased, so that a page or a fragment that survived
would be found. Ciphertext is as good as random: pieces of one print turn up by chance in a gigabyte of other ciphertext
once in some thousand million searches.

The database file is read through descriptors that stay open as long as any vault of this process uses the file: on
POSIX systems closing one descriptor drops all locks that the process has on that file, SQLite's among them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

_PIECE_BYTES, _STRIDE_BYTES, _BLOCK_BYTES = 8, 256, 1 << 20
LOGS = ("-wal", "-journal")
"""Endings of the files beside a database that may hold rows; `-shm` holds numbers of pages only."""


@dataclass(frozen=True)
class Erasure:
    """What was erased, and what a search of the store's files found of it.

    Parameters
    ----------
    what
        Person's name, or what else was erased.
    n_prints
        Prints that were removed.
    n_bytes
        Encrypted bytes that were looked for afterwards.
    searched
        Name and size in bytes of each file that was searched.
    remains
        Names of the files that still hold any of the bytes: empty when the erasure is proven.
    erased_at
        When, UTC.
    """

    what: str
    n_prints: int
    n_bytes: int
    searched: tuple[tuple[str, int], ...]
    remains: tuple[str, ...]
    erased_at: datetime

    @property
    def proven(self) -> bool:
        """Whether nothing was found."""
        return not self.remains

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of a receipt that can be handed to the person."""
        return {
            "what": self.what,
            "n_prints": self.n_prints,
            "n_bytes": self.n_bytes,
            "searched": [{"file": name, "bytes": size} for name, size in self.searched],
            "remains": list(self.remains),
            "proven": self.proven,
            "erased_at": self.erased_at.isoformat(),
        }


class HeldFile:
    """A database file that is read beside SQLite's own connections of this process, without disturbing their locks.

    Parameters
    ----------
    path
        Of an existing file.
    """

    _lock = threading.Lock()
    _descriptors: ClassVar[dict[tuple[int, int], int]] = {}
    _n_holders: ClassVar[dict[tuple[int, int], int]] = {}

    def __init__(self, path: Path) -> None:
        self.path = path
        found = path.stat()
        self._identity = (found.st_dev, found.st_ino)
        with self._lock:
            self._n_holders[self._identity] = self._n_holders.get(self._identity, 0) + 1

    @classmethod
    def create(cls, path: Path) -> None:
        """Make an empty file that only its owner can read, unless there is one."""
        # under the lock, so that nobody in this process has it open when the descriptor of its making is closed
        with cls._lock:
            if not path.exists():
                path.touch(mode=0o600)

    def holds(self, pieces: NDArray[np.uint64]) -> bool:
        """Tell whether any of the pieces is anywhere in the file."""
        with self._lock:
            if self._identity not in self._descriptors:
                self._descriptors[self._identity] = os.open(
                    self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0)
                )
            descriptor = self._descriptors[self._identity]
            os.lseek(descriptor, 0, os.SEEK_SET)
            return _holds(lambda: os.read(descriptor, _BLOCK_BYTES), pieces)

    def release(self) -> None:
        """Say that this holder's connection is closed; the last one closes the descriptor."""
        with self._lock:
            self._n_holders[self._identity] -= 1
            if not self._n_holders[self._identity]:
                del self._n_holders[self._identity]
                descriptor = self._descriptors.pop(self._identity, None)
                if descriptor is not None:
                    os.close(descriptor)


def search(
    database: HeldFile, erased: Iterable[bytes]
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Look for erased bytes in a database, its write-ahead log and its journal.

    Returns
    -------
    searched, remains
        Name and size of each file that was read; names of those in which something was found.
    """
    pieces = _pieces(erased)
    searched = [(database.path.name, database.path.stat().st_size)]
    remains = [database.path.name] if database.holds(pieces) else []
    for ending in LOGS:
        path = database.path.with_name(database.path.name + ending)
        try:
            with path.open("rb") as file:
                found = _holds(lambda file=file: file.read(_BLOCK_BYTES), pieces)  # type: ignore[misc]
                size = file.tell()
        except FileNotFoundError:  # SQLite removes them when nobody needs them
            continue
        searched.append((path.name, size))
        remains += [path.name] if found else []
    return tuple(searched), tuple(remains)


def _holds(read: Callable[[], bytes], pieces: NDArray[np.uint64]) -> bool:
    tail = b""
    while block := read():
        if _any_in(tail + block, pieces):
            return True
        tail = (tail + block)[1 - _PIECE_BYTES :]
    return False


def _pieces(erased: Iterable[bytes]) -> NDArray[np.uint64]:
    """Return the pieces to look for as sorted numbers."""
    found = [
        data[at : at + _PIECE_BYTES]
        for data in erased
        for at in range(0, len(data) - _PIECE_BYTES + 1, _STRIDE_BYTES)
    ]
    return np.unique(np.frombuffer(b"".join(found), np.uint64))


def _any_in(block: bytes, pieces: NDArray[np.uint64]) -> bool:
    """Tell whether any piece is anywhere in a block: a table of first bytes leaves few places to compare."""
    if len(block) < _PIECE_BYTES or not len(pieces):
        return False
    data = np.frombuffer(block, np.uint8)
    firsts = np.zeros(1 << 16, bool)
    firsts[pieces.view(np.uint16)[::4]] = True
    pairs = np.empty(len(data) - 1, np.uint16)
    pairs[0::2] = np.frombuffer(block, np.uint16, len(block) // 2)
    pairs[1::2] = np.frombuffer(block, np.uint16, (len(block) - 1) // 2, 1)
    at = np.flatnonzero(firsts[pairs[: len(data) - _PIECE_BYTES + 1]])
    windows = np.lib.stride_tricks.sliding_window_view(data, _PIECE_BYTES)[at]
    return bool(np.isin(np.ascontiguousarray(windows).view(np.uint64).ravel(), pieces).any())
