"""The half of a vault that reads: names, prints, and the matrix of one model's references.

Every reading of more than one print passes over all rows and compares their keys with the sealed tally, so that a row
that was taken out of the file is noticed like one that was changed.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np

from voxlite.errors import EnrollmentError, StoreError
from voxlite.values import FloatArray
from voxlite.voiceprints.crypto import Sealer
from voxlite.voiceprints.database import Database
from voxlite.voiceprints.index import VoiceprintIndex
from voxlite.voiceprints.prints import PrintModel, Voiceprint, person_name
from voxlite.voiceprints.sealing import (
    Row,
    Tally,
    embedding_of,
    facts_of,
    model_token,
    open_row,
    person_token,
    print_of,
)

Others = Literal["refuse", "skip"]
"""What to do about people who have prints by other models alone."""


class VaultReader:
    """What can be asked of an open vault.

    Parameters
    ----------
    path
        Names the file in errors.
    database
        The open file.
    sealer
        Holds its key.
    """

    def __init__(self, path: Path, database: Database, sealer: Sealer) -> None:
        self.path = path
        self._database = database
        self._sealer = sealer

    def persons(self) -> tuple[str, ...]:
        """Return the names of everybody enrolled, in alphabetical order.

        Raises
        ------
        StoreError
            If a row was changed or is missing.
        """
        names: dict[bytes, str] = {}
        with self._scan() as (_, rows):
            for row in rows:
                if row[2] not in names:
                    names[row[2]] = facts_of(self._open(row))["person"]
        return tuple(sorted(names.values(), key=lambda name: (name.casefold(), name)))

    def prints(
        self, person: str | None = None, model: PrintModel | None = None, *, others: Others = "refuse"
    ) -> list[Voiceprint]:
        """Return prints in the order in which they were stored.

        Parameters
        ----------
        person
            Only this person's; everybody's, if left out.
        model
            Only those made by this model.
        others
            Whether to "refuse" or "skip" people who have prints by other models alone.

        Raises
        ------
        EnrollmentError
            If the person is not enrolled, or somebody would be left out without `others="skip"`.
        StoreError
            If a row was changed or is missing.
        """
        with self._scan(person) as (_, rows):
            found = [self._print(row) for row in rows]
        if person is not None and not found:
            raise self._nobody(person)
        if model is None:
            return found
        fitting = [voiceprint for voiceprint in found if voiceprint.model == model]
        if others == "refuse":
            _refuse(found, {voiceprint.person for voiceprint in fitting}, model)
        return fitting

    def setting(self, name: str) -> dict[str, Any] | None:
        """Return what `put_setting` keeps under a name, None where there is nothing.

        Raises
        ------
        StoreError
            If it was changed.
        """
        with self._database.transaction() as connection:
            return self._tally(connection).settings.get(name)

    def get(self, key: bytes) -> Voiceprint:
        """Return the print that has a key of an index.

        Raises
        ------
        EnrollmentError
            If it is no longer there.
        StoreError
            If its row was changed.
        """
        with self._database.transaction() as connection:
            query = "SELECT id, key, person, model, sealed FROM prints WHERE key = ?"
            row = connection.execute(query, (key,)).fetchone()
        if row is None:
            raise EnrollmentError(f"{self.path}: the voiceprint was erased meanwhile: make the index again")
        return self._print(row)

    def index(self, model: PrintModel, *, others: Others = "refuse") -> VoiceprintIndex:
        """Return all references of one model, decrypted, ready to be compared; `get` finds the print of a key.

        Parameters
        ----------
        model, others
            As in `prints`.

        Raises
        ------
        EnrollmentError
            If somebody would be left out without `others="skip"`.
        StoreError
            If a row was changed or is missing.
        """
        wanted = model_token(self._sealer, model)
        people: dict[bytes, int] = {}
        names: list[str] = []
        strangers: dict[bytes, Row] = {}
        owners: list[int] = []
        keys: list[bytes] = []
        matrix: FloatArray = np.empty((0, 0), np.float32)
        with self._scan() as (n_rows, rows):
            for row in rows:
                _, key, person, by, _ = row
                if by != wanted:
                    strangers.setdefault(person, row)
                    continue
                plain = self._open(row)
                if person not in people:
                    people[person] = len(names)
                    names.append(facts_of(plain)["person"])
                embedding = embedding_of(plain)
                if not keys:  # as large as it may get: rows that stay empty take no memory
                    matrix = np.empty((n_rows, len(embedding)), np.float32)
                elif len(embedding) != matrix.shape[1]:
                    raise EnrollmentError(
                        f"{names[people[person]]}: an embedding of {len(embedding)} numbers, others by {model} have "
                        f"{matrix.shape[1]}: forget and enroll again"
                    )
                matrix[len(keys)] = embedding
                owners.append(people[person])
                keys.append(key)
        if others == "refuse":
            _refuse((self._print(row) for row in strangers.values()), set(names), model)
        return VoiceprintIndex(names, owners, matrix[: len(keys)], keys)

    @contextmanager
    def _scan(self, person: str | None = None) -> Iterator[tuple[int, Iterator[Row]]]:
        """Give the number of all rows and the rows of a person or of everybody; all of them must be taken."""
        token = None if person is None else person_token(self._sealer, person)
        with self._database.transaction() as connection:
            tally, seen = self._tally(connection), Tally()
            yield tally.n, self._rows(connection, token, seen, tally.n)
            if seen != tally:
                raise self._others(tally.n)

    def _rows(
        self, connection: sqlite3.Connection, token: bytes | None, seen: Tally, most: int
    ) -> Iterator[Row]:
        # other people's sealed bytes are not even copied out of the page
        query = (
            "SELECT id, key, person, model, CASE WHEN ?1 IS NULL OR person = ?1 THEN sealed END FROM prints"
        )
        for row in connection.execute(f"{query} ORDER BY id", (token,)):
            try:
                seen.add(row[1])
            except TypeError:
                raise self._damaged(row[0]) from None
            if seen.n > most:
                raise self._others(most)
            if token is None or row[2] == token:
                yield row

    def _open(self, row: Row) -> bytes:
        try:
            return open_row(self._sealer, row)
        except StoreError:
            raise self._damaged(row[0]) from None

    def _print(self, row: Row) -> Voiceprint:
        try:
            return print_of(self._open(row))
        except EnrollmentError as error:
            raise StoreError(
                f"{self.path}: print {row[0]}: {error}; written by another version of voxlite: update it"
            ) from None

    def _damaged(self, row_id: int) -> StoreError:
        return StoreError(
            f"{self.path}: print {row_id} was changed or damaged: restore the file from a copy, "
            "or call discard_damaged to go on without it"
        )

    def _others(self, n_stored: int) -> StoreError:
        return StoreError(
            f"{self.path}: the prints in it are not the {n_stored} that were stored: restore the file from a copy, "
            "or call discard_damaged to go on with what is there"
        )

    def _tally(self, connection: sqlite3.Connection) -> Tally:
        try:
            return Tally.open(self._sealer, connection.execute("SELECT tally FROM vault").fetchone()[0])
        except StoreError:
            raise StoreError(
                f"{self.path}: the count of its prints was changed or damaged: restore the file from a copy, "
                "or call discard_damaged to go on with what is there"
            ) from None

    def _nobody(self, person: str) -> EnrollmentError:
        """Return the error about a name that nobody has, with the name that may have been meant."""
        plain = {name.casefold(): name for name in self.persons()}
        close = difflib.get_close_matches(person_name(person).casefold(), plain, n=1)
        cure = f"did you mean {plain[close[0]]!r}?" if close else "list the names, or enroll first"
        return EnrollmentError(f"{self.path}: nobody is enrolled as {person!r}: {cure}")


def _refuse(found: Iterable[Voiceprint], fitting: set[str], model: PrintModel) -> None:
    """Raise an error if somebody has only prints that cannot be compared with this model's embeddings."""
    left = {voiceprint.person: voiceprint.model for voiceprint in found if voiceprint.person not in fitting}
    if left:
        person, other = next(iter(left.items()))
        rest = f" and {len(left) - 1} more" if len(left) > 1 else ""
        raise EnrollmentError(
            f"{person}{rest}: enrolled with the model {other}, which cannot be compared with {model}: "
            f"enroll again with {model}, or choose {other}"
        )
