"""`Ledger`: which recordings of an archive are done, by the rows that are there, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry
from voxlite.archive.listener import TRIED_AGAIN
from voxlite.archive.places import Place, within
from voxlite.archive.rows import path_of
from voxlite.archive.tables import Tables

_COLUMNS = (
    "path",
    "path_bytes",
    "error_kind",
    "size_bytes",
    "modified_at",
    "content_sha256",
    "recipe",
    "duration_s",
    "voice_s",
)


@dataclass(frozen=True, slots=True)  # there may be millions
class Done:
    """What a row says of a recording that is done.

    Parameters
    ----------
    digest
        SHA-256 of the content; None where it could not be read.
    size_bytes, modified_us
        Of the file, when it was read.
    recipe
        See `Plan`.
    error_kind
        None where there was no error.
    sound_s, voice_s
        Seconds, 0 where it is not known.
    part
        Number of the part that holds the row, for `Ledger.part_of`.
    """

    digest: bytes | None
    size_bytes: int | None
    modified_us: int | None
    recipe: str
    error_kind: str | None
    sound_s: float
    voice_s: float
    part: int


class Ledger:
    """The recordings that have a row, and the parts that hold these rows.

    Parameters
    ----------
    tables
        Read when this is made. Where a recording has two rows, the older one is taken out.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._parts: list[str] = []
        self._done: dict[str, Done] = {}
        twice: dict[int, set[str]] = {}
        for part in tables.parts():
            rows = tables.read(part, _COLUMNS)
            for path, done in self._rows(rows, part):
                if path in self._done:
                    twice.setdefault(self._done[path].part, set()).add(path)
                self._done[path] = done
        for number, paths in twice.items():
            self._take_out(number, paths)
        self._by_digest: dict[bytes, str] = {}

    def _rows(self, table: Any, part: str) -> Iterable[tuple[str, Done]]:
        number, recipes = len(self._parts), dict[str, str]()
        self._parts.append(part)
        modified = table.column("modified_at").cast("int64").to_pylist()
        for row, modified_us in zip(table.to_pylist(), modified, strict=True):
            yield (
                path_of(row["path"], row["path_bytes"]),
                Done(
                    bytes.fromhex(row["content_sha256"]) if row["content_sha256"] else None,
                    row["size_bytes"],
                    modified_us,
                    recipes.setdefault(row["recipe"], row["recipe"]),  # one copy in memory
                    row["error_kind"],
                    row["duration_s"] or 0.0,
                    row["voice_s"] or 0.0,
                    number,
                ),
            )

    def split(
        self, entries: Iterable[Entry], recipe: str, *, force: bool, checksum: bool
    ) -> tuple[list[Entry], list[Done]]:
        """Return what is to do, and what is done already.

        Done is a recording whose row has this recipe, the size and the time of the last change that the storage
        tells, and no error that may be gone by now.

        Parameters
        ----------
        entries
            What the archive holds.
        recipe
            Of the plan.
        force
            Nothing counts as done.
        checksum
            Size and time prove nothing: contents are read, and compared by their hashes.
        """
        todo, before = [], []
        for entry in entries:
            done = self._done.get(entry.path)
            same = done is not None and done.recipe == recipe and done.error_kind not in TRIED_AGAIN
            if same and done is not None and not (force or checksum):
                same = entry.size_bytes == done.size_bytes and entry.modified_us == done.modified_us
            if not same or force or checksum or done is None:
                todo.append(entry)
            else:
                before.append(done)
        return todo, before

    def known(self, todo: Sequence[Entry], recipe: str) -> Hashes:
        """Return the contents whose results a recording to do may have: those of its size, by the same recipe."""
        sizes = {entry.size_bytes for entry in todo}
        self._by_digest = {
            done.digest: path
            for path, done in self._done.items()
            if done.digest is not None
            and done.recipe == recipe
            and done.size_bytes in sizes
            and done.error_kind not in TRIED_AGAIN
        }
        return Hashes.of(self._by_digest)

    def row_with(self, digest: bytes) -> tuple[str, str] | None:
        """Return part and path of a row with this content; None if it has been replaced since `known` was asked."""
        path = self._by_digest.get(digest)
        done = self._done.get(path) if path is not None else None
        if path is None or done is None or done.digest != digest:
            return None
        return self._parts[done.part], path

    def take_out(self, paths: Iterable[str]) -> None:
        """Take the rows of recordings out of the tables, those that have one."""
        by_part: dict[int, set[str]] = {}
        for path in paths:
            if path in self._done:
                by_part.setdefault(self._done.pop(path).part, set()).add(path)
        for number, gone in by_part.items():
            self._take_out(number, gone)

    def _take_out(self, number: int, paths: set[str]) -> None:
        self._parts[number] = self._tables.remove(self._parts[number], paths) or ""

    def prune(self, place: Place, entries: Iterable[Entry]) -> int:
        """Take out the rows of recordings that a place no longer lists; return how many there were.

        What lies in a folder that could not be listed stays.
        """
        listed = list(entries)
        there = {entry.path for entry in listed}
        unseen = tuple(within(entry.path) for entry in listed if entry.trouble)
        gone = [
            path
            for path in self._done
            if path not in there and path.startswith(within(place.name)) and not path.startswith(unseen)
        ]
        self.take_out(gone)
        return len(gone)

    def add(self, part: str, rows: Sequence[dict[str, Any]], paths: Sequence[str]) -> None:
        """Take note of a part that was written; `paths` are those of its rows."""
        number = len(self._parts)
        self._parts.append(part)
        for path, row in zip(paths, rows, strict=True):
            digest = row.get("content_sha256")
            self._done[path] = Done(
                bytes.fromhex(digest) if digest else None,
                row.get("size_bytes"),
                row.get("modified_at"),
                row["recipe"],
                row.get("error_kind"),
                row.get("duration_s") or 0.0,
                row.get("voice_s") or 0.0,
                number,
            )
