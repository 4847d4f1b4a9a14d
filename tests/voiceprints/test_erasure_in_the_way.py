"""An erasure that another program gets in the way of: what was deleted is not called a failure."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from voxlite.voiceprints import Vault

PASSPHRASE = "korrekt Pferd Batterie"


def test_the_last_mark_of_an_erasure_may_come_later(filled):
    """The people are gone, so `forget` says so; the mark stays, and whoever opens the vault next erases again."""
    with (
        closing(sqlite3.connect(filled.path, isolation_level=None, timeout=0.0)) as other,
        Vault(filled.path, PASSPHRASE, timeout_s=0.05) as vault,
    ):

        def get_in_the_way(statement: str) -> None:
            if statement.startswith("UPDATE vault SET unscrubbed = 0"):
                other.execute("BEGIN IMMEDIATE")

        vault._database.connection.set_trace_callback(get_in_the_way)
        receipt = vault.forget("Person 1")
        assert receipt.n_prints == 3
        assert other.in_transaction
        assert other.execute("SELECT unscrubbed FROM vault").fetchone() == (1,)
        vault._database.connection.set_trace_callback(None)
        other.execute("ROLLBACK")
    with Vault(filled.path, PASSPHRASE) as vault:
        assert vault.persons() == ("Person 0", "Person 2", "Person 3")
    with closing(sqlite3.connect(filled.path)) as other:
        assert other.execute("SELECT unscrubbed FROM vault").fetchone() == (0,)


def test_a_disk_that_fails_is_no_damaged_store(filled, monkeypatch):
    from voxlite.errors import StoreError
    from voxlite.voiceprints.database import explained

    try:
        with explained(filled.path, 1.0):
            raise sqlite3.OperationalError("disk I/O error")
    except StoreError as error:
        said = str(error)
    assert said.endswith("cannot be read or written (disk I/O error): check the disk and the space left")
