"""The content of a recording: its hash, and a path from which decoders can read it, with bounded memory.

A recording elsewhere goes through a temporary file block by block, and is hashed on the way.
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from voxlite.archive.entries import Entry
from voxlite.archive.places import Place, one_line

_BLOCK_BYTES = 1 << 20
HASH_BYTES = 32


class UnreadableError(Exception):
    """The storage does not give a recording; the text says why."""


class Hashes:
    """Very many SHA-256 hashes in one piece of memory, 32 bytes each.

    Parameters
    ----------
    packed
        The hashes one behind the other, ascending.
    """

    def __init__(self, packed: bytes = b"") -> None:
        self.packed = packed

    @classmethod
    def of(cls, hashes: Iterable[bytes]) -> Hashes:
        """Pack hashes in any order."""
        return cls(b"".join(sorted(set(hashes))))

    def __len__(self) -> int:
        return len(self.packed) // HASH_BYTES

    def __contains__(self, digest: bytes) -> bool:
        place = bisect.bisect_left(range(len(self)), digest, key=self._at)
        return place < len(self) and self._at(place) == digest

    def _at(self, place: int) -> bytes:
        return self.packed[place * HASH_BYTES : (place + 1) * HASH_BYTES]


@contextmanager
def content_of(place: Place, entry: Entry, scratch: Path) -> Iterator[tuple[str, bytes, int]]:
    """Give a local path, the SHA-256 and the size in bytes of a recording.

    Parameters
    ----------
    place
        Where it lies.
    entry
        The recording.
    scratch
        Folder for the temporary file of a recording elsewhere, erased on leaving.

    Raises
    ------
    UnreadableError
        If the storage does not give it.
    """
    if entry.trouble:
        raise UnreadableError(entry.trouble)
    if place.is_local:
        try:
            with Path(entry.path).open("rb", buffering=0) as source:
                digest, size = _passed(source)
        except OSError as error:
            raise UnreadableError(f"cannot be opened ({one_line(error)})") from None
        yield entry.path, digest, size
        return
    # The ending stays: some decoders go by it.
    copy = scratch / f"recording{PurePosixPath(entry.path).suffix}"
    try:
        try:
            with (
                place.filesystem.open_input_stream(place.path_of(entry.path)) as source,
                copy.open("wb") as sink,
            ):
                digest, size = _passed(source, sink)
        except (OSError, ValueError) as error:
            raise UnreadableError(f"cannot be fetched ({one_line(error)})") from None
        yield str(copy), digest, size
    finally:
        copy.unlink(missing_ok=True)


def _passed(source: Any, sink: IO[bytes] | None = None) -> tuple[bytes, int]:
    """Read to the end, copy if there is where to, and return hash and size."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK_BYTES):
        digest.update(block)
        size += len(block)
        if sink is not None:
            sink.write(block)
    return digest.digest(), size
