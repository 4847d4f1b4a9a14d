"""Voiceprints on the move: one JSON file under a passphrase, which WebCrypto can open without further code.

    key    = PBKDF2-HMAC-SHA-256(NFKC(passphrase) as UTF-8, salt, iterations), 32 bytes      (RFC 8018)
    bound  = "voxlite.voiceprints/1|PBKDF2-HMAC-SHA-256|ITERATIONS|SALT|AES-256-GCM|NONCE"   (the header as written)
    body   = AES-256-GCM(key, nonce, prints as JSON, associated data bound), tag at its end

PBKDF2 and not scrypt as in the vault, because browsers have no other; 600 000 iterations is what OWASP's Password
Storage Cheat Sheet asks for. docs/voiceprints.md documents the format.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from voxlite.errors import EnrollmentError, PassphraseError, StoreError
from voxlite.voiceprints.crypto import KEY_BYTES, NONCE_BYTES, SALT_BYTES, b64, passphrase_bytes, unb64
from voxlite.voiceprints.prints import Voiceprint
from voxlite.voiceprints.vault import Vault

FORMAT = "voxlite.voiceprints/1"
ITERATIONS = 600_000
_MAX_ITERATIONS = 20_000_000  # a header is a claim: more would only make the reader wait
_KDF, _CIPHER = "PBKDF2-HMAC-SHA-256", "AES-256-GCM"


@dataclass(frozen=True)
class Imported:
    """What an import brought.

    Parameters
    ----------
    n_prints
        Prints in the file.
    n_added
        Those that the vault did not have yet.
    persons
        Names of the people in the file, in alphabetical order.
    """

    n_prints: int
    n_added: int
    persons: tuple[str, ...]


def export_prints(
    vault: Vault, file: str | Path, passphrase: str, *, force: bool = False, iterations: int = ITERATIONS
) -> int:
    """Write all prints of a vault into one encrypted file, readable by its owner alone.

    Parameters
    ----------
    vault
        Open.
    file
        Written in one step: a failure leaves what was there.
    passphrase
        Of the file, 8 characters or more; need not be the vault's.
    force
        Replace a file that exists.
    iterations
        Of PBKDF2; lower it in tests only.

    Returns
    -------
    Number of prints written.

    Raises
    ------
    PassphraseError
        If the passphrase is too short.
    StoreError
        If the vault is damaged, or the file exists or cannot be written.
    """
    path = Path(file)
    if path.exists() and not force:
        raise StoreError(f"{path}: exists already: choose another name, or force it")
    prints = vault.prints()
    text = seal_container(prints, passphrase, iterations=iterations)
    try:
        _replace(path, text.encode("ascii"))
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}): choose another folder") from None
    return len(prints)


def import_prints(vault: Vault, file: str | Path, passphrase: str) -> Imported:
    """Add the prints of an exported file to a vault: all that are new, or, if something fails, none.

    Parameters
    ----------
    vault
        Open.
    file
        Made by `export_prints`.
    passphrase
        Of the file.

    Raises
    ------
    PassphraseError
        If the passphrase is wrong.
    StoreError
        If the file cannot be read, is no export, was changed, or the vault cannot be written.
    """
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}): name an exported file") from None
    prints = open_container(data, passphrase, str(path))
    persons = sorted({voiceprint.person for voiceprint in prints}, key=lambda name: (name.casefold(), name))
    return Imported(len(prints), vault.add(*prints), tuple(persons))


def seal_container(prints: Sequence[Voiceprint], passphrase: str, *, iterations: int = ITERATIONS) -> str:
    """Return the container of some prints as JSON text, ASCII.

    Raises
    ------
    PassphraseError
        If the passphrase is too short.
    """
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    key = _key(passphrase_bytes(passphrase, new=True), salt, iterations)
    rows = [{**one.facts(), "embedding": b64(one.embedding.astype("<f4").tobytes())} for one in prints]
    plain = json.dumps({"prints": rows}, ensure_ascii=False).encode()
    header: dict[str, Any] = {
        "format": FORMAT,
        "kdf": {"name": _KDF, "iterations": iterations, "salt": b64(salt)},
        "cipher": {"name": _CIPHER, "nonce": b64(nonce)},
    }
    return (
        json.dumps({**header, "body": b64(AESGCM(key).encrypt(nonce, plain, _bound(header)))}, indent=1)
        + "\n"
    )


def open_container(data: bytes, passphrase: str, where: str) -> list[Voiceprint]:
    """Return the prints of a container.

    Parameters
    ----------
    data
        The file's content.
    passphrase
        Of the file.
    where
        Names the file in errors.

    Raises
    ------
    PassphraseError
        If the passphrase is wrong; the cipher cannot tell that from a changed body.
    StoreError
        If it is no container, or one of another version.
    """
    try:
        outer: dict[str, Any] = json.loads(data)
        form, kdf, cipher = outer["format"], outer["kdf"], outer["cipher"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StoreError(f"{where}: no export of voiceprints, or cut off: name an exported file") from None
    if form != FORMAT:
        raise StoreError(
            f"{where}: an export of format {form!r}, this version reads {FORMAT}: update voxlite"
        )
    try:
        salt, nonce, body = unb64(kdf["salt"]), unb64(cipher["nonce"]), unb64(outer["body"])
        iterations = int(kdf["iterations"])
        fits = kdf["name"] == _KDF and cipher["name"] == _CIPHER and 1 <= iterations <= _MAX_ITERATIONS
        if not fits or len(nonce) != NONCE_BYTES:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{where}: its header is damaged: copy the file again") from None
    try:
        plain = AESGCM(_key(passphrase_bytes(passphrase), salt, iterations)).decrypt(
            nonce, body, _bound(outer)
        )
    except InvalidTag:
        raise PassphraseError(
            f"{where}: the passphrase is wrong, or the file was changed: try again"
        ) from None
    return _prints(plain, where)


def _prints(plain: bytes, where: str) -> list[Voiceprint]:
    try:
        rows = json.loads(plain)["prints"]
        return [Voiceprint.from_facts(row, np.frombuffer(unb64(row["embedding"]), "<f4")) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{where}: its prints cannot be read ({type(error).__name__}): export them again"
        ) from None
    except EnrollmentError as error:
        raise StoreError(f"{where}: {error}") from None


def _bound(header: dict[str, Any]) -> bytes:
    kdf, cipher = header["kdf"], header["cipher"]
    parts = (header["format"], kdf["name"], kdf["iterations"], kdf["salt"], cipher["name"], cipher["nonce"])
    return "|".join(map(str, parts)).encode()


def _key(passphrase: bytes, salt: bytes, iterations: int) -> bytes:
    return PBKDF2HMAC(algorithm=SHA256(), length=KEY_BYTES, salt=salt, iterations=iterations).derive(
        passphrase
    )


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside its place, readable by its owner alone, and put it there when it is on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
