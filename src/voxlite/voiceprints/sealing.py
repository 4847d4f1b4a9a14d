"""How one print becomes one row: what is sealed, and what stays in the clear beside it.

    sealed = AES-256-GCM( dim u32 | embedding dim x float32 | facts JSON, padded with spaces to 128 bytes )
    associated data = schema | key | person | model

Little-endian throughout. In the clear are three tokens of 16 bytes (keyed HMACs): `key` stands for person, model and
embedding, so that the same print cannot be stored twice; `person` and `model` find rows. Without the passphrase the
file says how many prints there are, which belong together, how long embeddings are and in what order they came.

The tally is a sealed count and exclusive-or of all keys: rows that vanish are noticed like rows that change. Settings
of the store (how its scores are calibrated) are sealed together with it, so that they can neither be changed nor taken
away on their own. What nobody can notice from the file alone is an older copy of the whole file put in its place.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voxlite.errors import StoreError
from voxlite.values import FloatArray
from voxlite.voiceprints.crypto import TOKEN_BYTES, Sealer
from voxlite.voiceprints.prints import MAX_DIM, PrintModel, Voiceprint, person_name

_ROW, _TALLY = b"voxlite.vault/1 print", b"voxlite.vault/1 tally"
_PAD_BYTES = 128
_DIM = struct.Struct("<I")
_COUNT = struct.Struct("<Q16s")

Row = tuple[int, bytes, bytes, bytes, bytes]
"""id, key, person, model, sealed: as the table has them, so any of them may be anything in a damaged file."""


def person_token(sealer: Sealer, person: str) -> bytes:
    """Return the token of a name."""
    return sealer.token(b"person", person_name(person).encode())


def model_token(sealer: Sealer, model: PrintModel) -> bytes:
    """Return the token of a model."""
    return sealer.token(b"model", model.name.encode(), model.version.encode())


def seal_print(sealer: Sealer, voiceprint: Voiceprint) -> tuple[bytes, bytes, bytes, bytes]:
    """Return key, person, model and sealed of a print's row."""
    embedding = voiceprint.embedding.astype("<f4").tobytes()
    person, model = person_token(sealer, voiceprint.person), model_token(sealer, voiceprint.model)
    key = sealer.token(b"print", person, model, embedding)
    facts = json.dumps(voiceprint.facts(), ensure_ascii=False).encode()
    plain = _DIM.pack(len(voiceprint.embedding)) + embedding + facts
    plain += b" " * (-len(plain) % _PAD_BYTES)
    return key, person, model, sealer.seal(plain, _ROW + key + person + model)


def open_row(sealer: Sealer, row: Row) -> bytes:
    """Return the plain bytes of a row.

    Raises
    ------
    StoreError
        If anything in the row is not as it was written.
    """
    _, key, person, model, sealed = row
    try:
        if len(key) != TOKEN_BYTES or len(person) != TOKEN_BYTES or len(model) != TOKEN_BYTES:
            raise StoreError("tokens were changed")  # lengths first: their sum alone is bound to the seal
        return sealer.open(sealed, _ROW + key + person + model)
    except TypeError:
        raise StoreError("columns were changed") from None


def embedding_of(plain: bytes) -> FloatArray:
    """Return the embedding of an opened row, float32[dim]: a view of its bytes."""
    (dim,) = _DIM.unpack_from(plain)
    return np.frombuffer(plain, "<f4", min(dim, MAX_DIM), _DIM.size).astype(np.float32, copy=False)


def facts_of(plain: bytes) -> dict[str, Any]:
    """Return the facts of an opened row."""
    (dim,) = _DIM.unpack_from(plain)
    facts: dict[str, Any] = json.loads(plain[_DIM.size + 4 * dim :])
    return facts


def print_of(plain: bytes) -> Voiceprint:
    """Return the print of an opened row.

    Raises
    ------
    EnrollmentError
        If this version cannot use what an intact row says.
    """
    return Voiceprint.from_facts(facts_of(plain), embedding_of(plain))


@dataclass
class Tally:
    """Number of rows and exclusive-or of their keys; the settings travel with it and are not compared."""

    n: int = 0
    keys: int = 0
    settings: dict[str, Any] = field(default_factory=dict, compare=False)

    def add(self, key: bytes) -> None:
        """Count a row in."""
        self.n += 1
        self.keys ^= int.from_bytes(key, "little")

    def remove(self, key: bytes) -> None:
        """Count a row out."""
        self.n -= 1
        self.keys ^= int.from_bytes(key, "little")

    def seal(self, sealer: Sealer) -> bytes:
        """Return it sealed."""
        plain = _COUNT.pack(self.n, self.keys.to_bytes(TOKEN_BYTES, "little"))
        if self.settings:
            plain += json.dumps(self.settings, sort_keys=True, allow_nan=False).encode()
        return sealer.seal(plain, _TALLY)

    @classmethod
    def open(cls, sealer: Sealer, sealed: bytes) -> Tally:
        """Return what was sealed.

        Raises
        ------
        StoreError
            If it was changed.
        """
        try:
            plain = sealer.open(sealed, _TALLY)
        except TypeError:
            raise StoreError("the tally was changed") from None
        n, keys = _COUNT.unpack_from(plain)
        settings = json.loads(plain[_COUNT.size :]) if len(plain) > _COUNT.size else {}
        return cls(n, int.from_bytes(keys, "little"), settings)
