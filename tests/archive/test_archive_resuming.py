"""What is done is not done again: by content, recipe and error; what is redone replaces its row."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise

import pytest

from voxlite.archive import scan
from voxlite.archive.batches import Batch
from voxlite.archive.contents import Hashes
from voxlite.archive.entries import list_entries
from voxlite.archive.ledger import Ledger
from voxlite.archive.listener import Listener
from voxlite.archive.places import Place
from voxlite.archive.plans import make_plan
from voxlite.archive.tables import Tables

QUICK = {"tasks": ("voice",)}


def test_every_recording_is_a_row_and_its_segments_partition_it(calls, tmp_path, here, rows, segments):
    summary = scan(calls, tmp_path / "out")
    found = rows(tmp_path / "out")
    assert set(found) == {str(path) for path in calls.rglob("*") if path.suffix in (".wav", ".flac")} - {
        str(calls / ".hidden.wav")
    }
    assert (summary.n_recordings, summary.n_analyzed, summary.n_failed) == (4, 4, 0)
    for path, row in found.items():
        own = [part for part in segments(tmp_path / "out") if part["path"] == path]
        assert len(own) == row["n_segments"]
        assert own[0]["start_s"] == 0
        assert own[-1]["end_s"] == pytest.approx(row["duration_s"], abs=1e-4)
        assert all(a["end_s"] == b["start_s"] for a, b in pairwise(own))
        voice_s = sum(part["end_s"] - part["start_s"] for part in own if part["label"] == "voice")
        assert row["voice_s"] == pytest.approx(voice_s, abs=1e-3)
        shares = row["voice_share"] + row["silence_share"] + row["noise_share"]
        assert shares == pytest.approx(1, abs=1e-3)
    assert summary.sound_s == pytest.approx(sum(row["duration_s"] for row in found.values()))
    assert summary.voice_s == pytest.approx(sum(row["voice_s"] for row in found.values()))


def test_rows_say_what_analyze_says(calls, tmp_path, here, rows):
    from voxlite import analyze

    scan(calls, tmp_path / "out", tasks=("voice", "quality", "gender", "mood"))
    path = str(calls / "voice-en-radio.flac")
    row = rows(tmp_path / "out")[path]
    told = analyze(path, ["voice", "quality", "gender", "mood"]).to_dict()
    assert row["voice_score"] == told["voice"]["score"]
    assert row["voice_reasons"] == told["voice"]["reasons"]
    assert row["gender_label"] == told["gender"]["decision"]["label"]
    assert {part["label"]: part["score"] for part in row["mood_scores"]} == told["mood"]["scores"]
    assert row["mood_arousal"] == told["mood"]["arousal"]
    for name in ("loudness_lufs", "snr_db", "bandwidth_hz", "remarks", "n_drop_outs", "clipped_share"):
        assert row[name] == told["quality"][name]
    assert row["models"] == told["models"]


def test_a_second_scan_has_nothing_to_do(calls, tmp_path, here, rows):
    scan(calls, tmp_path / "out", **QUICK)
    first = rows(tmp_path / "out")
    here.clear()
    summary = scan(calls, tmp_path / "out", **QUICK)
    assert here == []
    assert (summary.n_before, summary.n_analyzed) == (4, 0)
    assert rows(tmp_path / "out") == first
    scan(calls, tmp_path / "out", **QUICK, checksum=True)  # reads all, and finds the same
    assert here == []
    same = {path: {**row, "elapsed_s": 0} for path, row in rows(tmp_path / "out").items()}
    assert same == {path: {**row, "elapsed_s": 0} for path, row in first.items()}


def test_a_copy_takes_over_the_results_of_its_twin(calls, tmp_path, here, rows, segments):
    scan(calls, tmp_path / "out", **QUICK)
    here.clear()
    shutil.copy(calls / "voice-en-radio.flac", calls / "copy.flac")
    summary = scan(calls, tmp_path / "out", **QUICK)
    assert here == []
    assert (summary.n_known, summary.n_before, summary.n_analyzed) == (1, 4, 0)
    found = rows(tmp_path / "out", "path", "elapsed_s", "modified_at")
    assert found[str(calls / "copy.flac")] == found[str(calls / "voice-en-radio.flac")]
    of = {"copy.flac": [], "voice-en-radio.flac": []}
    for part in segments(tmp_path / "out"):
        name = os.path.basename(part["path"])  # noqa: PTH119
        if name in of:
            of[name].append({key: value for key, value in part.items() if key != "path"})
    assert of["copy.flac"] == of["voice-en-radio.flac"]
    assert len(of["copy.flac"]) > 1


def test_a_file_that_was_only_touched_is_not_analysed(calls, tmp_path, here, rows):
    scan(calls, tmp_path / "out", **QUICK)
    here.clear()
    os.utime(calls / "voice-en-radio.flac", (1_000, 1_000))
    summary = scan(calls, tmp_path / "out", **QUICK)
    assert here == []
    assert summary.n_known == 1
    assert rows(tmp_path / "out")[str(calls / "voice-en-radio.flac")]["modified_at"].timestamp() == 1_000


def test_a_changed_file_replaces_its_row_and_its_segments(calls, tmp_path, here, rows, segments, tone):
    scan(calls, tmp_path / "out", **QUICK)
    before = segments(tmp_path / "out")
    here.clear()
    changed = tone(calls / "voice-en-radio.flac", seconds=0.5)
    scan(calls, tmp_path / "out", **QUICK)
    assert here == [str(changed)]
    assert rows(tmp_path / "out")[str(changed)]["duration_s"] == 0.5
    others = [part for part in before if part["path"] != str(changed)]
    assert [part for part in segments(tmp_path / "out") if part["path"] != str(changed)] == others
    own = [part for part in segments(tmp_path / "out") if part["path"] == str(changed)]
    assert own[-1]["end_s"] == 0.5


def test_a_changed_content_of_equal_size_and_time_needs_checksum(calls, tmp_path, here, tone):
    path = calls / "deep" / "er" / "tone.wav"
    os.utime(path, (5_000, 5_000))
    scan(calls, tmp_path / "out", **QUICK)
    here.clear()
    tone(path, hz=880.0)
    os.utime(path, (5_000, 5_000))
    scan(calls, tmp_path / "out", **QUICK)
    assert here == []
    scan(calls, tmp_path / "out", **QUICK, checksum=True)
    assert here == [str(path)]


@pytest.mark.parametrize(
    "asked",
    [{"tasks": ("voice",), "force": True}, {"tasks": ("voice", "quality")}, {"tasks": ("quality",)}],
    ids=["force", "another task more", "other tasks"],
)
def test_force_and_another_recipe_do_all_again(calls, tmp_path, here, rows, segments, asked):
    scan(calls, tmp_path / "out", **QUICK)
    before = segments(tmp_path / "out")
    here.clear()
    summary = scan(calls, tmp_path / "out", **asked)
    assert len(here) == summary.n_analyzed == 4
    assert {tuple(row["tasks"]) for row in rows(tmp_path / "out").values()} == {tuple(asked["tasks"])}
    assert segments(tmp_path / "out") == (before if "voice" in asked["tasks"] else [])


def test_errors_of_the_content_stay_and_others_are_tried_again(tmp_path, here, rows, tone):
    folder = tmp_path / "calls"
    tone(folder / "good.wav")
    (folder / "bad.wav").write_text("no sound")
    (folder / "gone.wav").symlink_to(tmp_path / "later.wav")
    summary = scan(folder, tmp_path / "out", **QUICK)
    assert summary.n_failed == 2
    kinds = {path: row["error_kind"] for path, row in rows(tmp_path / "out").items()}
    assert kinds == {
        str(folder / "good.wav"): None,
        str(folder / "bad.wav"): "damaged",
        str(folder / "gone.wav"): "unreadable",
    }
    tone(tmp_path / "later.wav", hz=300)
    here.clear()
    summary = scan(folder, tmp_path / "out", **QUICK)
    assert here == [str(folder / "gone.wav")]
    assert (summary.n_before, summary.n_failed) == (2, 1)


def test_a_missing_extra_is_tried_again_when_it_is_there(tmp_path, here, rows, monkeypatch, tone):
    from voxlite.errors import MissingExtraError

    path = tone(tmp_path / "calls" / "a.m4a")

    def refuse(self, path):
        raise MissingExtraError("reading .m4a files", "media")

    with monkeypatch.context() as without:
        without.setattr("voxlite.analysis.Analyzer.analyze", refuse)
        scan(path.parent, tmp_path / "out", **QUICK)
    row = rows(tmp_path / "out")[str(path)]
    assert row["error_kind"] == "missing extra"
    assert "voxlite[media]" in row["error"]
    scan(path.parent, tmp_path / "out", **QUICK)
    assert rows(tmp_path / "out")[str(path)]["error"] is None


def test_a_twin_that_was_replaced_meanwhile_is_analysed_after_all(tmp_path, here, rows, tone, monkeypatch):
    folder = tmp_path / "calls"
    first, second = tone(folder / "a.wav"), folder / "b.wav"
    scan(folder, tmp_path / "out", **QUICK)
    shutil.copy(first, second)  # b is what a was, and a is new: a's row goes before b's is made
    tone(first, hz=700)
    os.utime(first, (7_000, 7_000))
    monkeypatch.setattr("voxlite.archive.batches.MAX_RECORDINGS", 1)
    here.clear()
    summary = scan(folder, tmp_path / "out", **QUICK)
    assert here == [str(first), str(second)]
    assert (summary.n_analyzed, summary.n_known) == (2, 0)
    found = rows(tmp_path / "out")
    assert len({row["content_sha256"] for row in found.values()}) == 2
    assert all(row["error"] is None for row in found.values())


def test_small_batches_give_the_same_tables(calls, tmp_path, here, rows, segments, monkeypatch):
    scan(calls, tmp_path / "one", **QUICK)
    monkeypatch.setattr("voxlite.archive.batches.MAX_SEGMENTS", 1)
    scan(calls, tmp_path / "many", **QUICK)
    assert len(list((tmp_path / "many" / "recordings").glob("*.parquet"))) == 4
    assert rows(tmp_path / "one", "elapsed_s") == rows(tmp_path / "many", "elapsed_s")
    assert segments(tmp_path / "one") == segments(tmp_path / "many")


def test_an_interrupted_scan_keeps_what_it_has(calls, tmp_path, here, rows):
    def stop(n_done, n_todo, sound_s):
        if n_done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(calls, tmp_path / "out", **QUICK, on_progress=stop)
    assert len(rows(tmp_path / "out")) == 2
    assert list((tmp_path / "out" / "claims").iterdir()) == []
    here.clear()
    assert scan(calls, tmp_path / "out", **QUICK).n_before == 2
    assert len(here) == 2


def test_a_row_that_is_there_twice_is_healed(calls, tmp_path, here, rows):
    scan(calls, tmp_path / "out", **QUICK)
    plan, place = make_plan(str(calls), ("voice",), {}), Place.of(tmp_path / "out")
    tables = Tables(place)
    batch = Batch(tables, Ledger(tables), plan)
    twin = Tables(Place.of(tmp_path / "other"))
    other = Batch(twin, Ledger(twin), plan)
    listener = Listener(plan, Hashes(), tmp_path)
    other.add(listener.listen(list_entries(Place.of(calls))[0]))
    other.flush()
    (part,) = twin.parts()
    for table in ("recordings", "segments"):
        later = part.replace("part-000001", "part-000009")
        shutil.copy(tmp_path / "other" / table / part, tmp_path / "out" / table / later)
    assert batch.flush() == []
    assert scan(calls, tmp_path / "out", **QUICK).n_before == 4
    assert len(rows(tmp_path / "out")) == 4
