"""Keys and sealing for voiceprints at rest.

passphrase --NFKC, scrypt(salt)--> wrapping key --AES-256-GCM--> master key --HKDF-SHA-256--> sealing key, look-up key

The master key is random and kept wrapped in the header: another passphrase means another header, not other rows.
Sealed is `nonce (12 bytes, random) | ciphertext | tag (16 bytes)` of AES-256-GCM; whatever a row says in the clear is
its associated data. Random nonces are safe for 2^32 seals under one key (NIST SP 800-38D, 8.3).

Why scrypt (RFC 7914) and not Argon2id (RFC 9106): both are memory-hard, and OWASP's Password Storage Cheat Sheet
accepts either. But `cryptography` offers Argon2id since version 44 and only over OpenSSL 3.2 or newer, so that a store
made here might not open on a phone or an older Linux; scrypt is everywhere, in hashlib too. The cost is the strongest
that OWASP lists, N = 2^17, r = 8, p = 1: 128 MiB for each guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from voxlite.errors import PassphraseError, StoreError

KEY_BYTES, NONCE_BYTES, SALT_BYTES, TOKEN_BYTES = 32, 12, 16, 16
MIN_PASSPHRASE_CHARACTERS = 8
"""NIST SP 800-63B's least length; only new passphrases are judged."""
_MAX_SCRYPT_BYTES = 1 << 30
"""A header is a claim: one that asks for more is refused before anything is allocated."""
_HEADER_SCHEMA = "voxlite.vault-key/1"


@dataclass(frozen=True)
class ScryptCost:
    """What one guess of a passphrase costs.

    Parameters
    ----------
    n, r, p
        scrypt's parameters; 128 n r bytes of memory. Lower them in tests only.
    """

    n: int = 1 << 17
    r: int = 8
    p: int = 1

    @property
    def memory_bytes(self) -> int:
        """Memory that deriving one key takes."""
        return 128 * self.n * self.r

    @property
    def is_sane(self) -> bool:
        """Whether scrypt can be run with it, within a gibibyte."""
        return self.n >= 2 and self.n & (self.n - 1) == 0 and 1 <= self.r <= 64 and 1 <= self.p <= 16 and (
            self.memory_bytes <= _MAX_SCRYPT_BYTES
        )  # fmt: skip


class Sealer:
    """Seals bytes and makes look-up tokens under one master key.

    Parameters
    ----------
    key
        The master key, 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._aead = AESGCM(_subkey(key, b"voxlite voiceprints: sealing"))
        self._lookup_key = _subkey(key, b"voxlite voiceprints: look-up")

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Encrypt `plain`, bound to `context`: it can only be opened with the same."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return what was sealed.

        Raises
        ------
        StoreError
            If the bytes, the context or the key are not those of the sealing; say where when you pass it on.
        """
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce and a tag
            raise StoreError("sealed bytes were changed") from None

    def token(self, *parts: bytes) -> bytes:
        """Return 16 bytes that stand for `parts` and tell nothing about them without the key (HMAC-SHA-256)."""
        digest = hmac.new(self._lookup_key, digestmod=hashlib.sha256)
        for part in parts:  # lengths keep ("ab", "c") and ("a", "bc") apart
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.digest()[:TOKEN_BYTES]


def _subkey(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(key)


def passphrase_bytes(passphrase: str, *, new: bool = False) -> bytes:
    """Return a passphrase in the form that keys are derived from: NFKC, so that every keyboard types the same.

    Parameters
    ----------
    passphrase
        As a person typed it.
    new
        It is being chosen: its length is judged.

    Raises
    ------
    PassphraseError
        If it is empty, or new and shorter than 8 characters.
    """
    text = unicodedata.normalize("NFKC", passphrase)
    least = MIN_PASSPHRASE_CHARACTERS if new else 1
    if len(text) < least:
        had = f"of {len(text)} characters" if text else "that is empty"
        raise PassphraseError(f"a passphrase {had}: give at least {least} characters, several words are best")
    return text.encode("utf-8", "surrogatepass")


def wrap_key(key: bytes, passphrase: str, cost: ScryptCost) -> str:
    """Return the header, JSON, from which `unwrap_key` gets the master key back with the passphrase.

    Raises
    ------
    PassphraseError
        If the passphrase is too short.
    """
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    fields = {
        "schema": _HEADER_SCHEMA,
        "kdf": "scrypt",
        "n": cost.n,
        "r": cost.r,
        "p": cost.p,
        "salt": b64(salt),
    }
    wrapping = AESGCM(_scrypt(passphrase_bytes(passphrase, new=True), salt, cost))
    wrapped = wrapping.encrypt(nonce, key, _plain_json(fields))
    fields |= {"nonce": b64(nonce), "wrapped_key": b64(wrapped)}
    return json.dumps({**fields, "check": _check(fields)})


def unwrap_key(header: str, passphrase: str, where: str) -> bytes:
    """Return the master key of a header.

    Parameters
    ----------
    header
        From `wrap_key`.
    where
        Names the file in errors.

    Raises
    ------
    PassphraseError
        If the passphrase is not the header's.
    StoreError
        If the header is damaged; a plain checksum tells that from a wrong passphrase.
    """
    try:
        fields: dict[str, Any] = json.loads(header)
        check = fields.pop("check")
        salt, nonce, wrapped = (unb64(fields[name]) for name in ("salt", "nonce", "wrapped_key"))
        cost = ScryptCost(int(fields["n"]), int(fields["r"]), int(fields["p"]))
        intact = check == _check(fields) and fields["schema"] == _HEADER_SCHEMA and cost.is_sane
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intact = False
    if not intact:
        raise StoreError(
            f"{where}: its key header is damaged: restore the file from a copy, or import an export"
        )
    bound = _plain_json(
        {name: value for name, value in fields.items() if name not in ("nonce", "wrapped_key")}
    )
    try:
        return AESGCM(_scrypt(passphrase_bytes(passphrase), salt, cost)).decrypt(nonce, wrapped, bound)
    except (InvalidTag, ValueError):
        raise PassphraseError(
            f"{where}: the passphrase is wrong: try again, it cannot be recovered"
        ) from None


def _scrypt(passphrase: bytes, salt: bytes, cost: ScryptCost) -> bytes:
    try:
        return Scrypt(salt=salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p).derive(passphrase)
    except MemoryError:
        mib = cost.memory_bytes >> 20
        raise StoreError(
            f"scrypt needs {mib} MiB of memory for the passphrase: close other programs"
        ) from None


def _plain_json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True).encode()


def _check(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_plain_json(fields)).hexdigest()


def b64(data: bytes) -> str:
    """Return bytes as Base64 text."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    """Return the bytes of a Base64 text.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, binascii.Error) as error:
        raise ValueError(str(error)) from None
