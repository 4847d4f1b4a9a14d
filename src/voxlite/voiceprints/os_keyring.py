"""A store's passphrase from the operating system's keyring (extra `keyring`), so that nobody has to type one."""

from __future__ import annotations

import secrets
from types import ModuleType

from voxlite.errors import MissingExtraError, StoreError

SERVICE = "voxlite"
_RANDOM_BYTES = 32


def passphrase_from_keyring(account: str = "voiceprints", *, create: bool = False) -> str:
    """Return the passphrase that the keyring has for a store.

    Parameters
    ----------
    account
        Which store; the service is "voxlite".
    create
        If there is none yet, put 256 random bits there. Without the keyring such a store cannot be opened: export its
        prints if they have to survive the machine.

    Raises
    ------
    MissingExtraError
        If the extra is not installed.
    StoreError
        If there is no passphrase or no keyring that works.
    """
    keyring = _keyring()
    try:
        found = keyring.get_password(SERVICE, account)
        if found is None and create:
            keyring.set_password(SERVICE, account, secrets.token_urlsafe(_RANDOM_BYTES))
            found = keyring.get_password(
                SERVICE, account
            )  # what it says counts: another process may have been first
    except keyring.errors.KeyringError as error:
        raise StoreError(
            f"the keyring does not work here ({type(error).__name__}): give the passphrase another way"
        ) from error
    if not found:
        raise StoreError(
            f"the keyring has no passphrase for {SERVICE}/{account}: enroll first, or give it another way"
        )
    return str(found)


def _keyring() -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise MissingExtraError("a passphrase from the operating system's keyring", "keyring") from None
    module: ModuleType = keyring
    return module
