"""`scan`: an archive into two tables, by whatever engine; what is done is not done again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from voxlite.archive.batches import Batch
from voxlite.archive.claims import Claim
from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry, list_entries
from voxlite.archive.ledger import Ledger
from voxlite.archive.listener import Outcome
from voxlite.archive.people import People
from voxlite.archive.places import Place, arrow_fs
from voxlite.archive.plans import Plan, make_plan
from voxlite.archive.summaries import Summary
from voxlite.archive.tables import Tables
from voxlite.errors import VoxliteError

ENGINES = ("local", "ray")
Progress = Callable[[int, int, float], None]
"""Receives recordings done, recordings to do, and seconds of sound that were analysed."""


def scan(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    tasks: Sequence[str] = ("voice", "quality"),
    models: Mapping[str, str] | None = None,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    detectors: Sequence[str | os.PathLike[str]] = (),
    people: People | None = None,
    timeout_s: float | None = None,
    force: bool = False,
    checksum: bool = False,
    prune: bool = False,
    on_progress: Progress | None = None,
) -> Summary:
    """Analyse every recording in a folder or bucket into tables, in Parquet.

    Parameters
    ----------
    source
        A folder, a file, or a URL that pyarrow.fs knows: s3, gs, hdfs.
    out
        Folder or URL; the tables are in its recordings/ and segments/.
    tasks, models
        As `voxlite.analyze` takes them.
    engine
        "local": processes on this machine. "ray": Ray Data.
    workers
        Recordings that are analysed at the same time; None for one for each processor.
    address
        Of a Ray cluster; None for RAY_ADDRESS, or for a new one on this machine.
    detectors
        Files from `voxlite train detector`: where their sounds are to be heard is told too.
    people
        Enrolled people, whose names the task speaker gives; with the engine "local" only.
    timeout_s
        Seconds, above 0, after which a recording is given up; None for never.
    force
        Do again what is done.
    checksum
        Read every recording and compare contents, even where size and time of the last change are as before.
    prune
        Erase the rows of recordings that are no longer in `source`; those of other places stay.
    on_progress
        Called after each recording.

    Returns
    -------
    Summary
        A recording that cannot be read is a row with its error, and counted.

    Raises
    ------
    VoxliteError
        If the run itself cannot go on: no such place, another scan at work there, a model or an extra missing.

    Notes
    -----
    Workers are processes that import the caller's main module: scripts call `scan` behind
    ``if __name__ == "__main__":``.

    Examples
    --------
    >>> scan("calls/", "tables/").n_failed  # doctest: +SKIP
    0
    """
    arrow_fs()  # refused before anything else when it is missing
    if engine not in ENGINES:
        raise VoxliteError(f"no engine named {engine!r}: choose from {', '.join(ENGINES)}")
    if engine == "ray":
        from voxlite.archive.cluster import import_ray

        import_ray()
        if people is not None:
            raise VoxliteError("voiceprints stay on this machine: name people with the engine local")
    if timeout_s is not None and not timeout_s > 0:
        raise VoxliteError(f"timeout_s is {timeout_s}: give seconds above 0")
    plan = make_plan(
        os.fspath(source),
        tasks,
        models or {},
        detectors=[os.fspath(file) for file in detectors],
        people=people,
        timeout_s=timeout_s,
    )
    place = Place.of(source)
    if place.is_local:
        plan = replace(plan, source=place.root)
    entries = list_entries(place)
    with Claim(target := Place.of(out)) as claim:
        tables = Tables(target)
        ledger = Ledger(tables)
        todo, before = ledger.split(entries, plan.recipe, force=force, checksum=checksum)
        summary = Summary.of(len(entries), before)
        if prune:
            summary = replace(summary, n_pruned=ledger.prune(place, entries))
        run = _Run(plan, engine, workers, address, claim, Batch(tables, ledger, plan), people, on_progress)
        known = Hashes() if force else ledger.known(todo, plan.recipe)
        return run(todo, known, summary)


class _Run:
    """Entries through an engine into the tables."""

    def __init__(
        self,
        plan: Plan,
        engine: str,
        workers: int | None,
        address: str | None,
        claim: Claim,
        batch: Batch,
        people: People | None,
        on_progress: Progress | None,
    ) -> None:
        self._plan, self._engine, self._workers, self._address = plan, engine, workers, address
        self._claim, self._batch, self._people, self._on_progress = claim, batch, people, on_progress

    def __call__(self, todo: Sequence[Entry], known: Hashes, summary: Summary) -> Summary:
        started_s, n_done, n_todo = time.monotonic(), 0, len(todo)
        while todo:
            try:
                with closing(self._outcomes(todo, known)) as outcomes:
                    for outcome in outcomes:
                        self._claim.check()
                        n_done += 1
                        summary = self._taken(outcome, summary, started_s)
                        if self._on_progress:
                            self._on_progress(min(n_done, n_todo), n_todo, summary.analyzed_s)
            finally:  # an interrupted run keeps what it has
                self._claim.check()
                summary = summary.with_rows(self._batch.flush(), time.monotonic() - started_s)
            todo, self._batch.again = self._batch.again, []
        n_known = summary.n_recordings - summary.n_before - summary.n_analyzed
        return replace(summary, n_known=n_known)

    def _taken(self, outcome: Outcome, summary: Summary, started_s: float) -> Summary:
        summary = summary.with_outcome(outcome)
        if rows := self._batch.add(outcome):
            summary = summary.with_rows(rows, time.monotonic() - started_s)
        return summary

    def _outcomes(self, entries: Sequence[Entry], known: Hashes) -> Generator[Outcome, None, None]:
        if self._engine == "ray":
            from voxlite.archive.cluster import run_on_ray

            yield from run_on_ray(self._plan, entries, known, self._workers, self._address)
            return
        from voxlite.archive.pool import Pool

        n_workers = min(self._workers or n_processors(), len(entries))
        with Pool(self._plan, n_workers, known, self._people) as pool:
            yield from pool.run(entries)


def n_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
