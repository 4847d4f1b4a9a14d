"""Several processes at one vault, and processes that are killed at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voxlite.voiceprints import Vault

WORKER = Path(__file__).with_name("worker.py")
PASSPHRASE = "korrekt Pferd Batterie"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WORKER), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ONE_THREAD},
    )


def answer(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


@pytest.mark.parametrize("n_processes", [2, 4])
def test_processes_write_at_once_and_lose_nothing(tmp_path, n_processes):
    path = tmp_path / "voices.vault"  # they also race for making it
    processes = [start("write", path, me, 10) for me in range(n_processes)]
    assert [answer(process).strip() for process in processes] == ["1"] * n_processes
    with Vault(path, PASSPHRASE) as vault:
        assert vault.persons() == tuple(f"Person {me}" for me in range(n_processes))
        assert len(vault.prints()) == n_processes
    assert [file.name for file in tmp_path.iterdir()] == ["voices.vault"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_vault_survives_being_killed_at_any_moment(tmp_path):
    during = json.loads(answer(start("kill", tmp_path / "voices.vault", 60, 7)))
    assert sum(during.values()) == 60
    assert {"adding", "forgetting"} <= set(during)
