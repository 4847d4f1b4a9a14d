"""A progress line on standard error: only on a terminal, only for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from voxlite.cli.shell import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from typing_extensions import Self

_PATIENCE_S = 1.0


class Bar:
    """A line with a bar; a context manager that takes it away."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._begin_s = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    @property
    def due(self) -> bool:
        """Whether there is somebody to see it, and the work takes long enough."""
        return self._wanted and time.monotonic() - self._begin_s >= _PATIENCE_S

    @property
    def spent_s(self) -> float:
        """Seconds since the work began."""
        return max(time.monotonic() - self._begin_s, 1e-3)

    def begin(self) -> None:
        """Let the work begin now."""
        self._begin_s = time.monotonic()

    @property
    def shown(self) -> bool:
        """Whether `show` was called."""
        return self._progress is not None

    def show(self, name: str, total: float | None, *, counted: bool = False) -> None:
        """Draw the line: a name, a bar up to `total`, share or count, time left, and what `update` says."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn() if counted else TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}", markup=False),
            console=console(stderr=True),
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task(name, total=total, said="")

    def update(self, done: float, said: str) -> None:
        """Move the bar of a line that is shown."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, said=said)


class Meter(Bar):
    """Shows how far the analysis of one recording has come.

    Parameters
    ----------
    source
        The recording.
    place, total
        Its number among how many.
    """

    def __init__(self, source: str, place: int = 1, total: int = 1) -> None:
        super().__init__()
        self._source = source
        self._name = source if total == 1 else f"{place}/{total}  {source}"

    def __call__(self, done_s: float) -> None:
        """Take note that `done_s` seconds of sound are done."""
        if not self.due:
            return
        if not self.shown:
            self.show(self._name, _claimed_s(self._source))
        self.update(done_s, f"{done_s / self.spent_s:.0f} x real time")


class ScanMeter(Bar):
    """Shows how far a scan has come, its rate and the time left; its work begins with the first call."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = False

    def __call__(self, n_done: int, n_todo: int, sound_s: float) -> None:
        """Take note of recordings done, recordings to do, and seconds of sound that were analysed."""
        if not self._begun:
            self._begun = True
            self.begin()
        if not self.due:
            return
        if not self.shown:
            self.show("scan", n_todo, counted=True)
        spent_s = self.spent_s
        self.update(n_done, f"{n_done / spent_s:.1f} recordings/s  {sound_s / spent_s:.0f} x real time")


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
