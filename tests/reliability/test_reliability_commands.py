"""Short runs of the long commands, and that each notices what it is there to notice."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest

if sys.platform != "linux":
    pytest.skip("processes and limits of Linux", allow_module_level=True)
ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
child, mutations, program_case, seeds = (
    importlib.import_module(f"reliability.fuzzing.{name}")
    for name in ("child", "mutations", "program", "seeds")
)
day, fuzz, kill, soak, writers = (
    importlib.import_module(f"reliability.{name}") for name in ("day", "fuzz", "kill", "soak", "writers")
)


def test_fuzz_finds_nothing(module, tmp_path):
    done = module("fuzz", "--cases", 25, "--seed", 11, "--out", tmp_path / "findings")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["findings"] == 0
    assert found["kinds"]["sound"] > 60
    assert found["refused"] > 40
    assert not (tmp_path / "findings").exists()


def test_writers_killed_lose_nothing(module):
    done = module("kill", "--kills", 12, "--seed", 5)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == sum(found["during"].values()) == 12
    assert found["acknowledged"]["added"] > 0


def test_soak_of_some_minutes(module, tmp_path):
    done = module(
        "soak", "--hours", 0.1, "--beside-minutes", 0.2, "--rate", 22_050, "--seed", 3,
        "--picture", tmp_path / "soak.png", "--out", tmp_path / "soak.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "soak.json").read_text())
    assert figures["sound_s"] == 360
    assert figures["equal_segments"] > 50
    assert figures["segments_of_ten_streams"] > 10
    assert len(figures["memory_mib"]) == 6
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


def crash():
    faulthandler.disable()  # pytest's would write to the terminal
    ctypes.string_at(1)


def hang():
    while True:
        pass


def grow():
    np.ones(300 << 17)  # 300 MiB


def chatter():
    os.write(2, b"[mp3 @ 0x1] Header missing\n")


def litter():
    Path("left.txt").write_text("x")


def stray():
    Path(os.environ["OUTSIDE"]).write_text("x")


def bug():
    raise IndexError("list index out of range")


def two_lines():
    raise child.VoxliteError("one\ntwo")


@pytest.mark.parametrize(
    ("work", "fault"),
    [
        (crash, "signal 11"), (hang, "no end"), (grow, "memory"), (chatter, "standard error"), (litter, "files left"),
        (stray, "wrote outside"), (bug, "raised IndexError"), (two_lines, "not one line"),
    ],
)  # fmt: skip
def test_a_child_notices(work, fault, tmp_path, monkeypatch):
    monkeypatch.setenv("OUTSIDE", str(tmp_path / "outside.txt"))
    folder = tmp_path / "inside"
    folder.mkdir()
    assert child.run_case(work, folder, wall_s=0.5 if work is hang else 20.0).fault == fault


def test_a_child_lets_good_work_pass(tmp_path):
    def refuse():
        raise child.VoxliteError("here: what, and the cure")

    assert child.run_case(lambda: None, tmp_path) == child.Outcome(
        "", "", pytest.approx(0, abs=50), pytest.approx(0, abs=20)
    )
    outcome = child.run_case(refuse, tmp_path)
    assert (outcome.fault, outcome.refused, outcome.detail) == ("", True, "here: what, and the cure")


@pytest.mark.parametrize(
    ("status", "out", "errors", "fault"),
    [
        (0, b"{}", b"", ""),
        (0, b"{", b"", "no JSON"),
        (0, b"{}", b"[opus] noise\n", "standard error"),
        (1, b"", b"voxlite: error: a: b: c\n", ""),
        (1, b"", b"voxlite: error: a\nmore\n", "not one line"),
        (
            1,
            b"",
            b"voxlite: error: unexpected KeyError ('x'): a fault of voxlite; please\n",
            "a fault of ours",
        ),
        (-11, b"", b"", "signal 11"),
        (77, b"", b"", "status 77"),
    ],
)
def test_what_the_program_said_is_judged(status, out, errors, fault):
    assert program_case.judged(status, out, errors, ("analyze", "x", "--format", "json"))[0] == fault


def test_edits_are_plain_and_drawn_by_seed():
    data = bytes(range(256)) * 20
    edits = [mutations.draw(data, random.Random(n)) for n in range(50)]
    assert edits == [mutations.draw(data, random.Random(n)) for n in range(50)]
    assert json.loads(json.dumps(edits)) == edits
    assert all(mutations.apply(data, one) == mutations.apply(data, one) for one in edits)
    assert sum(mutations.apply(data, one) != data for one in edits) > 45
    assert mutations.apply(b"abc", [["put", 1, "7878"], ["cut", 2]]) == b"ax"
    assert mutations.apply(b"abc", [["insert", 1, "78"], ["delete", 0, 1], ["put", 99, "00"]]) == b"xbc"


def test_a_finding_is_reduced_and_kept(tmp_path, monkeypatch):
    """Of four edits the one that matters is left, and the file with it."""
    seed = seeds.Seed("truth", "t.csv", b"start_s,end_s,label\n")
    edits = [["put", 0, "41"], ["insert", 3, "00ff"], ["put", 8, "42"], ["cut", 12]]

    def run(case, some, root):
        return child.Outcome("raised Error" if ["insert", 3, "00ff"] in some else "", "x", 0.0, 0.0)

    monkeypatch.setattr(fuzz, "run", run)
    case = fuzz.Case("t.csv: 1/7", seed, edits, 0, as_program=False)
    path = fuzz.keep(case, run(case, edits, tmp_path), tmp_path, tmp_path / "out")
    assert path.read_bytes() == mutations.apply(seed.data, [["insert", 3, "00ff"]])
    told = json.loads(path.with_name(path.name + ".json").read_text())
    assert (told["case"], told["edits"]) == ("t.csv: 1/7", [["insert", 3, "00ff"]])


def test_the_day_is_the_same_and_has_a_night():
    one, other = day.Day(1), day.Day(1)
    assert np.array_equal(one.scene(5), other.scene(5))
    assert not np.array_equal(one.scene(5), day.Day(2).scene(5))
    assert not one.scene(7_200 // day.SCENE_S).any()
    assert sum(len(part) for part in one.scenes(301.5)) == 301.5 * day.RATE_HZ


def test_a_slope_begins_after_the_night():
    times_s = [900.0 * n for n in range(1, 49)]
    memory = [100.0 + (50 if at <= 21_600 else 24 * at / 86_400) for at in times_s]
    assert soak.slope_mib_per_day(times_s, memory) == pytest.approx(24, abs=0.01)
    assert soak.slope_mib_per_day(times_s[:12], memory[:12]) is None


def test_unequal_segments_are_noticed():
    pair = soak.Pair.__new__(soak.Pair)
    segment = soak.Segment(0.0, 1.0, "noise", 0.5)
    pair._waiting, pair._end_s, pair.n_equal = (soak.deque([segment]), soak.deque([segment])), 0.0, 0
    pair._compare()
    assert pair.n_equal == 1
    for live, file in ((0.4, 0.5), (0.5, 0.5)):  # another score; a gap
        pair._waiting[0].append(soak.Segment(2.0, 3.0, "voice", live))
        pair._waiting[1].append(soak.Segment(2.0, 3.0, "voice", file))
        with pytest.raises(soak.UnequalError):
            pair._compare()


def test_a_torn_store_is_noticed(tmp_path):
    path, ledger = tmp_path / "voices.vault", writers.Ledger()
    with writers.opened(path) as vault:
        vault.add(*writers.batch("Ada"))
        vault.add(*writers.batch("Bob")[:3])
    with pytest.raises(kill.TornStoreError, match="in part"):
        kill.look(path, ledger, [])
    with writers.opened(path) as vault:
        vault.forget("Bob")
    assert kill.look(path, ledger, []) == 1
    with pytest.raises(kill.TornStoreError, match="never acknowledged"):
        kill.settle(path, ledger)
    ledger.there.add("Ada")
    assert kill.settle(path, ledger) == 1
    ledger.there.add("Cleo")
    with pytest.raises(kill.TornStoreError, match="missing"):
        kill.look(path, ledger, [])
    ledger.there.remove("Cleo")
    ledger.gone.add("Ada")
    with pytest.raises(kill.TornStoreError, match="came back"):
        kill.look(path, ledger, [])
