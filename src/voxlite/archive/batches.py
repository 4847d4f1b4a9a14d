"""`Batch`: outcomes on their way into the tables, a part at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from voxlite.archive.entries import Entry
from voxlite.archive.ledger import Ledger
from voxlite.archive.listener import Outcome
from voxlite.archive.plans import Plan
from voxlite.archive.rows import named
from voxlite.archive.tables import Tables

MAX_RECORDINGS = 2_000
MAX_SEGMENTS = 100_000
"""A part has some megabytes, and no more waits in memory."""
MAX_AGE_S = 30.0
"""What a kill may cost."""


class Batch:
    """Gathers outcomes and writes them as parts; `flush` at the end.

    Parameters
    ----------
    tables, ledger, plan
        Of the scan.

    Attributes
    ----------
    again : list of Entry
        Recordings whose known twin was replaced meanwhile: they have to be analysed after all.
    """

    def __init__(self, tables: Tables, ledger: Ledger, plan: Plan) -> None:
        self._tables, self._ledger, self._plan = tables, ledger, plan
        self.again: list[Entry] = []
        self._outcomes: list[Outcome] = []
        self._n_segments = 0
        self._since_s = time.monotonic()

    def add(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Take an outcome; return the rows that were written because of it, if any."""
        if not self._outcomes:
            self._since_s = time.monotonic()
        self._outcomes.append(outcome)
        self._n_segments += len(outcome.segments.get("start_s", ()))
        full = len(self._outcomes) >= MAX_RECORDINGS or self._n_segments >= MAX_SEGMENTS
        return self.flush() if full or time.monotonic() - self._since_s >= MAX_AGE_S else []

    def flush(self) -> list[dict[str, Any]]:
        """Write what has been gathered; return its rows."""
        outcomes, self._outcomes, self._n_segments = self._outcomes, [], 0
        twins = self._twins([outcome for outcome in outcomes if outcome.known])
        paths, rows, segments = [], [], []
        for outcome in outcomes:
            table = self._tables.segments_table(self._named(outcome))
            row = dict(outcome.row)
            if outcome.known:
                twin = twins.get(outcome.row["content_sha256"])
                if twin is None:
                    self.again.append(replace(outcome.entry, fresh=True))
                    continue
                row, table = {**twin[0], **row}, _renamed(twin[1], outcome.entry.path)
            paths.append(outcome.entry.path)
            rows.append(self._complete(row, outcome.entry))
            segments.append(table)
        if rows:
            self._ledger.take_out(paths)
            self._ledger.add(self._tables.write(rows, segments), rows, paths)
        return rows

    def _twins(self, outcomes: list[Outcome]) -> dict[str, tuple[dict[str, Any], Any]]:
        """Return row and segments of a finished recording by its content, for contents that are known."""
        wanted: dict[str, dict[str, str]] = {}
        for outcome in outcomes:
            digest = outcome.row["content_sha256"]
            found = self._ledger.row_with(bytes.fromhex(digest))
            if found is not None:
                part, path = found
                wanted.setdefault(part, {})[path] = digest
        twins: dict[str, tuple[dict[str, Any], Any]] = {}
        for part, of_paths in wanted.items():
            rows, segments = self._tables.rows_of(part, of_paths)
            by_digest = {digest: segments[path] for path, digest in of_paths.items()}
            twins |= {row["content_sha256"]: (row, by_digest[row["content_sha256"]]) for row in rows}
        return twins

    def _named(self, outcome: Outcome) -> dict[str, list[Any]]:
        if not outcome.segments:
            return {}
        n = len(outcome.segments["start_s"])
        text, exact = named(outcome.entry.path)
        return {**outcome.segments, "path": [text] * n, "path_bytes": [exact] * n}

    def _complete(self, row: dict[str, Any], entry: Entry) -> dict[str, Any]:
        """Add what the row says of the file and of the scan."""
        text, exact = named(entry.path)
        error = row.get("error")
        return {
            **row,
            "path": text,
            "path_bytes": exact,
            "error": error and error.encode("utf-8", "backslashreplace").decode(),
            "size_bytes": row.get("size_bytes", entry.size_bytes),
            "modified_at": entry.modified_us,
            "tasks": list(self._plan.tasks),
            "recipe": self._plan.recipe,
        }


def _renamed(segments: Any, path: str) -> Any:
    """Return a table of segments as another recording's."""
    import pyarrow as pa

    n = segments.num_rows
    for column, value in zip(("path", "path_bytes"), named(path), strict=True):
        place = segments.schema.get_field_index(column)
        kind = segments.schema.field(place).type
        segments = segments.set_column(place, segments.schema.field(place), pa.array([value] * n, kind))
    return segments
