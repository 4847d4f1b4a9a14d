"""Ray: two nodes on this machine, one of them killed half-way; every file once, and equal to a local scan.

It takes a minute or more: Ray starts some ten processes for each node.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

from voxlite.archive import scan
from voxlite.errors import MissingExtraError, VoxliteError

pytest.importorskip("ray", reason="needs the ray extra")

# Ray warns of its own deprecations and leaves sockets and files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

N_FILES = 24
FILE_S = 90.0


@pytest.fixture
def two_nodes(monkeypatch):
    """A cluster of two nodes with a processor each, that notices a dead node within seconds."""
    for name, value in {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_health_check_initial_delay_ms": "0",
        "RAY_health_check_period_ms": "1000",
        "RAY_health_check_timeout_ms": "5000",
        "RAY_health_check_failure_threshold": "5",
    }.items():
        monkeypatch.setenv(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
        from ray.cluster_utils import Cluster

        options = {"num_cpus": 1, "object_store_memory": 100 << 20}
        cluster = patiently(
            lambda: Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
        )
        second = patiently(lambda: cluster.add_node(**options))
    yield cluster, second
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.shutdown()
        cluster.shutdown()


def patiently(start, times: int = 3):
    """Start a node of Ray, which gives itself no more than 30 s: too little on a very busy machine."""
    for _ in range(times - 1):
        try:
            return start()
        except Exception as error:  # Ray raises nothing more exact
            if "timed out during startup" not in str(error):
                raise
    return start()


def listeners_of(node) -> list[int]:
    """Return the processes that analyse on a node: children of the Ray workers that its raylet started."""
    raylet = node.all_processes["raylet"][0].process.pid
    parents, commands = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            commands[int(stat.parent.name)] = (stat.parent / "cmdline").read_bytes()
        except OSError:  # gone meanwhile
            continue
    return [
        process
        for process, parent in parents.items()
        if parents.get(parent) == raylet and b"spawn_main" in commands.get(process, b"")
    ]


@pytest.mark.cluster
def test_a_node_that_is_killed_half_way_costs_nothing(two_nodes, tmp_path, tone, rows, segments):
    cluster, second = two_nodes
    on_second: list[int] = []
    for k in range(N_FILES):
        tone(tmp_path / "calls" / f"{k:02d}.wav", hz=200 + 20 * k, seconds=FILE_S)
    (tmp_path / "calls" / "empty.wav").touch()
    (tmp_path / "calls" / "odd \udcff\n<b>.wav").write_text("no sound")
    asked = {"engine": "ray", "address": cluster.address, "workers": 2, "tasks": ("voice", "quality")}

    def kill(n_done, n_todo, sound_s):
        assert n_todo == N_FILES + 2
        if n_done == n_todo // 2:
            on_second.extend(listeners_of(second))
            cluster.remove_node(second, allow_graceful=False)

    summary = scan(tmp_path / "calls", tmp_path / "out", **asked, on_progress=kill)
    assert (summary.n_analyzed, summary.n_failed) == (N_FILES + 2, 2)
    assert len(cluster.list_all_nodes()) == 1
    assert on_second  # it had a part in the work
    assert not [process for process in on_second if Path(f"/proc/{process}").exists()]
    scan(tmp_path / "calls", tmp_path / "local", workers=1)
    assert rows(tmp_path / "out", "elapsed_s") == rows(tmp_path / "local", "elapsed_s")
    assert segments(tmp_path / "out") == segments(tmp_path / "local")

    again = scan(tmp_path / "calls", tmp_path / "out", **asked)  # nothing to do: no Ray is started
    assert again.n_before == N_FILES + 2


def test_without_ray_the_extra_is_named(monkeypatch, tmp_path, tone):
    tone(tmp_path / "calls" / "a.wav")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[ray\]"):
        scan(tmp_path / "calls", tmp_path / "out", engine="ray")
    assert not (tmp_path / "out").exists()


def test_an_engine_that_is_none_is_refused(tmp_path):
    with pytest.raises(VoxliteError, match="no engine named 'slurm': choose from local, ray"):
        scan(tmp_path, tmp_path / "out", engine="slurm")


def test_a_ray_task_answers_with_an_outcome(tmp_path, tone, monkeypatch, here):
    """What runs on a node, here without one: a pool is made once for a plan, and another plan takes its place."""
    from types import SimpleNamespace

    from voxlite.archive import cluster
    from voxlite.archive.entries import Entry
    from voxlite.archive.listener import Outcome
    from voxlite.archive.plans import make_plan

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(get=lambda reference: b""))
    made = []

    class Kept(cluster_pool(here)):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

        def close(self):
            made.remove(self)

    monkeypatch.setattr(cluster, "Pool", Kept)
    monkeypatch.setattr(cluster, "_pools", {})
    monkeypatch.setattr(cluster.atexit, "register", lambda work: None)
    path = tone(tmp_path / "a.wav")
    row = {"entry": Entry(str(path)).to_json()}
    for task in ("voice", "voice", "quality"):
        plan = make_plan(str(tmp_path), (task,), {}).to_json()
        answer = cluster._listened(row, plan, ["reference"])
        assert Outcome.from_json(answer["outcome"]).entry.path == str(path)
        assert len(made) == 1
    assert len(here) == 3


def cluster_pool(here):
    """Return the pool that the fixture `here` put in place."""
    from voxlite.archive import pool

    return pool.Pool


def test_the_cause_of_a_failure_is_the_line_of_voxlite():
    from voxlite.archive.cluster import _cause

    class OfRayError(Exception):
        cause = VoxliteError("the model is missing")

    assert _cause(OfRayError("traceback\n\nlast")) == "the model is missing"
    assert _cause(RuntimeError("traceback\nlast line\n")) == (
        "Ray gave up (last line): look at the cluster's logs"
    )
    assert "RuntimeError" in _cause(RuntimeError())
