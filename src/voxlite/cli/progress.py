"""A progress line on standard error: only on a terminal, only for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from voxlite.cli.shell import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PATIENCE_S = 1.0


class Meter:
    """Shows how far the analysis of one recording has come; a context manager.

    Parameters
    ----------
    source
        The recording.
    place, total
        Its number among how many.
    """

    def __init__(self, source: str, place: int = 1, total: int = 1) -> None:
        self._source = source
        self._name = source if total == 1 else f"{place}/{total}  {source}"
        self._wanted = sys.stderr.isatty()
        self._begin_s = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, done_s: float) -> None:
        """Take note that `done_s` seconds of sound are done."""
        if not self._wanted:
            return
        if self._progress is None:
            if time.monotonic() - self._begin_s < _PATIENCE_S:
                return
            self._start()
        if self._progress is not None and self._task is not None:
            spent_s = max(time.monotonic() - self._begin_s, 1e-3)
            self._progress.update(self._task, completed=done_s, speed=f"{done_s / spent_s:.0f} x real time")

    def _start(self) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[speed]}", markup=False),
            console=console(stderr=True),
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task(self._name, total=_claimed_s(self._source), speed="")


def _claimed_s(source: str) -> float | None:
    """Return the length that the header claims, good enough for a bar; None when it says nothing."""
    from voxlite.audio import open_recording
    from voxlite.errors import VoxliteError

    if source == "-":
        return None
    try:
        with open_recording(source) as recording:
            return recording.frames_claimed / recording.rate_hz or None
    except VoxliteError:
        return None
