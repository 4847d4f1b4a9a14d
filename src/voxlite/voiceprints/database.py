"""The vault's SQLite file: made, recognised, opened, locked, cleaned; nothing here knows a key.

    vault(id = 1, header TEXT, tally BLOB, unscrubbed INTEGER)    one row
    prints(id INTEGER, key BLOB(16), person BLOB(16), model BLOB(16), sealed BLOB)

Write-ahead logging lets readers and a writer of several processes work at once and makes every transaction whole or
absent after a kill; `synchronous=FULL` makes a finished one outlast a power cut. `secure_delete` overwrites what is
deleted; VACUUM removes what page moves left behind, and a truncating checkpoint empties the log. `unscrubbed` counts
erasures that have not got that far: it is raised in the same transaction as the deletion, so that a kill between the
two is made good by whoever opens the vault next.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from voxlite.errors import StoreError
from voxlite.voiceprints.erasure import LOGS, HeldFile, search

APPLICATION_ID = 0x766F7876  # "voxv"
SCHEMA_VERSION = 1
_TABLES = {
    "vault": "CREATE TABLE vault "
    "(id INTEGER PRIMARY KEY CHECK (id = 1), header TEXT NOT NULL, tally BLOB NOT NULL, unscrubbed INTEGER NOT NULL)",
    "prints": "CREATE TABLE prints "
    "(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, person BLOB NOT NULL, model BLOB NOT NULL, "
    "sealed BLOB NOT NULL)",
}
_PRAGMAS = (
    "page_size = 8192",  # of a new file: prints of 192 or 256 numbers leave a third of smaller pages empty
    "secure_delete = ON",
    "synchronous = FULL",
    "trusted_schema = OFF",
)


class Database:
    """A connection to a vault's file.

    Parameters
    ----------
    path
        The file.
    create
        Make it, and its folder, if it is missing.
    timeout_s
        How long to wait for other processes.

    Raises
    ------
    StoreError
        If the file is missing, cannot be opened, is no vault, is damaged or was made by a newer version.
    """

    def __init__(self, path: Path, *, create: bool, timeout_s: float) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self._lock = threading.RLock()
        _make(path, create)
        logged = any(path.with_name(path.name + ending).exists() for ending in LOGS)
        n_bytes = None if logged else path.stat().st_size  # with a log it may be on its way to another size
        self._held: HeldFile | None = HeldFile(path)
        try:
            with explained(path, timeout_s):
                uri = f"{path.resolve().as_uri()}?mode=rw"
                self.connection = sqlite3.connect(
                    uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False
                )
        except StoreError:
            self._held.release()
            raise
        try:
            with self.lock():
                self._recognise(n_bytes)
                for pragma in _PRAGMAS:
                    self.connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            self.close()
            raise

    def _recognise(self, n_bytes: int | None) -> None:
        """Tell a vault, or an empty file that may become one, from everything else, before anything is written."""
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        with self.transaction() as connection:  # one moment's view: another process may be making the vault
            application, version = self._number("application_id"), self._number("user_version")
            tables = connection.execute(query).fetchall()
            cut_off = n_bytes is not None and n_bytes % self._number("page_size")
        if application != APPLICATION_ID and (application or tables):
            raise StoreError(f"{self.path}: an SQLite file, but no store of voiceprints: name another file")
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.path}: made by a newer voxlite (format {version}, this one reads {SCHEMA_VERSION}): "
                "pip install --upgrade voxlite"
            )
        # a foreign table or trigger could keep what is erased
        foreign = len(tables) != len(_TABLES) or set(tables) != set(_TABLES.items())
        if cut_off or (application and foreign):
            raise StoreError(_damaged(self.path))

    def _number(self, pragma: str) -> int:
        return int(self.connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    def search(self, erased: Iterable[bytes]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
        """Look for erased bytes in the database and its logs, as `erasure.search` does."""
        with self.lock():
            assert self._held is not None  # lock() sees to that
            return search(self._held, erased)

    def header(self) -> str | None:
        """Return the key header, None while the file is still empty, and switch the file to write-ahead logging."""
        with self.lock():
            if not self._number("application_id"):
                return None
            deadline = time.monotonic() + self.timeout_s
            while True:
                try:
                    self.connection.execute("PRAGMA journal_mode = WAL").fetchall()
                    break
                except sqlite3.OperationalError as error:  # the switch does not wait by itself
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
            row = self.connection.execute("SELECT header FROM vault").fetchone()
            if row is None or not isinstance(row[0], str):
                raise StoreError(_damaged(self.path))
            return str(row[0])

    def found(self, header: str, tally: bytes) -> bool:
        """Write tables and header into an empty file; False if another process was first."""
        with self.transaction(write=True):
            first = not self._number("application_id")
            if first:
                for statement in _TABLES.values():
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                self.connection.execute("INSERT INTO vault VALUES (1, ?, ?, 0)", (header, tally))
        return first

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep this process's other threads out, and turn SQLite's errors into clear ones."""
        with self._lock, explained(self.path, self.timeout_s):
            if self._held is None:
                raise StoreError(f"{self.path}: this vault was closed: open it again")
            yield

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Run a block whole or not at all; a reader sees the store as it was at its first look."""
        with self.lock():
            self.connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # a full disk, for one, has ended it already
                    self.connection.execute("ROLLBACK")
                raise

    def scrub(self) -> bool:
        """Remove what deletions left in the file and its log; False if that could not be finished now."""
        with self.lock():
            pending = self.connection.execute("SELECT unscrubbed FROM vault").fetchone()[0]
            clean = True
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                try:
                    row = self.connection.execute(statement).fetchone()
                    clean = clean and not (row and row[0])
                except sqlite3.OperationalError:  # another process is in the way, or the disk is full
                    clean = False
            if clean:
                done = "UPDATE vault SET unscrubbed = 0 WHERE unscrubbed = ? AND unscrubbed > 0"
                try:
                    self.connection.execute(done, (pending,))
                except (
                    sqlite3.OperationalError
                ):  # in the way: the mark stays, and the next opening does it again
                    clean = False
            return clean

    def data_version(self) -> int:
        """Return a number that changes when another connection has written."""
        with self.lock():
            return self._number("data_version")

    def close(self) -> None:
        """Close the connection; again does nothing."""
        with self._lock:
            if self._held is not None:
                self.connection.close()
                self._held.release()
                self._held = None


def _make(path: Path, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path}: a folder: name a file")
    if path.exists():
        return
    if not create:
        raise StoreError(f"{path}: there is no store of voiceprints yet: enroll somebody first")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        HeldFile.create(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({error.strerror}): choose another folder") from None


def _damaged(path: Path) -> str:
    return f"{path}: damaged or cut off; nothing was changed: restore it from a copy, or import an export"


@contextmanager
def explained(path: Path, timeout_s: float) -> Iterator[None]:
    """Raise SQLite's errors as StoreErrors that name the cure."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            message = f"{path}: in use by another program for more than {timeout_s:g} s: try again"
        elif "not a database" in text:
            message = f"{path}: no store of voiceprints: name another file"
        elif "malformed" in text or "corrupt" in text:
            message = _damaged(path)
        elif "readonly" in text or "unable to open" in text:
            message = f"{path}: cannot be opened for writing: allow writing to the file and to its folder"
        elif "full" in text:
            message = f"{path}: the disk is full; nothing was changed: make room and try again"
        elif "I/O" in text:
            message = f"{path}: cannot be read or written ({text}): check the disk and the space left"
        else:
            message = f"{path}: SQLite failed ({text}); restore the file from a copy if this goes on"
        raise StoreError(message) from error
