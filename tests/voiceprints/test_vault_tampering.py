"""Rows and headers that somebody changed: each is noticed, and what is intact can be saved."""

from __future__ import annotations

import pytest

from voxlite.errors import PassphraseError, StoreError
from voxlite.voiceprints import ScryptCost, Vault

PASSPHRASE = "korrekt Pferd Batterie"


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("column", ["key", "person", "model", "sealed"])
def test_any_flipped_byte_of_a_row_is_noticed(filled, column):
    value = filled.rows()[5][("id", "key", "person", "model", "sealed").index(column)]
    for at in {0, 7, len(value) // 2, len(value) - 1}:
        filled.change(f"UPDATE prints SET {column} = ? WHERE id = 6", flipped(value, at))
        with pytest.raises(StoreError, match=r"print 6 was changed.*discard_damaged"):
            filled.read()
    for other in (value[:-1], value + b"x", b"", "text", 3, 1.5):
        filled.change(f"UPDATE prints SET {column} = ? WHERE id = 6", other)
        with pytest.raises(StoreError, match="print 6 was changed"):
            filled.read()
    filled.change(f"UPDATE prints SET {column} = ? WHERE id = 6", value)
    assert len(filled.read()[0]) == 4


@pytest.mark.parametrize(
    "columns", [("sealed",), ("person",), ("key", "sealed"), ("person", "sealed"), ("key",)]
)
def test_swapped_rows_are_noticed(filled, columns):
    names = ("id", "key", "person", "model", "sealed")
    one, other = filled.rows()[:2]
    filled.change("UPDATE prints SET key = x'00' WHERE id = 1")
    for row_id, source in ((2, one), (1, other)):
        for column in columns:
            filled.change(f"UPDATE prints SET {column} = ? WHERE id = ?", source[names.index(column)], row_id)
    if "key" not in columns:
        filled.change("UPDATE prints SET key = ? WHERE id = 1", one[1])
    with pytest.raises(StoreError, match="was changed"):
        filled.read()


def test_boundaries_between_tokens_are_bound(filled):
    row_id, key, person, *_ = filled.rows()[0]
    filled.change("UPDATE prints SET key = ?, person = ? WHERE id = ?", key + person[:1], person[1:], row_id)
    with pytest.raises(StoreError, match="was changed"):
        filled.read()


def test_a_row_of_another_vault_is_noticed(filled, tmp_path, make_print):
    with Vault(tmp_path / "other", PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1)) as vault:
        vault.add(make_print("Mallory", 77, dim=64))
    filled.change(
        "INSERT INTO prints VALUES (?, ?, ?, ?, ?)", 99, *type(filled)(tmp_path / "other").rows()[0][1:]
    )
    with pytest.raises(StoreError, match="not the 12 that were stored"):
        filled.read()


def test_rows_that_vanish_or_come_back_are_noticed(filled):
    gone = filled.rows()[3]
    filled.change("DELETE FROM prints WHERE id = 4")
    with pytest.raises(StoreError, match="not the 12 that were stored"):
        filled.read()
    with (
        Vault(filled.path, PASSPHRASE) as vault,
        pytest.raises(StoreError, match="not the 12 that were stored"),
    ):
        vault.prints("Person 0")
    with Vault(filled.path, PASSPHRASE) as vault:
        assert vault.discard_damaged().n_prints == 0
        assert len(vault.prints()) == 11
    filled.change("INSERT INTO prints VALUES (?, ?, ?, ?, ?)", *gone)
    with pytest.raises(StoreError, match="not the 11 that were stored"):
        filled.read()


def test_a_changed_tally_is_noticed_and_made_good(filled, make_print):
    for value in (b"", b"x" * 52, "text", 3):
        filled.change("UPDATE vault SET tally = ?", value)
        with Vault(filled.path, PASSPHRASE) as vault:
            for ask in (
                vault.persons,
                lambda vault=vault: vault.add(make_print()),
                lambda vault=vault: vault.forget("Person 1"),
            ):
                with pytest.raises(StoreError, match=r"count of its prints was changed"):
                    ask()
    with Vault(filled.path, PASSPHRASE) as vault:
        assert vault.discard_damaged().n_prints == 0
        assert len(vault.prints()) == 12


def test_one_damaged_print_does_not_cost_the_others(filled):
    filled.change("UPDATE prints SET sealed = ? WHERE id = 6", flipped(filled.rows()[5][4], 40))
    filled.change("UPDATE prints SET sealed = 'text' WHERE id = 7")
    with Vault(filled.path, PASSPHRASE) as vault:
        assert len(vault.prints("Person 0")) == 3  # untouched people can still be verified
        receipt = vault.discard_damaged()
        assert (receipt.what, receipt.n_prints, receipt.proven) == ("damaged prints", 2, True)
        assert len(vault.prints()) == 10
        assert vault.add(*vault.prints()) == 0


def test_a_damaged_header_is_not_a_wrong_passphrase(filled):
    for value in ("{}", "", b"bytes", 3):
        filled.change("UPDATE vault SET header = ?", value)
        with pytest.raises(StoreError, match="damaged") as caught:
            filled.read()
        assert not isinstance(caught.value, PassphraseError)
    filled.change("DELETE FROM vault")
    with pytest.raises(StoreError, match="damaged"):
        filled.read()


def test_a_foreign_trigger_is_refused(filled):
    filled.change("CREATE TRIGGER prints AFTER DELETE ON prints BEGIN UPDATE vault SET unscrubbed = 0; END")
    with pytest.raises(StoreError, match="damaged"):
        filled.read()


def test_an_intact_row_that_this_version_cannot_read(filled, make_print):
    from voxlite.voiceprints import sealing

    with Vault(filled.path, PASSPHRASE) as vault:
        strange = make_print("Zoe")
        object.__setattr__(strange, "speech_s", -1.0)
        vault.add(strange)
        with pytest.raises(StoreError, match=r"speech_s is -1.*another version of voxlite"):
            vault.prints("Zoe")
        with pytest.raises(StoreError, match="tally was changed"):
            sealing.Tally.open(vault._sealer, None)
        assert vault.forget("Zoe").proven
