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
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType

from voxlite.archive.child import READY, serve
from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry
from voxlite.archive.listener import CRASHED, Outcome
from voxlite.archive.plans import Plan
from voxlite.errors import VoxliteError

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

    def __init__(self, plan: Plan, known: Hashes, scratch: Path) -> None:
        spawn = multiprocessing.get_context("spawn")  # a fork would copy locks that threads hold
        self.scratch = scratch
        scratch.mkdir(parents=True)
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(
            target=serve, args=(theirs, plan.to_json(), known.packed, str(scratch)), daemon=True
        )
        with _one_thread_each():
            self.process.start()
        theirs.close()
        self.given: deque[Entry] = deque()

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
        return outcome

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

    Raises
    ------
    VoxliteError
        If a worker cannot start, with the line that says why.
    """

    def __init__(self, plan: Plan, n_workers: int, known: Hashes | None = None) -> None:
        self._plan, self._known = plan, known or Hashes()
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
        return _Worker(self._plan, self._known, Path(self._folder.name, str(self._n_started)))

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
            ready = wait([worker.connection for worker in busy])
            for worker in busy:
                if worker.connection in ready:
                    yield worker.answer() or self._replaced(worker, again)

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
        blamed, *rest = dead.given
        again.extend(rest)
        cause = dead.cause_of_death()
        self._replace(dead)
        return Outcome.failed(
            blamed,
            CRASHED,
            f"the worker process died on it ({cause}): too little memory, or a decoder's fault",
        )
