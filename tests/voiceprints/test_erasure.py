"""What is forgotten is searched for in the bytes of the files, by the vault itself and by these tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import StoreError
from voxlite.voiceprints.database import Database
from voxlite.voiceprints.erasure import HeldFile, search

NAME = "Wilhelmine Zwiebelfisch"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def sealed_of(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT sealed FROM prints ORDER BY id")]


def pieces(data: bytes) -> list[bytes]:
    return [data[at : at + 16] for at in range(0, len(data) - 16, 16)]


def holds_any(folder: Path, data: bytes) -> bool:
    found = bytes_of(folder)
    return any(piece in found for piece in pieces(data))


def test_neither_names_nor_voices_can_be_read_in_the_file(open_vault, make_print, tmp_path):
    vault = open_vault()
    prints = [make_print(f"{NAME} {n}", n, dim=192, source="headset", purpose="unlocking") for n in range(30)]
    vault.add(*prints)
    for _ in range(2):  # in the log, then in the database
        found = bytes_of(tmp_path)
        for secret in (NAME, "Zwiebel", "headset", "unlocking", "compact", "2026-05"):
            assert secret.encode() not in found
            assert secret.encode("utf-16-le") not in found
        assert not any(one.embedding[:4].tobytes() in found for one in prints)
        vault.close()


def test_lengths_of_names_do_not_show(open_vault, make_print, tmp_path):
    open_vault().add(make_print("Al"), make_print("Alexandra Konstantinopolskaja"))
    assert len({len(sealed) for sealed in sealed_of(tmp_path / "voices.vault")}) == 1


def test_equal_prints_look_different_in_two_vaults(open_vault, make_print, tmp_path):
    for name in ("one.vault", "two.vault"):
        open_vault(name).add(make_print())
    (one,), (other,) = (sealed_of(tmp_path / name) for name in ("one.vault", "two.vault"))
    assert not set(pieces(one)) & set(pieces(other))


@pytest.mark.parametrize("n_others", [0, 40])
def test_nothing_of_a_forgotten_person_is_left(open_vault, make_print, tmp_path, n_others):
    vault = open_vault()
    for n in range(n_others):
        vault.add(make_print(f"Person {n}", n, dim=192))
        if n % 20 == 5:
            vault.add(make_print(NAME, 1000 + n, dim=192), make_print(NAME, 2000 + n, dim=192))
    vault.add(make_print(NAME, 3000, dim=192))
    before = sealed_of(tmp_path / "voices.vault")
    stored = bytes_of(tmp_path)
    assert all(piece in stored for sealed in before for piece in pieces(sealed))
    receipt = vault.forget(NAME)
    kept = sealed_of(tmp_path / "voices.vault")
    gone = [sealed for sealed in before if sealed not in kept]
    assert receipt.n_prints == len(gone) == (5 if n_others else 1)
    assert receipt.n_bytes == sum(map(len, gone))
    assert {name for name, _ in receipt.searched} == {"voices.vault", "voices.vault-wal"}
    assert receipt.proven
    assert receipt.to_dict()["proven"] is True
    assert receipt.to_dict()["what"] == NAME
    left = bytes_of(tmp_path)
    assert not [piece for sealed in gone for piece in pieces(sealed) if piece in left]
    assert all(sealed[:16] in left for sealed in kept)
    assert len(vault.persons()) == n_others


def test_the_old_passphrases_header_is_gone(open_vault, tmp_path):
    vault = open_vault()
    with closing(sqlite3.connect(tmp_path / "voices.vault")) as connection:
        old = connection.execute("SELECT header FROM vault").fetchone()[0].encode()
    assert old in bytes_of(tmp_path)
    assert vault.change_passphrase("ein anderer Satz").proven
    assert old[-90:] not in bytes_of(tmp_path)


def test_a_reader_in_the_way_is_said_and_made_good_later(open_vault, make_print, tmp_path):
    vault = open_vault(timeout_s=0.05)
    vault.add(make_print(NAME, dim=192), make_print("Ada", 1, dim=192))
    path = tmp_path / "voices.vault"
    sealed = sealed_of(path)[0]
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM prints").fetchall()
        receipt = vault.forget(NAME)
        assert not receipt.proven
        assert receipt.remains
        assert vault.persons() == ("Ada",)
        reader.execute("ROLLBACK")
    assert holds_any(tmp_path, sealed)
    assert open_vault().persons() == ("Ada",)  # whoever opens it next finishes the erasure
    assert not holds_any(tmp_path, sealed)


def test_a_kill_between_deleting_and_erasing_is_made_good(open_vault, make_print, tmp_path, monkeypatch):
    vault = open_vault()
    vault.add(make_print(NAME, dim=192))
    (sealed,) = sealed_of(tmp_path / "voices.vault")

    def killed(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Database, "scrub", killed)
        with pytest.raises(KeyboardInterrupt):
            vault.forget(NAME)
    assert sealed in bytes_of(tmp_path)
    open_vault()
    assert not holds_any(tmp_path, sealed)


@given(
    data=st.binary(min_size=300, max_size=600),
    before=st.integers(0, 40),
    keep=st.integers(264, 600),
    block=st.sampled_from([9, 64, 1 << 20]),
)
def test_a_fragment_is_found_wherever_it_lies(tmp_path_factory, data, before, keep, block):
    from voxlite.voiceprints import erasure

    folder = tmp_path_factory.mktemp("search")
    path = folder / "file"
    start = min(before, len(data) - 264)
    path.write_bytes(b"\0" * before + data[start : start + keep] + b"\0" * 3)
    (folder / "file-journal").write_bytes(data)
    (folder / "file-wal").write_bytes(b"")
    held = HeldFile(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasure, "_BLOCK_BYTES", block)
        searched, remains = search(held, [data])
    held.release()
    assert [name for name, _ in searched] == ["file", "file-wal", "file-journal"]
    assert searched[0][1] == path.stat().st_size
    assert {"file", "file-journal"} == set(remains)


@given(seed=st.integers(0, 10_000), n=st.integers(0, 3))
def test_other_bytes_are_not_mistaken(tmp_path_factory, seed, n):
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("search") / "file"
    path.write_bytes(rng.bytes(5000))
    held = HeldFile(path)
    assert search(held, [rng.bytes(400) for _ in range(n)])[1] == ()
    assert search(held, [b"short"])[1] == ()
    held.release()


def test_errors_of_sqlite_that_nobody_foresaw_are_store_errors(open_vault):
    vault = open_vault()
    with pytest.raises(StoreError, match="SQLite failed"), vault._database.lock():
        vault._database.connection.execute("SELECT nonsense(1)")
