"""One case in a process of its own, held to limits: what it said, how it ended, what it took (Linux).

A case is good when it ends by itself within the time, with a result or with one line of `VoxliteError`, without a
word on standard error, without much more memory than before, and without a file outside its folder. The child is
forked from a process that has imported everything, so a case costs no start.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reliability.processes import memory_mib, overdue, resident_mib
from voxlite.errors import VoxliteError

WALL_S = 20.0
MEMORY_MIB = 250.0
_ADDRESS_BYTES = (
    2 << 30
)  # beyond what is mapped already: the machine's safety, the limit is on resident memory


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    Parameters
    ----------
    fault
        What is wrong with it, in a word or two; empty where nothing is.
    detail
        More about the fault, or the error's one line.
    memory_mib
        Most resident memory above that before the case.
    took_s
        Seconds by the clock.
    refused
        Whether a `VoxliteError` ended it.
    """

    fault: str
    detail: str
    memory_mib: float
    took_s: float
    refused: bool = False


def run_case(work: Callable[[], object], folder: Path, wall_s: float = WALL_S) -> Outcome:
    """Run `work` in a child whose current folder and home is `folder`.

    What the child leaves in `folder` besides what lay there is a fault, too.
    """
    before = set(folder.rglob("*"))
    reading, writing = os.pipe()
    chatter = folder.with_name(f"{folder.name}.stderr")
    started = time.monotonic()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _child(work, folder, chatter, writing)
    os.close(writing)
    status = _wait(pid, started, wall_s)
    took_s = time.monotonic() - started
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    noise = chatter.read_bytes() if chatter.exists() else b""
    chatter.unlink(missing_ok=True)
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path not in before)
    told = json.loads(said) if said else {"fault": "", "detail": "", "memory_mib": 0.0, "refused": False}
    outcome = Outcome(**told, took_s=took_s)
    for fault, detail in (
        ("no end", f"still at work after {wall_s:g} s") if status is None else ("", ""),
        (f"signal {os.WTERMSIG(status)}", "") if status and os.WIFSIGNALED(status) else ("", ""),
        (outcome.fault, outcome.detail),
        ("no word", f"status {status}") if not said else ("", ""),
        ("memory", f"{outcome.memory_mib:.0f} MiB more") if outcome.memory_mib > MEMORY_MIB else ("", ""),
        ("standard error", noise[-300:].decode(errors="replace")) if noise else ("", ""),
        ("files left", ", ".join(left)) if left else ("", ""),
    ):
        if fault:
            return Outcome(fault, detail, outcome.memory_mib, took_s)
    return outcome


def _wait(pid: int, began: float, wall_s: float) -> int | None:
    """Return a child's wait status, None where it had to be killed."""
    pause_s = 0.001
    while not overdue(pid, began, wall_s):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(pause_s)
        pause_s = min(0.05, 1.5 * pause_s)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def _child(work: Callable[[], object], folder: Path, chatter: Path, out: int) -> None:
    """Do the work and tell how it went; never returns."""
    fault, detail, refused, base_mib = "", "", False, 0.0
    try:
        errors = os.open(chatter, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(errors, 2)
        os.dup2(errors, 1)
        os.environ.update(HOME=str(folder), TMPDIR=str(folder), XDG_DATA_HOME=str(folder / "data"))
        os.chdir(folder)
        _limit()
        written: list[str] = []
        sys.addaudithook(lambda event, values: _watch(event, values, written))
        base_mib = resident_mib()
        work()
    except VoxliteError as error:
        refused, detail = True, str(error)
        if len(detail.splitlines()) != 1 or not detail.isprintable():
            fault = "not one line"
    except BaseException as error:
        fault, detail = f"raised {type(error).__name__}", f"{error} {_place(error)}"[:500]
    outside = [
        path for path in written if not str(Path(path).resolve()).startswith((str(folder), "/dev/", "/proc/"))
    ]
    if outside and not fault:
        fault, detail = "wrote outside", ", ".join(outside[:5])
    most_mib = max(0.0, memory_mib("self", "VmHWM") - base_mib)
    told = {"fault": fault, "detail": detail, "memory_mib": most_mib, "refused": refused}
    os.write(out, json.dumps(told).encode()[:60_000])
    os._exit(0)


def _limit() -> None:
    """Bound the address space, and let the high-water mark of resident memory begin here."""
    n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = n_pages * resource.getpagesize() + _ADDRESS_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _watch(event: str, values: tuple[object, ...], written: list[str]) -> None:
    """Note each file that is opened for writing."""
    if event == "open" and isinstance(values[0], str | bytes):
        mode, flags = values[1], values[2]
        writes = any(sign in str(mode or "") for sign in "wax+")
        if writes or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            written.append(os.fsdecode(values[0]))


def _place(error: BaseException) -> str:
    """Return where an error was raised, the last lines of voxlite's own first."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "voxlite" in name:
            found = f"at {Path(name).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
