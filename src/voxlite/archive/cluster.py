"""Many machines: Ray Data runs the same function over the same entries; nothing here moves work between hosts.

A Ray worker hands its recordings to a pool of one process, so that one that crashes a decoder is a row with an error
here too, and not a task that Ray tries again without end.
"""

from __future__ import annotations

import atexit
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from voxlite.archive.contents import Hashes
from voxlite.archive.entries import Entry
from voxlite.archive.listener import Outcome
from voxlite.archive.places import one_line
from voxlite.archive.plans import Plan
from voxlite.archive.pool import Pool
from voxlite.errors import MissingExtraError, VoxliteError

_SLAB = 50_000  # entries in one Ray data set: the driver's memory does not grow with the archive
_BLOCK = 16  # entries in a task, at most: what a node that dies leaves to be done again
_TASKS_EACH = 4  # and at least so many tasks for each worker, so that all are done at about the same time
_pools: dict[str, Pool] = {}
"""The pool of this Ray worker process, by its plan."""


def import_ray() -> Any:
    """Return the module ray with its data sets.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    """
    # Nothing leaves the machine: Ray would report its use.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Ray's own, about itself
            import ray
            import ray.data
    except ImportError:
        raise MissingExtraError("scanning on a cluster", "ray") from None
    return ray


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Give ray, connected to a cluster; one that was connected before stays so.

    Parameters
    ----------
    address
        Of the cluster, "auto" for one that runs on this machine; None for RAY_ADDRESS or a new one on this machine.

    Raises
    ------
    MissingExtraError, VoxliteError
        If Ray is not installed, or there is no cluster.
    """
    ray = import_ray()
    ours = not ray.is_initialized()
    if ours:
        logging.getLogger("ray").setLevel(logging.ERROR)
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        alone = {} if address or os.environ.get("RAY_ADDRESS") else {"include_dashboard": False}
        try:
            ray.init(address=address, **quiet, **alone)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise VoxliteError(
                f"{address}: no Ray cluster there ({one_line(error)}): check --address"
            ) from None
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()


def run_on_ray(
    plan: Plan, entries: Sequence[Entry], known: Hashes, n_workers: int | None, address: str | None
) -> Iterator[Outcome]:
    """Yield the outcome of each recording, each once, in the order in which they are done.

    Parameters
    ----------
    plan, known
        As `Pool` takes them.
    entries
        Recordings, which every node must be able to reach.
    n_workers
        Ray tasks at the same time, of one processor each; None for as many as the cluster takes.
    address
        As `connected` takes it.

    Raises
    ------
    VoxliteError
        If there is no cluster, or workers cannot start there.
    """
    with connected(address) as ray:
        _quieten(ray)
        hashes = ray.put(known.packed)
        n_tasks = _TASKS_EACH * (n_workers or max(1, int(ray.cluster_resources().get("CPU", 1))))
        left = iter(entries)
        while slab := list(islice(left, _SLAB)):
            n_blocks = min(len(slab), max(n_tasks, -(-len(slab) // _BLOCK)))
            rows = [{"entry": entry.to_json()} for entry in slab]
            at_once = None if n_workers is None else min(n_workers, n_blocks)
            data = ray.data.from_items(rows, override_num_blocks=n_blocks).map(
                _listened,
                fn_kwargs={"plan": plan.to_json(), "known": [hashes]},
                num_cpus=1,
                compute=ray.data.TaskPoolStrategy(size=at_once),
            )
            try:
                for row in data.iter_rows():
                    yield Outcome.from_json(row["outcome"])
            except ray.exceptions.RayError as error:
                raise VoxliteError(_cause(error)) from error


def _quieten(ray: Any) -> None:
    """Keep Ray's own progress and remarks off the terminal; its errors are told."""
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False


def _listened(row: dict[str, str], plan: str, known: list[Any]) -> dict[str, str]:
    """Analyse one recording on whatever node this is."""
    (outcome,) = _pool(plan, known[0]).run([Entry.from_json(row["entry"])])
    return {"outcome": outcome.to_json()}


def _pool(plan: str, known: Any) -> Pool:
    """Return this process's pool; it stays for the recordings to come, and ends with the process."""
    key = f"{plan} {known}"
    if key not in _pools:
        import ray

        while _pools:
            _pools.popitem()[1].close()
        _pools[key] = Pool(Plan.from_json(plan), 1, Hashes(ray.get(known)))
        atexit.register(_pools[key].close)
    return _pools[key]


def _cause(error: BaseException) -> str:
    """Return what went wrong on a node: a line of voxlite's own, or the last one of Ray's."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, VoxliteError):
            return str(seen).strip().splitlines()[-1]
        seen = getattr(seen, "cause", None) or seen.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"Ray gave up ({lines[-1].strip() if lines else type(error).__name__}): look at the cluster's logs"
