"""Settings lie sealed beside the prints: kept through everything, and not to be changed from outside."""

from __future__ import annotations

import pytest

from voxlite.errors import StoreError

VALUE = {"slope": 1.25, "offset": -0.5}


def test_settings_outlast_changes_of_the_prints(open_vault, make_print):
    vault = open_vault()
    assert vault.setting("calibration") is None
    before = vault.version()
    vault.put_setting("calibration", VALUE)
    assert vault.version() != before
    vault.put_setting("other", {"a": 1})
    vault.add(make_print("Ada", 1), make_print("Bob", 2))
    vault.forget("Ada")
    vault.change_passphrase("another passphrase")
    vault.close()
    again = open_vault(passphrase="another passphrase")
    assert again.setting("calibration") == VALUE
    assert again.persons() == ("Bob",)
    again.put_setting("calibration", None)
    again.put_setting("calibration", None)
    assert again.setting("calibration") is None
    assert again.setting("other") == {"a": 1}


def test_damaged_prints_are_discarded_without_the_settings(open_vault, filled):
    with open_vault(filled.path) as vault:
        vault.put_setting("calibration", VALUE)
    filled.change("UPDATE prints SET sealed = zeroblob(200) WHERE id = 3")
    with open_vault(filled.path) as vault:
        assert vault.discard_damaged().n_prints == 1
        assert vault.setting("calibration") == VALUE
        assert len(vault.prints()) == 11


def test_settings_cannot_be_read_or_changed_from_outside(open_vault, filled):
    with open_vault(filled.path) as vault:
        vault.put_setting("calibration", VALUE)
    assert b"slope" not in filled.path.read_bytes()
    filled.change("UPDATE vault SET tally = CAST(substr(tally, 1, length(tally) - 2) || x'0001' AS BLOB)")
    with open_vault(filled.path) as vault:
        with pytest.raises(StoreError, match="changed or damaged"):
            vault.setting("calibration")
        vault.discard_damaged()
        assert vault.setting("calibration") is None
