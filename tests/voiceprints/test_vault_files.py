"""Files that are not what they should be: one clear line, and the file stays as it is."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from voxlite.errors import PassphraseError, StoreError
from voxlite.voiceprints import PrintModel, ScryptCost, Vault

COMPACT = PrintModel("compact", "1")
PASSPHRASE = "korrekt Pferd Batterie"


@pytest.fixture
def filled(tmp_path, make_print):
    """Path of a closed vault with twelve prints of four people."""
    path = tmp_path / "voices.vault"
    with Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
        vault.add(*(make_print(f"Person {n % 4}", n, dim=64) for n in range(12)))
    return path


def change(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement, values)


def rows(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, key, person, model, sealed FROM prints ORDER BY id").fetchall()


def read(path):
    """Everything that a vault says about itself, or its error."""
    with Vault(path, PASSPHRASE) as vault:
        index = vault.index(COMPACT)
        assert len(index) == len(vault.prints())
        return vault.persons(), index.matrix.tobytes()


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("column", ["key", "person", "model", "sealed"])
def test_any_flipped_byte_of_a_row_is_noticed(filled, column):
    value = rows(filled)[5][("id", "key", "person", "model", "sealed").index(column)]
    for at in {0, 7, len(value) // 2, len(value) - 1}:
        change(filled, f"UPDATE prints SET {column} = ? WHERE id = 6", flipped(value, at))
        with pytest.raises(StoreError, match=r"print 6 was changed.*discard_damaged"):
            read(filled)
    for other in (value[:-1], value + b"x", b"", "text", 3, 1.5):
        change(filled, f"UPDATE prints SET {column} = ? WHERE id = 6", other)
        with pytest.raises(StoreError, match="print 6 was changed"):
            read(filled)
    change(filled, f"UPDATE prints SET {column} = ? WHERE id = 6", value)
    assert len(read(filled)[0]) == 4


@pytest.mark.parametrize(
    "columns", [("sealed",), ("person",), ("key", "sealed"), ("person", "sealed"), ("key",)]
)
def test_swapped_rows_are_noticed(filled, columns):
    names = ("id", "key", "person", "model", "sealed")
    one, other = rows(filled)[:2]
    change(filled, "UPDATE prints SET key = x'00' WHERE id = 1")
    for row_id, source in ((2, one), (1, other)):
        for column in columns:
            change(
                filled, f"UPDATE prints SET {column} = ? WHERE id = ?", source[names.index(column)], row_id
            )
    if "key" not in columns:
        change(filled, "UPDATE prints SET key = ? WHERE id = 1", one[1])
    with pytest.raises(StoreError, match="was changed"):
        read(filled)


def test_boundaries_between_tokens_are_bound(filled):
    row_id, key, person, *_ = rows(filled)[0]
    change(filled, "UPDATE prints SET key = ?, person = ? WHERE id = ?", key + person[:1], person[1:], row_id)
    with pytest.raises(StoreError, match="was changed"):
        read(filled)


def test_a_row_of_another_vault_is_noticed(filled, tmp_path, make_print):
    with Vault(tmp_path / "other", PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
        vault.add(make_print("Mallory", 77, dim=64))
    change(filled, "INSERT INTO prints VALUES (?, ?, ?, ?, ?)", 99, *rows(tmp_path / "other")[0][1:])
    with pytest.raises(StoreError, match="not the 12 that were stored"):
        read(filled)


def test_rows_that_vanish_or_come_back_are_noticed(filled):
    gone = rows(filled)[3]
    change(filled, "DELETE FROM prints WHERE id = 4")
    with pytest.raises(StoreError, match="not the 12 that were stored"):
        read(filled)
    with Vault(filled, PASSPHRASE) as vault, pytest.raises(StoreError, match="not the 12 that were stored"):
        vault.prints("Person 0")
    with Vault(filled, PASSPHRASE) as vault:
        assert vault.discard_damaged().n_prints == 0
        assert len(vault.prints()) == 11
    change(filled, "INSERT INTO prints VALUES (?, ?, ?, ?, ?)", *gone)
    with pytest.raises(StoreError, match="not the 11 that were stored"):
        read(filled)


def test_a_changed_tally_is_noticed_and_made_good(filled, make_print):
    for value in (b"", b"x" * 52, "text", 3):
        change(filled, "UPDATE vault SET tally = ?", value)
        with Vault(filled, PASSPHRASE) as vault:
            for ask in (
                vault.persons,
                lambda vault=vault: vault.add(make_print()),
                lambda vault=vault: vault.forget("Person 1"),
            ):
                with pytest.raises(StoreError, match=r"count of its prints was changed"):
                    ask()
    with Vault(filled, PASSPHRASE) as vault:
        assert vault.discard_damaged().n_prints == 0
        assert len(vault.prints()) == 12


def test_one_damaged_print_does_not_cost_the_others(filled):
    change(filled, "UPDATE prints SET sealed = ? WHERE id = 6", flipped(rows(filled)[5][4], 40))
    change(filled, "UPDATE prints SET sealed = 'text' WHERE id = 7")
    with Vault(filled, PASSPHRASE) as vault:
        assert len(vault.prints("Person 0")) == 3  # untouched people can still be verified
        receipt = vault.discard_damaged()
        assert (receipt.what, receipt.n_prints, receipt.proven) == ("damaged prints", 2, True)
        assert len(vault.prints()) == 10
        assert vault.add(*vault.prints()) == 0


def test_a_damaged_header_is_not_a_wrong_passphrase(filled):
    for value in ("{}", "", b"bytes", 3):
        change(filled, "UPDATE vault SET header = ?", value)
        with pytest.raises(StoreError, match="damaged") as caught:
            read(filled)
        assert not isinstance(caught.value, PassphraseError)
    change(filled, "DELETE FROM vault")
    with pytest.raises(StoreError, match="damaged"):
        read(filled)


def test_a_file_cut_off_anywhere_is_refused_and_left_alone(filled, tmp_path):
    whole = filled.read_bytes()
    cut = tmp_path / "cut.vault"
    places = [
        1,
        15,
        16,
        60,
        99,
        100,
        511,
        512,
        1024,
        4095,
        4096,
        4097,
        8192,
        len(whole) // 2,
        len(whole) - 4096,
    ]
    for n_bytes in [*places, len(whole) - 100, len(whole) - 1]:
        cut.write_bytes(whole[:n_bytes])
        with pytest.raises(StoreError, match=r"damaged|no store of voiceprints"):
            read(cut)
        assert cut.read_bytes() == whole[:n_bytes]
    cut.write_bytes(whole)
    assert read(cut) == read(filled)


def test_no_flipped_byte_of_the_file_changes_an_answer(filled, tmp_path):
    whole, wanted = filled.read_bytes(), read(filled)
    flip = tmp_path / "flip.vault"
    places = [*range(0, 112), *np.random.default_rng(5).integers(112, len(whole), 150).tolist()]
    refused = []
    for at in places:
        flip.write_bytes(flipped(whole, at))
        try:
            assert read(flip) == wanted, at
        except StoreError as error:
            refused.append(str(error))
        for beside in tmp_path.glob("flip.vault-*"):
            beside.unlink()
    assert len(refused) > 50
    assert not any("\n" in error for error in refused)


def test_files_of_other_kinds(open_vault, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("voices\n" * 200)
    database = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE vault (header TEXT)")
    marked = tmp_path / "marked.sqlite"
    with closing(sqlite3.connect(marked)) as connection:
        connection.execute("PRAGMA application_id = 252006673")
    for path in (text, database, marked):
        before = path.read_bytes()
        for create in (False, True):
            with pytest.raises(StoreError, match="no store of voiceprints: name another file"):
                open_vault(path, create=create)
        assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == sorted([text, database, marked])


def test_an_empty_file_may_become_a_vault(open_vault, tmp_path, make_print):
    empty = tmp_path / "empty.vault"
    empty.touch()
    with pytest.raises(StoreError, match="empty: enroll somebody first"):
        open_vault(empty, create=False)
    assert empty.read_bytes() == b""
    with pytest.raises(PassphraseError, match="at least 8"):
        open_vault(empty, passphrase="short")
    open_vault(empty).add(make_print())
    assert open_vault(empty, create=False).persons() == ("Ada",)


def test_a_newer_vault_is_refused(filled):
    change(filled, "PRAGMA user_version = 2")
    before = filled.read_bytes()
    with pytest.raises(StoreError, match=r"newer voxlite.*pip install --upgrade"):
        read(filled)
    assert filled.read_bytes() == before


def test_a_foreign_trigger_is_refused(filled):
    change(filled, "CREATE TABLE copies (sealed BLOB)")
    change(
        filled, "CREATE TRIGGER spy AFTER DELETE ON prints BEGIN INSERT INTO copies VALUES (old.sealed); END"
    )
    with pytest.raises(StoreError, match="damaged"):
        read(filled)


def test_an_intact_row_that_this_version_cannot_read(filled, make_print):
    from voxlite.voiceprints import sealing

    with Vault(filled, PASSPHRASE) as vault:
        strange = make_print("Zoe")
        object.__setattr__(strange, "speech_s", -1.0)
        vault.add(strange)
        with pytest.raises(StoreError, match=r"speech_s is -1.*another version of voxlite"):
            vault.prints("Zoe")
        with pytest.raises(StoreError, match="tally was changed"):
            sealing.Tally.open(vault._sealer, None)
        assert vault.forget("Zoe").proven


def test_the_switch_to_a_write_ahead_log_waits_its_turn(filled):
    change(filled, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another program"):
            Vault(filled, PASSPHRASE, timeout_s=0.05)
        other.execute("ROLLBACK")
    assert len(read(filled)[0]) == 4


def test_a_file_that_sqlite_cannot_open(filled, monkeypatch):
    def fail(*_, **__):
        raise sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", fail)
        with pytest.raises(StoreError, match="allow writing"):
            Vault(filled, PASSPHRASE)
    assert len(read(filled)[0]) == 4


def test_a_lock_that_lasts_is_said(filled, make_print):
    with (
        closing(sqlite3.connect(filled, isolation_level=None)) as other,
        Vault(filled, PASSPHRASE, timeout_s=0.05) as vault,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"in use by another program for more than 0\.05 s: try again"):
            vault.add(make_print())
        assert len(vault.prints()) == 12  # readers do not wait
        other.execute("ROLLBACK")
        assert vault.add(make_print()) == 1


def test_a_full_disk_loses_nothing(filled, make_print):
    with Vault(filled, PASSPHRASE) as vault:
        n_pages = vault._database.connection.execute("PRAGMA page_count").fetchone()[0]
        vault._database.connection.execute(f"PRAGMA max_page_count = {n_pages}")
        with pytest.raises(StoreError, match="disk is full; nothing was changed"):
            vault.add(*(make_print("Zoe", seed, dim=512) for seed in range(20)))
        assert len(vault.prints()) == 12


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_folder_that_cannot_be_written(make_print):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "voices.vault"
        with Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
            vault.add(make_print())
        path.chmod(0o444)
        folder.chmod(0o555)
        nobody = os.geteuid() == 0  # root may write everywhere
        if nobody:
            os.seteuid(65534)
        try:
            with pytest.raises(StoreError, match="allow writing to the file and to its folder"):
                Vault(path, PASSPHRASE)
            with pytest.raises(StoreError, match="cannot be made"):
                Vault(folder / "new.vault", PASSPHRASE, create=True)
        finally:
            if nobody:
                os.seteuid(0)
            folder.chmod(0o755)
        assert [file.name for file in folder.iterdir()] == ["voices.vault"]
        path.chmod(0o600)
        with Vault(path, PASSPHRASE) as vault:
            assert vault.persons() == ("Ada",)
