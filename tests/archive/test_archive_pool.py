"""Worker processes: any number gives the same tables, one that dies costs its recording, a killed scan goes on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from voxlite.archive import scan
from voxlite.archive.entries import Entry
from voxlite.archive.plans import Plan, make_plan
from voxlite.archive.pool import Pool
from voxlite.errors import VoxliteError

KILLED_SCAN = """
import os, signal, sys
from voxlite.archive import batches, scan

def progress(n_done, n_todo, sound_s):
    print(n_done, flush=True)
    if n_done >= 12:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    batches.MAX_RECORDINGS = 5
    scan(sys.argv[1], sys.argv[2], tasks=("voice",), workers=2, on_progress=progress)
"""


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(what) -> None:
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_one_worker_and_two_give_the_same_tables(calls, tmp_path, here, rows, segments, monkeypatch):
    (calls / "empty.wav").touch()
    (calls / "odd \udcff\n<b>.wav").write_text("no sound")
    scan(calls, tmp_path / "here")
    monkeypatch.setattr("voxlite.archive.pool.Pool", Pool)
    for n_workers in (1, 2):
        summary = scan(calls, tmp_path / str(n_workers), workers=n_workers)
        assert (summary.n_analyzed, summary.n_failed) == (6, 2)
        assert rows(tmp_path / str(n_workers), "elapsed_s") == rows(tmp_path / "here", "elapsed_s")
        assert segments(tmp_path / str(n_workers)) == segments(tmp_path / "here")
    odd = [row for row in rows(tmp_path / "2").values() if row["path_bytes"]]
    assert [row["path_bytes"] for row in odd] == [os.fsencode(calls / "odd \udcff\n<b>.wav")]


def test_a_worker_that_dies_costs_its_recording(tmp_path, tone):
    """The worker stands still in a pipe that nobody writes to, until it is killed."""
    os.mkfifo(tmp_path / "stuck.wav")
    good = [Entry(str(tone(tmp_path / f"{k}.wav", seconds=0.5))) for k in range(3)]
    with Pool(make_plan(str(tmp_path), ("voice",), {}), 1) as pool:
        (first,) = pool.process_ids
        killer = threading.Timer(1.0, os.kill, (first, signal.SIGSEGV))
        killer.start()
        outcomes = list(pool.run([good[0], Entry(str(tmp_path / "stuck.wav")), *good[1:]]))
        killer.join()
        (second,) = pool.process_ids
        scratch = pool._folder.name
        assert len(os.listdir(scratch)) == 1  # noqa: PTH208  the dead one's is gone
        again = list(pool.run(good[:1]))
    assert second != first
    assert [Path(outcome.entry.path).name for outcome in outcomes] == ["0.wav", "stuck.wav", "1.wav", "2.wav"]
    assert [outcome.row.get("error_kind") for outcome in outcomes] == [None, "crashed", None, None]
    assert "SIGSEGV" in outcomes[1].row["error"]
    assert {**again[0].row, "elapsed_s": 0} == {**outcomes[0].row, "elapsed_s": 0}
    wait_until(lambda: not is_running(second))
    assert not Path(scratch).exists()


def test_a_worker_that_dies_idle_costs_nothing(tmp_path, tone):
    entry = Entry(str(tone(tmp_path / "a.wav", seconds=0.5)))
    with Pool(make_plan(str(tmp_path), ("voice",), {}), 1) as pool:
        (first,) = pool.process_ids
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not is_running(first))
        (outcome,) = pool.run([entry])
        assert "error" not in outcome.row
        assert pool.process_ids != [first]


def test_workers_that_cannot_start_end_the_run_in_one_line(tmp_path, monkeypatch):
    plan = Plan(str(tmp_path), ("voice",), {"voice": "no such model"}, "r")
    with pytest.raises(VoxliteError, match="no voice model named 'no such model'"):
        Pool(plan, 2)
    monkeypatch.setattr("voxlite.archive.pool.serve", os._exit)  # refuses its arguments: exit status 1
    with pytest.raises(VoxliteError, match=r"died before it began \(exit status 1\)"):
        Pool(plan, 1)


def test_workers_have_one_thread_each_and_the_caller_keeps_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    with Pool(make_plan(str(tmp_path), ("quality",), {}), 1) as pool:
        environment = Path(f"/proc/{pool.process_ids[0]}/environ").read_bytes().split(b"\0")
    assert b"OMP_NUM_THREADS=1" in environment
    assert b"OPENBLAS_NUM_THREADS=3" in environment
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_killed_scan_leaves_whole_tables_and_goes_on_where_it_was(
    tmp_path, samples_dir, tone, rows, segments
):
    calls, out = tmp_path / "calls", tmp_path / "out"
    for k in range(28):
        tone(calls / f"{k:02d}.wav", hz=200 + 10 * k)
    shutil.copy(samples_dir / "voice-en-radio.flac", calls / "voice.flac")
    script = tmp_path / "killed.py"
    script.write_text(KILLED_SCAN)
    done = subprocess.run(
        [sys.executable, script, calls, out], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split()[-1] == "12"
    first = rows(out)
    assert len(first) == 10  # two parts of five; the two recordings after them are lost with the process
    assert {part["path"] for part in segments(out)} == set(first)

    command = [sys.executable, "-m", "voxlite", "scan", calls, "--out", out, "--tasks", "voice"]
    again = subprocess.run(
        [*command, "--workers", "2"], capture_output=True, text=True, timeout=120, check=False
    )
    assert again.returncode == 0, again.stderr
    assert re.search(r"recordings  29: 19 analysed, 10 done before; 0 failed", again.stdout)
    found = rows(out)
    assert len(found) == 29
    assert {path: found[path] for path in first} == first  # not touched: not even the seconds they took
    whole = tmp_path / "whole"
    scan(calls, whole, tasks=("voice",), workers=1)
    assert rows(whole, "elapsed_s") == rows(out, "elapsed_s")
    assert segments(whole) == segments(out)
    assert list((out / "claims").iterdir()) == []


def test_workers_end_with_a_killed_parent(tmp_path, tone):
    tone(tmp_path / "a.wav")
    code = (
        "import sys, time\n"
        "from voxlite.archive.plans import make_plan\n"
        "from voxlite.archive.pool import Pool\n"
        "if __name__ == '__main__':\n"
        "    pool = Pool(make_plan(sys.argv[1], ('quality',), {}), 1)\n"
        "    print(*pool.process_ids, pool._folder.name, flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker, folder = parent.stdout.readline().split()
        assert is_running(int(worker))
        parent.kill()
    wait_until(lambda: not is_running(int(worker)))
    assert not Path(folder).exists()
