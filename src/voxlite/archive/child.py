"""What runs in a worker process: a listener that answers one recording after the other until its parent is gone."""

from __future__ import annotations

import shutil
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry
from voxlite.archive.plans import Plan
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.archive.people import People

READY = b"ready"
"""A worker's first answer when its models are loaded; anything else is the line that says why not."""


def serve(parent: Connection, plan: str, known: bytes, scratch: str, people: People | None = None) -> None:
    """Load the models, say so, then answer entries with outcomes, both as JSON.

    Parameters
    ----------
    parent
        Two-way connection.
    plan, known
        As `Plan.to_json` and `Hashes.packed`.
    scratch
        Folder of this worker's own; erased at the end, and the one that it lies in if it is the last.
    people
        Whose names speakers get.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told too, and ends its workers in order
    signal.signal(signal.SIGTERM, _leave)
    try:
        _serve(parent, plan, known, scratch, people)
    except (EOFError, OSError):  # the parent is gone
        pass
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # others still have theirs in it
            Path(scratch).parent.rmdir()


def _serve(parent: Connection, plan: str, known: bytes, scratch: str, people: People | None) -> None:
    from voxlite.archive.listener import Listener

    try:
        listener = Listener(Plan.from_json(plan), Hashes(known), Path(scratch), people)
    except VoxliteError as error:
        parent.send_bytes(str(error).encode("utf-8", "backslashreplace"))
        return
    parent.send_bytes(READY)
    while True:
        entry = Entry.from_json(parent.recv_bytes())
        parent.send_bytes(listener.listen(entry).to_json().encode())


def _leave(number: int, frame: object) -> None:
    """End in order, so that nothing of a recording stays in the temporary folder."""
    raise SystemExit(128 + number)
