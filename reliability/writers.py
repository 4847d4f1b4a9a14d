"""Processes that write into a store until they are killed, and the ledger of what they were promised."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from voxlite.errors import StoreError
from voxlite.voiceprints import PrintModel, ScryptCost, Vault, Voiceprint

BATCH = 5
"""Prints per person, added in one step."""
PASSPHRASE = "four words make a passphrase"
_MODEL = PrintModel("compact", "1")
_DAY = datetime(2026, 5, 1, tzinfo=timezone.utc)
_WAIT_S = 60.0


def opened(path: Path) -> Vault:
    """Return the store, made if it is missing; its passphrase is cheap to check, as no attacker is meant."""
    return Vault(path, PASSPHRASE, create=True, cost=ScryptCost(16, 8, 1), timeout_s=_WAIT_S)


def batch(person: str) -> list[Voiceprint]:
    """Return the prints of a made-up person, always the same."""
    rng = np.random.default_rng(list(person.encode()))
    rows = rng.normal(size=(BATCH, 192))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [Voiceprint(person, row.astype(np.float32), _MODEL, 20.0, _DAY, "a test", _DAY) for row in rows]


class Writer:
    """A child that writes until it is killed.

    Parameters
    ----------
    pid
        Of the child.
    log
        Descriptor of the reading end of its pipe.
    """

    def __init__(self, pid: int, log: int) -> None:
        self.pid, self._log, self._rest = pid, log, b""
        self._dead = False
        os.set_blocking(log, False)

    @classmethod
    def start(cls, path: Path, serial: int) -> Writer:
        """Fork a child whose people carry `serial` in their names."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return cls(pid, reading)
        try:
            os.close(reading)
            _write_until_killed(path, serial, writing)
        except BaseException:
            os.write(writing, f"failed {' '.join(traceback.format_exc().split())[-800:]}\n".encode())
        finally:
            os._exit(1)

    def kill(self) -> None:
        """Kill the child and wait until it is gone; again does nothing."""
        if not self._dead:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._dead = True

    def hear(self) -> list[str]:
        """Return the whole lines that have arrived since the last call."""
        while True:
            try:
                portion = os.read(self._log, 1 << 16)
            except BlockingIOError:
                break
            if not portion:
                break
            self._rest += portion
        *whole, self._rest = self._rest.split(b"\n")
        return [line.decode() for line in whole]

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._log)


class Ledger:
    """What the store acknowledged.

    Attributes
    ----------
    there, gone
        People whose adding, or forgetting, was acknowledged.
    doubtful
        People with whom a killed writer was in the middle of something: there or not, but never in part.
    acknowledged
        Steps by kind.
    """

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.gone: set[str] = set()
        self.doubtful: set[str] = set()
        self.acknowledged: Counter[str] = Counter()
        self._last: dict[int, tuple[str, str]] = {}

    def hear(self, writers: Iterable[Writer]) -> None:
        """Note what writers have said since the last call.

        Raises
        ------
        RuntimeError
            If a writer met an error.
        """
        for writer in writers:
            for line in writer.hear():
                self._note(writer, *line.split(" ", 1))

    def _note(self, writer: Writer, step: str, what: str) -> None:
        if step == "failed":
            raise RuntimeError(f"a writer met an error: {what}")
        if step == "waited":  # told that the store was in use: nothing was changed, and nothing promised
            before, who = self._last.get(writer.pid, ("", ""))
            if before in ("adding", "forgetting"):
                self.doubtful.add(who)
        self._last[writer.pid] = (step, what)
        if step == "added":
            self.there.add(what)
        elif step == "forgetting":
            self.there.discard(what)
        elif step == "forgotten":
            self.gone.add(what)
        if step in ("added", "forgotten", "waited"):
            self.acknowledged[step] += 1

    def bury(self, writer: Writer) -> str:
        """Settle what a killed writer left open, and return what it was doing."""
        writer.close()
        step, what = self._last.pop(writer.pid, ("opening", ""))
        if step in ("adding", "forgetting"):
            self.doubtful.add(what)
        return step


def _write_until_killed(path: Path, serial: int, out: int) -> None:
    """Add and forget without end; told that the store is in use, try again, as a person would."""
    turn = 0
    while True:
        began = time.monotonic()
        try:
            with opened(path) as vault:  # opening and closing are moments to be killed at, too
                os.write(out, b"opened -\n")
                for _ in range(4):
                    began = time.monotonic()
                    _add_and_forget(vault, f"Person {serial}.{turn}", out, forget=turn > 0)
                    turn += 1
                os.write(out, b"closing -\n")
                began = time.monotonic()
        except StoreError as error:
            waited_s = time.monotonic() - began
            if "in use by another program" not in str(error) or waited_s < 0.9 * _WAIT_S:
                raise
            os.write(out, f"waited {waited_s:.0f}\n".encode())
            turn += 1


def _add_and_forget(vault: Vault, name: str, out: int, *, forget: bool) -> None:
    os.write(out, f"adding {name}\n".encode())
    vault.add(*batch(name))
    os.write(out, f"added {name}\n".encode())
    if forget:  # one person of each writer stays
        os.write(out, f"forgetting {name}\n".encode())
        vault.forget(name)
        os.write(out, f"forgotten {name}\n".encode())
