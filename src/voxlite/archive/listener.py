"""`Listener`: the one function that every engine runs, a recording in, its outcome out; whatever happens is a row."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxlite.analysis import Analyzer
from voxlite.archive.contents import Hashes, UnreadableError, content_of
from voxlite.archive.entries import Entry
from voxlite.archive.places import Place
from voxlite.archive.plans import Plan
from voxlite.archive.rows import recording_row, segment_columns
from voxlite.errors import MissingExtraError, VoxliteError

if TYPE_CHECKING:
    from voxlite.archive.people import People
    from voxlite.recognition.diarization import SpeakerOptions

DAMAGED, UNREADABLE, MISSING_EXTRA, CRASHED, TIMEOUT, FAULT = (
    "damaged",
    "unreadable",
    "missing extra",
    "crashed",
    "timeout",
    "fault",
)
"""Kinds of errors: of the content; of the storage; for want of an extra; of a worker that died, or that took too long;
of voxlite."""
TRIED_AGAIN = (UNREADABLE, MISSING_EXTRA, CRASHED, TIMEOUT)
"""Kinds that may be gone the next time: a later scan tries these recordings again."""


@dataclass(frozen=True)
class Outcome:
    """What became of one recording.

    Parameters
    ----------
    entry
        The recording.
    row
        Columns of its row that are known; the others are empty.
    segments
        Columns of its segments.
    known
        Whether nothing was analysed, because the content is that of a finished recording.
    """

    entry: Entry
    row: dict[str, Any]
    segments: dict[str, list[Any]] = field(default_factory=dict)
    known: bool = False

    @classmethod
    def failed(cls, entry: Entry, kind: str, why: str, **more: Any) -> Outcome:
        """Return the outcome of a recording with an error."""
        return cls(entry, {"error": why, "error_kind": kind, **more})

    def to_json(self) -> str:
        """Return the text that travels back from a worker."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Outcome:
        """Rebuild from what `to_json` gave."""
        data = json.loads(text)
        return cls(Entry(**data["entry"]), data["row"], data["segments"], data["known"])


class Listener:
    """Analyses recordings one after the other; models are loaded when it is made.

    Parameters
    ----------
    plan
        What is asked.
    known
        Hashes of contents whose results are at hand.
    scratch
        Folder for the temporary file of a recording elsewhere.
    people
        Whose names speakers get.

    Raises
    ------
    VoxliteError
        If a model or the store of people cannot be used, an extra is missing, or the place cannot be reached.
    """

    def __init__(self, plan: Plan, known: Hashes, scratch: Path, people: People | None = None) -> None:
        self._place = Place.of(plan.source)
        self._known = known
        self._scratch = scratch
        self._analyzer = Analyzer(
            plan.tasks, 1, models=plan.models, speakers=_speakers(plan, people), detectors=plan.detectors
        )

    def listen(self, entry: Entry) -> Outcome:
        """Analyse one recording; its trouble, even a fault of voxlite, is part of the outcome."""
        started_s = time.perf_counter()
        outcome = self._listened(entry)
        outcome.row["elapsed_s"] = round(time.perf_counter() - started_s, 4)
        return outcome

    def _listened(self, entry: Entry) -> Outcome:
        try:
            with content_of(self._place, entry, self._scratch) as (path, digest, size):
                identity = {"content_sha256": digest.hex(), "size_bytes": size}
                if digest in self._known and not entry.fresh:
                    return Outcome(entry, identity, known=True)
                return self._analyzed(entry, path, identity)
        except UnreadableError as error:
            return Outcome.failed(entry, UNREADABLE, str(error))

    def _analyzed(self, entry: Entry, path: str, identity: dict[str, Any]) -> Outcome:
        try:
            report = self._analyzer.analyze(path)
            return Outcome(entry, {**identity, **recording_row(report)}, segment_columns(report))
        except MissingExtraError as error:
            return Outcome.failed(entry, MISSING_EXTRA, str(error), **identity)
        except VoxliteError as error:
            return Outcome.failed(entry, DAMAGED, _without_name(str(error), path), **identity)
        except Exception as error:  # a fault of ours in one recording must not cost the others
            why = f"unexpected {type(error).__name__} ({error}): a fault of voxlite; please report it"
            return Outcome.failed(entry, FAULT, " ".join(why.split()), **identity)


def _speakers(plan: Plan, people: People | None) -> SpeakerOptions | None:
    if people is None:
        return None
    from voxlite.recognition.diarization import SpeakerOptions

    # Open as long as the worker lives.
    return SpeakerOptions(name_of=people.opened(plan.models["speaker"]).name_of)


def _without_name(text: str, path: str) -> str:
    """Return an error's text without the file's name before it: the row has the path, and equal errors are equal."""
    for name in (path, repr(path)):
        text = text.removeprefix(f"{name}: ")
    return " ".join(text.split())
