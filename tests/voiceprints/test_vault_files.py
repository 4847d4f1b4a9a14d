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
from voxlite.voiceprints import ScryptCost, Vault

PASSPHRASE = "korrekt Pferd Batterie"


def test_a_file_cut_off_anywhere_is_refused_and_left_alone(filled, tmp_path):
    whole = filled.path.read_bytes()
    cut = tmp_path / "cut.vault"
    pages = [place + step for place in range(4096, len(whole), 4096) for step in (-1, 0, 1)]
    for n_bytes in (1, 15, 16, 60, 99, 100, 511, 512, 1024, *pages, len(whole) - 100, len(whole) - 1):
        cut.write_bytes(whole[:n_bytes])
        with pytest.raises(StoreError, match=r"damaged|no store of voiceprints"):
            type(filled)(cut).read()
        assert cut.read_bytes() == whole[:n_bytes]
    cut.write_bytes(whole)
    assert type(filled)(cut).read() == filled.read()


def test_no_flipped_byte_of_the_file_changes_an_answer(filled, tmp_path):
    whole, wanted = filled.path.read_bytes(), filled.read()
    flip = tmp_path / "flip.vault"
    places = [*range(0, 112), *np.random.default_rng(5).integers(112, len(whole), 150).tolist()]
    refused = []
    for at in places:
        flip.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            assert type(filled)(flip).read() == wanted, at
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
    filled.change("PRAGMA user_version = 2")
    before = filled.path.read_bytes()
    with pytest.raises(StoreError, match=r"newer voxlite.*pip install --upgrade"):
        filled.read()
    assert filled.path.read_bytes() == before


def test_the_switch_to_a_write_ahead_log_waits_its_turn(filled):
    filled.change("PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(filled.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another program"):
            Vault(filled.path, PASSPHRASE, timeout_s=0.05)
        other.execute("ROLLBACK")
    assert len(filled.read()[0]) == 4


def test_a_file_that_sqlite_cannot_open(filled, monkeypatch):
    def fail(*_, **__):
        raise sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", fail)
        with pytest.raises(StoreError, match="allow writing"):
            Vault(filled.path, PASSPHRASE)
    assert len(filled.read()[0]) == 4


def test_a_lock_that_lasts_is_said(filled, make_print):
    with (
        closing(sqlite3.connect(filled.path, isolation_level=None)) as other,
        Vault(filled.path, PASSPHRASE, timeout_s=0.05) as vault,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"in use by another program for more than 0\.05 s: try again"):
            vault.add(make_print())
        assert len(vault.prints()) == 12  # readers do not wait
        other.execute("ROLLBACK")
        assert vault.add(make_print()) == 1


def test_a_full_disk_loses_nothing(filled, make_print):
    with Vault(filled.path, PASSPHRASE) as vault:
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
