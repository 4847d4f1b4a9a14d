"""The vault: voiceprints of people in one encrypted file, which can be taken out again without a trace.

`sealing` says what a row looks like, `database` how the file is kept whole, `erasure` how it is searched, `crypto`
where the keys come from, `reading` what can be asked; here it is opened and changed.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from voxlite.errors import StoreError
from voxlite.voiceprints.crypto import KEY_BYTES, ScryptCost, Sealer, passphrase_bytes, unwrap_key, wrap_key
from voxlite.voiceprints.database import Database
from voxlite.voiceprints.erasure import Erasure
from voxlite.voiceprints.prints import Voiceprint, person_name
from voxlite.voiceprints.reading import VaultReader
from voxlite.voiceprints.sealing import Tally, open_row, person_token, seal_print


class Vault(VaultReader):
    """An encrypted SQLite file of voiceprints.

    Safe for several processes at once and for several threads; a context manager.

    Parameters
    ----------
    path
        The file.
    passphrase
        Opens it; of a new vault 8 characters or more. Nobody can recover it.
    create
        Make the file, readable by its owner alone, if it is missing or empty.
    cost
        What guessing the passphrase of a new vault costs; lower it in tests only.
    timeout_s
        How long to wait for other processes.

    Raises
    ------
    PassphraseError
        If the passphrase is wrong, or too short for a new vault.
    StoreError
        If the file is missing, no vault, damaged, newer than this version, or cannot be written.

    Examples
    --------
    >>> with Vault("voices.vault", "correct horse battery staple", create=True) as vault:  # doctest: +SKIP
    ...     vault.add(voiceprint)
    ...     vault.persons()
    ('Ada',)
    """

    def __init__(
        self,
        path: str | Path,
        passphrase: str,
        *,
        create: bool = False,
        cost: ScryptCost | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        file = Path(path)
        self._cost = cost or ScryptCost()
        self._n_changes = 0
        if create and not file.exists():
            passphrase_bytes(passphrase, new=True)  # before there is a file to leave behind
        database = Database(file, create=create, timeout_s=timeout_s)
        try:
            super().__init__(file, database, Sealer(self._key(database, passphrase, create)))
            with database.transaction() as connection:
                (unscrubbed,) = connection.execute("SELECT unscrubbed FROM vault").fetchone()
            if unscrubbed:  # somebody was killed between deleting and erasing
                database.scrub()
        except BaseException:
            database.close()
            raise

    def _key(self, database: Database, passphrase: str, create: bool) -> bytes:
        header = database.header()
        if header is None and not create:
            raise StoreError(
                f"{database.path}: empty: enroll somebody first, or restore the file from a copy"
            )
        if header is None:
            key = os.urandom(KEY_BYTES)
            database.found(wrap_key(key, passphrase, self._cost), Tally().seal(Sealer(key)))
            header = database.header()
        # what is in the file counts: another process may have been first
        return unwrap_key(header or "", passphrase, str(database.path))

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; again does nothing."""
        self._database.close()

    def version(self) -> tuple[int, int]:
        """Return what changes whenever the content may have: an index or a setting from before is then out of date."""
        return self._database.data_version(), self._n_changes

    def add(self, *prints: Voiceprint) -> int:
        """Store prints, all of them or, if something fails, none.

        Parameters
        ----------
        prints
            A print that is there already (same person, model and embedding) is left as it is.

        Returns
        -------
        How many were new.

        Raises
        ------
        StoreError
            If the vault is damaged or cannot be written.
        """
        rows = [seal_print(self._sealer, voiceprint) for voiceprint in prints]
        insert = (
            "INSERT INTO prints (key, person, model, sealed) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
        )
        n_new = 0
        with self._database.transaction(write=True) as connection:
            tally = self._tally(connection)
            for row in rows:
                if connection.execute(insert, row).rowcount:
                    tally.add(row[0])
                    n_new += 1
            self._put(connection, tally)
        return n_new

    def forget(self, person: str) -> Erasure:
        """Erase everything about a person, and search the store's files for it.

        Returns
        -------
        A receipt; where it is not `proven`, another process still uses what was deleted: the bytes go when it closes
        the vault, and the next one to open it sees to that.

        Raises
        ------
        EnrollmentError
            If nobody has this name.
        StoreError
            If the vault is damaged or cannot be written; then nothing was deleted.
        """
        token = person_token(self._sealer, person)
        with self._database.transaction(write=True) as connection:
            query = "SELECT id, key, sealed FROM prints WHERE person = ?"
            rows: list[tuple[int, bytes, bytes]] = connection.execute(query, (token,)).fetchall()
            if rows:
                tally = self._tally(connection)
                for _, key, _ in rows:
                    tally.remove(key)
                self._delete(connection, [row_id for row_id, _, _ in rows], tally)
        if not rows:
            raise self._nobody(person)
        return self._erase(person_name(person), len(rows), [sealed for _, _, sealed in rows])

    def discard_damaged(self) -> Erasure:
        """Remove the rows that were changed or damaged, whoever they belonged to, and count the others anew.

        Raises
        ------
        StoreError
            If the file itself cannot be read or written.
        """
        bad: list[tuple[int, object]] = []
        with self._database.transaction(write=True) as connection:
            try:
                tally = Tally(settings=self._tally(connection).settings)
            except StoreError:
                tally = Tally()
            for row in connection.execute("SELECT id, key, person, model, sealed FROM prints"):
                try:
                    open_row(self._sealer, row)
                    tally.add(row[1])
                except StoreError:
                    bad.append((row[0], row[4]))
            self._delete(connection, [row_id for row_id, _ in bad], tally)
        return self._erase(
            "damaged prints", len(bad), [sealed for _, sealed in bad if isinstance(sealed, bytes)]
        )

    def put_setting(self, name: str, value: Mapping[str, Any] | None) -> None:
        """Keep plain data beside the prints, encrypted and protected against changes like them; None takes it away.

        Raises
        ------
        StoreError
            If the vault is damaged or cannot be written.
        """
        with self._database.transaction(write=True) as connection:
            tally = self._tally(connection)
            tally.settings.pop(name, None)
            if value is not None:
                tally.settings[name] = dict(value)
            self._put(connection, tally)

    def change_passphrase(self, new: str) -> Erasure:
        """Let another passphrase open the vault from now on; prints stay as they are.

        Whoever has an older copy of the file and the old passphrase can still read that copy, and with its key this
        file. If that may be so, export the prints and import them into a new vault.

        Returns
        -------
        A receipt about the old passphrase's header.

        Raises
        ------
        PassphraseError
            If the new one is too short.
        StoreError
            If the vault cannot be written.
        """
        header = wrap_key(self._sealer.key, new, self._cost)
        with self._database.transaction(write=True) as connection:
            (old,) = connection.execute("SELECT header FROM vault").fetchone()
            connection.execute("UPDATE vault SET header = ?, unscrubbed = unscrubbed + 1", (header,))
        fields = json.loads(old)
        return self._erase(
            "the old passphrase", 0, [fields[name].encode() for name in ("salt", "wrapped_key")]
        )

    def _put(self, connection: sqlite3.Connection, tally: Tally) -> None:
        connection.execute("UPDATE vault SET tally = ?", (tally.seal(self._sealer),))
        self._n_changes += 1

    def _delete(self, connection: sqlite3.Connection, row_ids: Sequence[int], tally: Tally) -> None:
        connection.executemany("DELETE FROM prints WHERE id = ?", [(row_id,) for row_id in row_ids])
        connection.execute("UPDATE vault SET unscrubbed = unscrubbed + 1")
        self._put(connection, tally)

    def _erase(self, what: str, n_prints: int, erased: Sequence[bytes]) -> Erasure:
        self._database.scrub()
        searched, remains = self._database.search(erased)
        n_bytes = sum(map(len, erased))
        now = datetime.now(timezone.utc).replace(microsecond=0)
        return Erasure(what, n_prints, n_bytes, searched, remains, now)
