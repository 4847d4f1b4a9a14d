"""`Claim`: one scan at a time writes to a place, on any storage, without locks.

A scan puts a small file of its own into DIR/claims, renews it while it runs, and then looks for others. Two that start
at the same moment see each other and both give way. A claim counts no more when its process is known to be dead or it
has not been renewed for some minutes; its owner, if it wakes up again, finds its claim gone and stops.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from voxlite.archive.places import Place, arrow_fs, told_in_one_line
from voxlite.errors import VoxliteError

FOLDER = "claims"
_RENEWED_S = 20.0
_STALE_S = 180.0
_CURE = "check the path, its permissions and the space left"


class Claim:
    """The right to write to a place; a context manager.

    Parameters
    ----------
    place
        Where tables are written.

    Raises
    ------
    VoxliteError
        On entering, if another scan writes there, or the place cannot be written to.
    """

    def __init__(self, place: Place) -> None:
        self._name = place.name
        self._filesystem, root = place.tables()
        self._folder = f"{root}/{FOLDER}"
        self._path = f"{self._folder}/{uuid.uuid4().hex}.json"
        self._lost = False
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name="voxlite-claim", daemon=True)

    def __enter__(self) -> Claim:
        with told_in_one_line(self._name, _CURE):
            self._filesystem.create_dir(self._folder, recursive=True)
            self._write()
        try:
            with told_in_one_line(self._name, _CURE):
                self._refuse_others()
        except BaseException:
            self._withdraw()
            raise
        self._renewer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._renewer.join()
        self._withdraw()

    def check(self) -> None:
        """See to it that the claim still holds.

        Raises
        ------
        VoxliteError
            If another scan took it for dead.
        """
        if self._lost:
            raise VoxliteError(
                f"{self._name}: this scan stood still for so long that another one took its place: "
                "start it again when that one is done"
            )

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWED_S):
            with suppress(OSError):  # a storage that is away for a moment: the tables would tell
                if self._info(self._path) is None:
                    self._lost = True
                    return
                self._write()

    def _write(self) -> None:
        owner = {"process": os.getpid(), "machine": _machine(), "host": platform.node()}
        with self._filesystem.open_output_stream(self._path) as stream:
            stream.write(json.dumps(owner).encode())

    def _withdraw(self) -> None:
        with suppress(OSError):
            self._filesystem.delete_file(self._path)

    def _info(self, path: str) -> Any:
        info = self._filesystem.get_file_info(path)
        return None if info.type == arrow_fs().FileType.NotFound else info

    def _refuse_others(self) -> None:
        own = self._info(self._path)
        now: datetime | None = own.mtime if own else None  # the storage's clock, not this machine's
        for info in self._filesystem.get_file_info(arrow_fs().FileSelector(self._folder)):
            if info.path == self._path or not info.path.endswith(".json"):
                continue
            owner = self._owner(info.path)
            silent_s = (now - info.mtime).total_seconds() if now and info.mtime else 0.0
            if owner is not None and silent_s < _STALE_S and not _is_dead(owner):
                raise VoxliteError(
                    f"{self._name}: another scan writes there (process {owner['process']} on {owner['host']}): "
                    f"wait until it is done; if it was killed, until {_STALE_S / 60:.0f} minutes after that"
                )
            with suppress(OSError):
                self._filesystem.delete_file(info.path)

    def _owner(self, path: str) -> dict[str, Any] | None:
        """Return who made a claim; None if it is gone by now."""
        try:
            with self._filesystem.open_input_stream(path) as stream:
                found = json.loads(stream.read())
            return {key: found[key] for key in ("process", "machine", "host")}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # being written at this moment
            return {"process": "unknown", "machine": "", "host": "an unknown machine"}


def _machine() -> str:
    """Name this machine, this start of it and this process namespace: where a process number means something."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _is_dead(owner: dict[str, Any]) -> bool:
    if os.name != "posix" or owner["machine"] != _machine():
        return False
    try:
        os.kill(int(owner["process"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):  # somebody else's process: alive
        return False
    return False
