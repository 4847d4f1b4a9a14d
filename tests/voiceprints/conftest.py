"""What tests of voiceprints share: prints of made-up people, vaults whose passphrase is cheap to check."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voxlite.voiceprints import PrintModel, ScryptCost, Vault, Voiceprint

CHEAP = ScryptCost(n=16, r=8, p=1)
PASSPHRASE = "korrekt Pferd Batterie"
DAY = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)

MakePrint = Callable[..., Voiceprint]
OpenVault = Callable[..., Vault]


@pytest.fixture(scope="session")
def make_print() -> MakePrint:
    """Return a maker of prints: a name, a seed for the embedding, and fields to be different."""

    def make(person: str = "Ada", seed: int = 0, dim: int = 8, **fields: Any) -> Voiceprint:
        embedding = np.random.default_rng(seed).normal(size=dim)
        given: dict[str, Any] = {
            "model": PrintModel("compact", "1"),
            "speech_s": 21.5,
            "consent_at": DAY,
            "purpose": "unlocking the door",
            "enrolled_at": DAY,
        }
        return Voiceprint(
            person, (embedding / np.linalg.norm(embedding)).astype(np.float32), **(given | fields)
        )

    return make


class VaultFile:
    """A closed vault, for looking at it and changing it behind voxlite's back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def change(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(statement, values)

    def rows(self) -> list[tuple[Any, ...]]:
        query = "SELECT id, key, person, model, sealed FROM prints ORDER BY id"
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def read(self) -> tuple[tuple[str, ...], bytes]:
        """Return what the vault says about itself, or raise its error."""
        with Vault(self.path, PASSPHRASE) as vault:
            index = vault.index(PrintModel("compact", "1"))
            assert len(index) == len(vault.prints())
            return vault.persons(), index.matrix.tobytes()


@pytest.fixture
def filled(tmp_path: Path, make_print: MakePrint) -> VaultFile:
    """Return a closed vault with twelve prints of four people."""
    path = tmp_path / "voices.vault"
    with Vault(path, PASSPHRASE, create=True, cost=CHEAP) as vault:
        vault.add(*(make_print(f"Person {n % 4}", n, dim=64) for n in range(12)))
    return VaultFile(path)


@pytest.fixture
def open_vault(tmp_path: Path) -> Iterator[OpenVault]:
    """Return an opener of vaults under the test's folder, which are closed after the test."""
    with ExitStack() as stack:

        def open_one(
            name: str | Path = "voices.vault", passphrase: str = PASSPHRASE, **options: Any
        ) -> Vault:
            path = name if isinstance(name, Path) else tmp_path / name
            options = {"create": True, "cost": CHEAP, "timeout_s": 5.0} | options
            return stack.enter_context(Vault(path, passphrase, **options))

        yield open_one
