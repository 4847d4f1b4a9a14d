"""A pool of worker processes on this machine, each with its models loaded once.

A worker that dies, killed for its memory or by a decoder's fault, costs the recording that it worked on an outcome
with an error; another takes its place. So nothing that a recording holds can end a run. (The pool of the standard
library breaks as a whole and cannot say which task was to blame.)
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from voxlite.archive.child import READY, serve
from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry
from voxlite.archive.listener import CRASHED, TIMEOUT, Outcome
from voxlite.archive.plans import Plan
from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.archive.people import People

IN_FLIGHT = 2
"""Recordings given to a worker: the one that it works on, and the next, so that it never waits."""
_PATIENCE_S = 5.0
_THREADS_OF_LIBRARIES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_environment = threading.Lock()


class _Worker:
    """One process, and the recordings it has been given, in order; the first is the one it works on."""

    def __init__(self, plan: Plan, known: Hashes, scratch: Path, people: People | None) -> None:
        spawn = multiprocessing.get_context("spawn")  # a fork would copy locks that threads hold
        self.scratch = scratch
        scratch.mkdir(parents=True)
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(
            target=serve, args=(theirs, plan.to_json(), known.packed, str(scratch), people), daemon=True
        )
        with _one_thread_each():
            self.process.start()
        theirs.close()
        self.given: deque[Entry] = deque()
        self._since_s = time.monotonic()

    def await_start(self) -> None:
        try:
            answer = self.connection.recv_bytes()
        except (EOFError, OSError):
            raise VoxliteError(
                f"a worker process died before it began ({self.cause_of_death()}): "
                "ask for fewer --workers, or free memory"
            ) from None
        if answer != READY:
            raise VoxliteError(answer.decode())

    def give(self, entry: Entry) -> None:
        if not self.given:
            self._since_s = time.monotonic()
        self.given.append(entry)
        try:
            self.connection.send_bytes(entry.to_json().encode())
        except (
            OSError
        ):  # it has died: the end of its connection tells, and then the entry is given to another
            return

    def answer(self) -> Outcome | None:
        """Return the next outcome, None where the process is dead."""
        try:
            outcome = Outcome.from_json(self.connection.recv_bytes())
        except (EOFError, OSError):
            return None
        self.given.popleft()
        self._since_s = time.monotonic()
        return outcome

    def left_s(self, timeout_s: float) -> float:
        """Return how long it may still work on its recording."""
        return self._since_s + timeout_s - time.monotonic()

    def cause_of_death(self) -> str:
        self.process.join(_PATIENCE_S)
        code = self.process.exitcode
        if code is None or code >= 0:
            return f"exit status {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def stop(self) -> None:
        self.connection.close()
        self.process.terminate()

    def close(self) -> None:
        self.stop()
        self.process.join(_PATIENCE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have processes that start meanwhile use one thread for linear algebra, unless the user said otherwise.

    The processors are shared among workers already; threads that wait for each other quadrupled a busy machine's work.
    """
    with _environment:
        ours = [name for name in _THREADS_OF_LIBRARIES if name not in os.environ]
        os.environ.update(dict.fromkeys(ours, "1"))
        try:
            yield
        finally:
            for name in ours:
                del os.environ[name]


class Pool:
    """Worker processes; a context manager.

    Parameters
    ----------
    plan
        What is asked of each recording.
    n_workers
        Processes, at least 1.
    known
        Hashes of contents whose results are at hand.
    people
        Whose names speakers get.

    Raises
    ------
    VoxliteError
        If a worker cannot start, with the line that says why.
    """

    def __init__(
        self, plan: Plan, n_workers: int, known: Hashes | None = None, people: People | None = None
    ) -> None:
        self._plan, self._known, self._people = plan, known or Hashes(), people
        self._folder = tempfile.TemporaryDirectory(prefix="voxlite-scan-", ignore_cleanup_errors=True)
        self._n_started = 0
        self._workers: list[_Worker] = []
        try:
            self._workers += [self._start() for _ in range(n_workers)]
            for worker in self._workers:
                worker.await_start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> _Worker:
        self._n_started += 1
        return _Worker(self._plan, self._known, Path(self._folder.name, str(self._n_started)), self._people)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers and erase what they left; calling it twice is harmless."""
        for worker in self._workers:  # all first, so that they end at the same time
            worker.stop()
        for worker in self._workers:
            worker.close()
        self._workers = []
        self._folder.cleanup()

    @property
    def process_ids(self) -> list[int]:
        """Ids of the worker processes, for whoever measures them."""
        return [worker.process.pid or 0 for worker in self._workers]

    def run(self, entries: Iterable[Entry]) -> Iterator[Outcome]:
        """Yield the outcome of each recording, in the order in which they are done.

        Recordings are taken as workers get free: no more than `IN_FLIGHT` for each are held.
        """
        waiting, again = iter(entries), deque[Entry]()
        while True:
            for worker in self._alive():
                while len(worker.given) < IN_FLIGHT:
                    entry = again.popleft() if again else next(waiting, None)
                    if entry is None:
                        break
                    worker.give(entry)
            busy = [worker for worker in self._workers if worker.given]
            if not busy:
                return
            ready = wait([worker.connection for worker in busy], self._patience_s(busy))
            for worker in busy:
                if worker.connection in ready:
                    yield worker.answer() or self._replaced(worker, again)
            if not ready:
                yield from [
                    self._given_up(worker, again) for worker in busy if self._patience_s([worker]) == 0.0
                ]

    def _patience_s(self, busy: Sequence[_Worker]) -> float | None:
        """Return how long to wait for an answer; None for ever."""
        limit_s = self._plan.timeout_s
        return None if limit_s is None else max(0.0, min(worker.left_s(limit_s) for worker in busy))

    def _alive(self) -> list[_Worker]:
        """Return the workers, others in place of those that died with nothing to do."""
        for worker in self._workers:
            if not worker.given and not worker.process.is_alive():
                self._replace(worker)
        return self._workers

    def _replace(self, dead: _Worker) -> None:
        place = self._workers.index(dead)
        dead.close()
        self._workers[place] = self._start()
        self._workers[place].await_start()

    def _replaced(self, dead: _Worker, again: deque[Entry]) -> Outcome:
        """Put another worker in a dead one's place; return the outcome of the recording that it worked on."""
        cause = dead.cause_of_death()
        why = f"the worker process died on it ({cause}): too little memory, or a decoder's fault"
        return self._blamed(dead, again, CRASHED, why)

    def _given_up(self, slow: _Worker, again: deque[Entry]) -> Outcome:
        """Put another worker in the place of one that takes too long; return the outcome of its recording."""
        slow.process.kill()
        why = (
            f"not done after {self._plan.timeout_s:g} s: allow more time with --timeout, or look at the file"
        )
        return self._blamed(slow, again, TIMEOUT, why)

    def _blamed(self, worker: _Worker, again: deque[Entry], kind: str, why: str) -> Outcome:
        blamed, *rest = worker.given
        again.extend(rest)
        self._replace(worker)
        return Outcome.failed(blamed, kind, why)
