"""What a worker process does, here in this one: it says that it is ready, answers, and ends with its parent."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

from voxlite.archive.child import READY, _leave, serve
from voxlite.archive.entries import Entry
from voxlite.archive.listener import Outcome
from voxlite.archive.plans import Plan, make_plan


@pytest.fixture(autouse=True)
def keep_signals(monkeypatch):
    monkeypatch.setattr("voxlite.archive.child.signal.signal", lambda number, action: None)


def test_a_worker_answers_until_its_parent_is_gone(tmp_path, tone):
    ours, theirs = multiprocessing.Pipe()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = make_plan(str(tmp_path), ("voice",), {})
    entries = [Entry(str(tone(tmp_path / f"{k}.wav", seconds=0.5))) for k in range(2)]
    answers: list[object] = []

    def parent() -> None:
        answers.append(ours.recv_bytes())
        for entry in entries:
            ours.send_bytes(entry.to_json().encode())
            answers.append(Outcome.from_json(ours.recv_bytes()).entry)
        ours.close()

    thread = threading.Thread(target=parent)
    thread.start()
    serve(theirs, plan.to_json(), b"", str(scratch))
    thread.join()
    theirs.close()
    assert answers == [READY, *entries]
    assert not scratch.exists()


def test_a_worker_that_cannot_load_says_why(tmp_path):
    ours, theirs = multiprocessing.Pipe()
    serve(
        theirs,
        Plan(str(tmp_path), ("voice",), {"voice": "none"}, "r").to_json(),
        b"",
        str(tmp_path / "scratch"),
    )
    assert b"no voice model named 'none'" in ours.recv_bytes()
    ours.close()
    theirs.close()


def test_a_worker_that_is_told_to_end_ends_in_order(tmp_path, monkeypatch):
    scratch = tmp_path / "own" / "scratch"
    scratch.mkdir(parents=True)
    (scratch / "recording.wav").touch()
    monkeypatch.setattr(
        "voxlite.archive.child.Plan.from_json", lambda text: _leave(15, None)
    )  # the signal comes while it loads
    with pytest.raises(SystemExit) as left:
        serve(multiprocessing.Pipe()[1], "{}", b"", str(scratch))
    assert left.value.code == 143
    assert not (tmp_path / "own").exists()
