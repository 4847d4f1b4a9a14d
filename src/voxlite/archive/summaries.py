"""`Summary`: what a scan did, in figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from voxlite.archive.ledger import Done
from voxlite.archive.listener import Outcome

_SHOWN = 5


@dataclass(frozen=True)
class Summary:
    """What a scan did.

    Parameters
    ----------
    n_recordings
        In the place that was scanned.
    n_before
        Done by earlier scans.
    n_known
        Not analysed, because a recording with the same content had been.
    n_analyzed
        Analysed now, those that failed included.
    n_failed
        Rows with an error, earlier ones included.
    sound_s, voice_s
        Seconds of sound and of voice in all recordings of the place.
    analyzed_s
        Seconds of sound that were analysed now.
    wall_s
        Seconds that the analysis took.
    failures
        Path and error of the first few that failed now.
    n_pruned
        Rows that were erased, because their recordings are gone.
    """

    n_recordings: int = 0
    n_before: int = 0
    n_known: int = 0
    n_analyzed: int = 0
    n_failed: int = 0
    sound_s: float = 0.0
    voice_s: float = 0.0
    analyzed_s: float = 0.0
    wall_s: float = 0.0
    failures: tuple[tuple[str, str], ...] = field(default=())
    n_pruned: int = 0

    @property
    def x_real_time(self) -> float | None:
        """Seconds of sound analysed per second; None where nothing was."""
        return self.analyzed_s / self.wall_s if self.analyzed_s and self.wall_s else None

    @classmethod
    def of(cls, n_recordings: int, before: Iterable[Done]) -> Summary:
        """Return what holds before anything is done."""
        done = list(before)
        return cls(
            n_recordings=n_recordings,
            n_before=len(done),
            n_failed=sum(one.error_kind is not None for one in done),
            sound_s=sum(one.sound_s for one in done),
            voice_s=sum(one.voice_s for one in done),
        )

    def with_outcome(self, outcome: Outcome) -> Summary:
        """Return the figures after one more recording; what a known one holds comes with its row."""
        if outcome.known:
            return self
        return replace(
            self,
            n_analyzed=self.n_analyzed + 1,
            analyzed_s=self.analyzed_s + (outcome.row.get("duration_s") or 0.0),
        )

    def with_rows(self, rows: Iterable[dict[str, Any]], wall_s: float) -> Summary:
        """Return the figures after rows were written."""
        made = list(rows)
        failed = [(row["path"], row["error"]) for row in made if row.get("error")]
        return replace(
            self,
            n_failed=self.n_failed + len(failed),
            sound_s=self.sound_s + sum(row.get("duration_s") or 0.0 for row in made),
            voice_s=self.voice_s + sum(row.get("voice_s") or 0.0 for row in made),
            wall_s=wall_s,
            failures=(*self.failures, *failed)[:_SHOWN],
        )
