import sys
from types import SimpleNamespace

import pytest

from voxlite.errors import MissingExtraError, StoreError
from voxlite.voiceprints import passphrase_from_keyring
from voxlite.voiceprints.crypto import passphrase_bytes


class KeyringError(Exception):
    pass


class Backend:
    """A keyring in memory, with the functions of the `keyring` package that are used."""

    def __init__(self):
        self.kept = {}
        self.errors = SimpleNamespace(KeyringError=KeyringError)

    def get_password(self, service, account):
        return self.kept.get((service, account))

    def set_password(self, service, account, value):
        self.kept[service, account] = value


@pytest.fixture
def backend(monkeypatch):
    found = Backend()
    monkeypatch.setitem(sys.modules, "keyring", found)
    monkeypatch.setitem(sys.modules, "keyring.errors", found.errors)
    return found


def test_a_random_passphrase_is_made_once(backend):
    with pytest.raises(StoreError, match=r"no passphrase for voxlite/voiceprints: enroll first"):
        passphrase_from_keyring()
    made = passphrase_from_keyring(create=True)
    assert len(made) >= 43
    assert passphrase_bytes(made, new=True) == made.encode()
    assert passphrase_from_keyring() == passphrase_from_keyring(create=True) == made
    assert passphrase_from_keyring("other", create=True) != made
    assert set(backend.kept) == {("voxlite", "voiceprints"), ("voxlite", "other")}


def test_a_keyring_that_does_not_work_is_said(backend):
    def locked(service, account):
        raise KeyringError("locked")

    backend.get_password = locked
    with pytest.raises(StoreError, match=r"keyring does not work here \(KeyringError\)"):
        passphrase_from_keyring()


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'voxlite\[keyring\]'"):
        passphrase_from_keyring()
