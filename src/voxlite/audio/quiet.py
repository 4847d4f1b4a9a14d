"""Keep C libraries from writing to standard error behind Python's back.

libmpg123 (inside libsndfile) prints a line for each damaged MPEG frame straight to file descriptor 2,
thousands for a bad file. There is no switch for it, so the descriptor itself points elsewhere for the moment
of the call. On Windows a library may have descriptors of its own (another C runtime); its messages are then seen.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_depth = 0
_saved: int | None = None


@contextmanager
def quiet_stderr(active: bool = True) -> Iterator[None]:
    """Send file descriptor 2 of this process to the null device inside the `with`.

    Nested and concurrent uses are counted: the first redirects, the last restores. What other threads print
    to standard error meanwhile is lost, so hold it for single decoder calls only. Nothing happens where the
    process has no standard error or `active` is False.
    """
    if not active:
        yield
        return
    _redirect()
    try:
        yield
    finally:
        _restore()


def _redirect() -> None:
    global _depth, _saved
    with _lock:
        _depth += 1
        if _depth > 1:
            return
        try:
            _saved = os.dup(2)
        except OSError:  # closed, as under pythonw or some daemons
            _saved = None
            return
        try:
            null = os.open(os.devnull, os.O_WRONLY)
        except OSError:  # a sandbox without it, or no descriptor left: then the messages are seen
            os.close(_saved)
            _saved = None
            return
        os.dup2(null, 2)
        os.close(null)


def _restore() -> None:
    global _depth, _saved
    with _lock:
        _depth -= 1
        if _depth == 0 and _saved is not None:
            os.dup2(_saved, 2)
            os.close(_saved)
            _saved = None
