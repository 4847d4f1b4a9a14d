"""A process that works on a vault; started by test_vault_processes.py, never imported.

write PATH ME N     add N prints of "Person ME", every third time erase them all; print how many must be there
kill PATH N SEED    fork N processes that add and forget, kill each at a random moment, look at the vault after each
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from voxlite.voiceprints import PrintModel, ScryptCost, Vault, Voiceprint

PASSPHRASE = "korrekt Pferd Batterie"
MODEL = PrintModel("compact", "1")
DAY = datetime(2026, 5, 1, tzinfo=timezone.utc)
BATCH = 5


def opened(path: Path) -> Vault:
    return Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1), timeout_s=60)


def some_print(person: str, seed: int) -> Voiceprint:
    vector = np.random.default_rng(seed).normal(size=192)
    embedding = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Voiceprint(person, embedding, MODEL, 20.0, DAY, "a test", DAY)


def write(path: Path, me: int, n: int) -> None:
    name, kept = f"Person {me}", 0
    for turn in range(n):
        with opened(path) as vault:
            kept += vault.add(some_print(name, 1000 * me + turn))
            assert len(vault.prints(name)) == kept
            if turn % 3 == 2:
                kept -= vault.forget(name).n_prints
    print(kept)


def act(path: Path, round_: int, out: int) -> None:
    """Add batches and forget them until killed; report each step before and after it."""
    with opened(path) as vault:
        for turn in range(10_000):
            name = f"Person {round_}.{turn}"
            os.write(out, f"adding {name}\n".encode())
            vault.add(*(some_print(name, 100 * turn + n) for n in range(BATCH)))
            os.write(out, f"added {name}\n".encode())
            if turn % 2:
                os.write(out, f"forgetting {name}\n".encode())
                vault.forget(name)
                os.write(out, f"forgotten {name}\n".encode())


def pace_s(path: Path) -> float:
    """Return how long it takes here to open a vault, add two batches and forget one: a busy machine takes longer."""
    started = time.monotonic()
    with opened(path) as vault:
        for name in ("Ada", "Bob"):
            vault.add(*(some_print(name, n) for n in range(BATCH)))
        vault.forget("Bob")
    return time.monotonic() - started


def kill(path: Path, n: int, seed: int) -> None:
    """Print what was found after each kill; an inconsistent vault ends this with an exception."""
    rng = random.Random(seed)
    expected: set[str] = set()
    during: dict[str, int] = {}
    longest_s = max(0.06, 1.5 * pace_s(path.with_name("pace.vault")))
    for round_ in range(n):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            act(path, round_, writing)
            os._exit(1)
        os.close(writing)
        time.sleep(rng.uniform(0.0, longest_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading) as log:
            steps = [line.rstrip("\n").split(" ", 1) for line in log]
        expected |= {name for step, name in steps if step == "added"}
        expected -= {name for step, name in steps if step == "forgotten"}
        last, name = steps[-1] if steps else ("opening", "")
        during[last] = during.get(last, 0) + 1
        with opened(path) as vault:
            found = set(vault.persons())
            open_question = {name} if last in ("adding", "forgetting") else set()
            assert found - open_question == expected - open_question, (last, name, found ^ expected)
            expected = found
            with (
                vault._database.transaction() as connection
            ):  # what was deleted is erased by now, whoever began it
                assert connection.execute("SELECT unscrubbed FROM vault").fetchone() == (0,), last
            assert len(vault.prints()) == len(vault.index(MODEL)) == BATCH * len(found), last
        if not rng.randrange(4):
            path.unlink()  # so that making a vault is killed often too
            expected = set()
    print(json.dumps(during))


if __name__ == "__main__":
    command, where, *numbers = sys.argv[1:]
    {"write": write, "kill": kill}[command](Path(where), *map(int, numbers))
