import pytest

from voxlite.training.checks import (
    balance_table,
    check_corpus,
    duplicates,
    duration_table,
    licence_table,
    missing,
    one_sided,
    shared_sources,
)
from voxlite.training.tables import Table, percent


def test_an_honest_corpus_passes(clips):
    ticks = []
    result = check_corpus(clips, tick=lambda: ticks.append(1))
    assert result.problems == ()
    assert result.good
    assert len(ticks) == len(clips)
    assert [table.title for table in result.tables] == ["Class balance", "Licences", "Durations"]


def test_every_sort_of_problem_is_found(clips, changed, tmp_path):
    empty, broken = tmp_path / "empty.wav", tmp_path / "broken.wav"
    empty.touch()
    broken.write_bytes(b"RIFF then nothing")
    bad = changed(clips, 0, path=tmp_path / "gone.wav")
    bad = changed(bad, 1, path=empty)
    bad = changed(bad, 2, path=broken, duration_s=0.0)
    bad = changed(bad, 3, split="test", speaker="test-3", source="talk-1")
    bad = changed(bad, 4, source=clips[-1].source, name=clips[5].name)
    bad = changed(bad, 5, split="test")
    index = next(i for i, clip in enumerate(clips) if clip.split == "val" and clip.speaker == "val-1")
    bad = changed(bad, index, speaker="test-3")
    result = check_corpus(bad)
    text = "\n".join(result.problems)
    assert not result.good
    assert "gone.wav: no such file" in text
    assert "empty.wav: the file is empty" in text
    assert "broken.wav" in text
    assert f"{clips[5].name}: listed 2 times" in text
    assert "speaker test-3 of talk-1 is in test and val" in text
    assert "1 clips have a duration_s" in text
    assert len(result.problems) == 6


def test_without_decoding_only_the_files_count(clips, changed, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF then nothing")
    ticks = []
    result = check_corpus(changed(clips, 0, path=broken), decode=False, tick=lambda: ticks.append(1))
    assert result.good
    assert ticks == []


def test_missing_and_duplicates_of_nothing():
    assert missing([]) == []
    assert duplicates([]) == []


@pytest.mark.parametrize(
    ("left_out", "line"),
    [
        ({"speech"}, "split val: no speech"),
        ({"nonhuman", "music", "silence"}, "split val: speech alone, no nonhuman, music or silence"),
        ({"speech", "nonhuman", "music", "silence"}, "split val: no clips"),
    ],
)
def test_a_split_needs_both_classes(clips, left_out, line):
    some = [clip for clip in clips if clip.split != "val" or clip.kind not in left_out]
    assert one_sided(some) == [line]


def test_what_may_be_a_leak_is_a_remark(clips, changed):
    assert shared_sources(clips) == []
    index = next(i for i, clip in enumerate(clips) if clip.kind == "music" and clip.split == "test")
    some = changed(clips, index, source="songs-val")
    index = next(i for i, clip in enumerate(clips) if clip.speaker == "test-0")
    some = changed(some, index, source="elsewhere", speaker="val-0")
    remarks = shared_sources(some)
    assert len(remarks) == 2
    assert remarks[0].startswith("source songs-val has sounds in test and val")
    assert remarks[1] == "speaker id val-0 is in elsewhere (test), talk-0 (val): a leak if it is one person"
    assert check_corpus(some, decode=False).good


def test_balance_counts_clips_hours_speakers_and_sources(clips):
    rows = {row[0]: row for row in balance_table(clips).rows}
    assert rows["speech"] == ("speech", "6, 0.00", "6, 0.00", "6, 0.00", 18, 2)
    assert rows["babble"] == ("babble", None, None, "1, 0.00", None, 1)


def test_licences_are_grouped_by_use(clips, changed):
    some = changed(changed(clips, 0, use="research", licence="not free"), 1, licence="")
    rows = licence_table(some).rows
    assert [row[:3] for row in rows] == [
        ("free", "CC0-1.0", len(clips) - 2),
        ("free", "not stated", 1),
        ("research", "not free", 1),
    ]


def test_durations_count_every_clip_once(clips, changed):
    some = changed(clips, 0, duration_s=90.0)
    rows = duration_table(some).rows
    assert sum(row[1] for row in rows) == 18
    assert sum(row[1] + row[2] for row in rows) == len(clips)
    assert rows[-1][:2] == ("30 and more", 1)
    assert max(len(row[3]) for row in rows) == 30
    assert all(set(row[3]) <= {"█"} for row in rows)
    assert [row[1:] for row in duration_table([]).rows] == [(0, 0, "")] * len(rows)


def test_cells_as_text():
    table = Table.of("t", ["a", "b", "c", "d", "e"], [["x", 3, 0.5, None, float("nan")]])
    assert table.texts() == [("x", "3", "0.5000", "-", "-")]
    assert percent(0.1234) == "12.3 %"
    assert percent(None) is None
    assert percent(float("nan")) is None
