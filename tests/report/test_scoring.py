"""Segment scores on cases small enough to check by hand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import VoxliteError
from voxlite.report.scoring import read_truth, score_segments
from voxlite.values import LABELS, Segment


def cut(*parts: tuple[float, str]) -> list[Segment]:
    """Segments from (end_s, label) pairs, each starting where the one before ends."""
    segments, start_s = [], 0.0
    for end_s, label in parts:
        segments.append(Segment(start_s, end_s, label, 1.0))
        start_s = end_s
    return segments


TRUTH = cut((1.0, "silence"), (3.0, "voice"), (4.0, "noise"))


def test_perfect_segments_score_one():
    score = score_segments(TRUTH, TRUTH)
    assert score.right_share == 1.0
    assert score.n_steps == 40
    assert set(score.precision.values()) == set(score.recall.values()) == {1.0}
    assert (score.onset_error_ms, score.offset_error_ms) == (0.0, 0.0)
    assert (score.n_matched, score.n_missed, score.n_extra) == (1, 0, 0)


def test_late_onset_and_early_offset_are_counted_in_steps_and_milliseconds():
    score = score_segments(TRUTH, cut((1.2, "silence"), (2.9, "voice"), (4.0, "noise")))
    assert score.right_share == pytest.approx(37 / 40)
    assert score.confusion["voice"] == {"voice": 17, "silence": 2, "noise": 1, "none": 0}
    assert score.recall["voice"] == pytest.approx(17 / 20)
    assert score.precision["silence"] == pytest.approx(10 / 12)
    assert score.precision["noise"] == pytest.approx(10 / 11)
    assert score.onset_error_ms == pytest.approx(200.0)
    assert score.offset_error_ms == pytest.approx(100.0)


def test_a_step_is_judged_by_its_centre():
    assert score_segments(TRUTH, cut((1.04, "silence"), (3.0, "voice"), (4.0, "noise"))).right_share == 1.0
    assert score_segments(TRUTH, cut((1.06, "silence"), (3.0, "voice"), (4.0, "noise"))).right_share < 1.0


def test_missed_and_extra_voice():
    truth = cut((1.0, "voice"), (2.0, "silence"), (3.0, "voice"), (5.0, "silence"))
    found = cut((1.0, "voice"), (3.5, "silence"), (4.5, "voice"), (5.0, "silence"))
    score = score_segments(truth, found)
    assert (score.n_matched, score.n_missed, score.n_extra) == (1, 1, 1)
    assert (score.n_onsets, score.n_offsets) == (1, 1)


def test_boundaries_further_than_half_a_second_are_not_compared():
    found = cut((1.5, "silence"), (2.4, "voice"), (4.0, "noise"))
    score = score_segments(TRUTH, found)
    assert score.n_matched == 1
    assert (score.n_onsets, score.onset_error_ms) == (1, pytest.approx(500.0))
    assert (score.n_offsets, score.offset_error_ms) == (0, None)


def test_a_split_voice_is_compared_with_the_nearest_of_its_parts():
    found = cut((0.9, "silence"), (1.8, "voice"), (2.0, "noise"), (3.1, "voice"), (4.0, "noise"))
    score = score_segments(TRUTH, found)
    assert (score.n_matched, score.n_extra) == (1, 0)
    assert score.onset_error_ms == pytest.approx(100.0)
    assert score.offset_error_ms == pytest.approx(100.0)


def test_what_was_not_found_is_wrong_and_what_is_not_true_is_not_scored():
    score = score_segments(TRUTH, TRUTH[:2])
    assert score.confusion["noise"]["none"] == 10
    assert score.right_share == pytest.approx(30 / 40)
    assert score.precision["noise"] is None
    assert score.recall["noise"] == 0.0
    gap = [TRUTH[0], TRUTH[2]]
    assert score_segments(gap, TRUTH).n_steps == 20
    assert score_segments(gap, []).right_share == 0.0


def test_labels_that_never_occur_have_no_precision_or_recall():
    score = score_segments(cut((1.0, "silence")), cut((1.0, "silence")))
    assert score.precision["voice"] is None
    assert score.recall["voice"] is None
    assert score.onset_error_ms is None


def test_a_last_step_that_is_cut_short_counts_if_its_centre_is_inside():
    assert score_segments(cut((1.06, "voice")), []).n_steps == 11
    assert score_segments(cut((1.04, "voice")), []).n_steps == 10


def test_dict_is_plain_json_and_rounded():
    score = score_segments(TRUTH, cut((1.123, "silence"), (2.9, "voice"), (3.9, "noise")))
    data = json.loads(json.dumps(score.to_dict(), allow_nan=False))
    assert data["right_share"] == round(score.right_share, 4)
    assert data["onset_error_ms"] == 123.0
    assert data["confusion"]["noise"]["none"] == 1
    assert set(data["precision"]) == set(LABELS)


@pytest.mark.parametrize("step_s", [0.0, -0.1, float("nan"), float("inf")])
def test_a_useless_step_is_refused(step_s):
    with pytest.raises(VoxliteError, match="step_s"):
        score_segments(TRUTH, TRUTH, step_s=step_s)


def test_no_truth_disorder_and_a_step_longer_than_the_truth_are_refused():
    with pytest.raises(VoxliteError, match="no segments"):
        score_segments([], TRUTH)
    with pytest.raises(VoxliteError, match="truth: segment 1"):
        score_segments(TRUTH[::-1], TRUTH)
    with pytest.raises(VoxliteError, match="found segments: segment 0"):
        score_segments(TRUTH, [Segment(1.0, 1.0, "voice", 1.0)])
    with pytest.raises(VoxliteError, match="shorter step_s"):
        score_segments(cut((1.0, "voice")), [], step_s=3.0)


@st.composite
def partitions(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=12)) | {100})
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=len(cuts), max_size=len(cuts)))
    return cut(*((end / 10, label) for end, label in zip(cuts, labels, strict=True)))


@given(partitions(), partitions())
def test_shares_and_counts_agree_with_each_other(truth, found):
    score = score_segments(truth, found)
    assert score.n_steps == 100
    assert sum(sum(row.values()) for row in score.confusion.values()) == 100
    naive = sum(
        next(s.label for s in truth if s.start_s <= t < s.end_s)
        == next(s.label for s in found if s.start_s <= t < s.end_s)
        for t in ((k + 0.5) / 10 for k in range(100))
    )
    assert score.right_share == pytest.approx(naive / 100)
    assert score.n_matched + score.n_missed == sum(s.label == "voice" for s in truth)
    assert 0 <= score.n_onsets <= score.n_matched
    back = score_segments(found, truth)
    assert back.right_share == pytest.approx(score.right_share)
    assert back.n_missed == score.n_extra


def test_truth_is_read_with_further_columns_ignored(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("what,start_s,end_s,label\na,0,1.5,silence\nb,1.5,2,voice\n", encoding="utf-8-sig")
    assert read_truth(path) == [Segment(0.0, 1.5, "silence", 1.0), Segment(1.5, 2.0, "voice", 1.0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("start_s,end_s,label\n0,1,voice\n1,x,noise\n", "line 3: start_s '1' and end_s 'x'"),
        ("start_s,end_s,label\n0,1\n", "line 2: label ''"),
        ("start_s,end_s,label\n0\n", "line 2: start_s '0' and end_s None"),
        ("start_s,end_s,label\n0,1,music\n", "line 2: label 'music' is unknown: use voice, silence, noise"),
        ("start_s,end_s,label\n1,1,voice\n", "line 2: 1.0 s to 1.0 s"),
        ("start_s,end_s,label\n-1,1,voice\n", "line 2: -1.0 s"),
        ("start_s,end_s,label\n0,nan,voice\n", "line 2: 0.0 s to nan s"),
        ("start_s,end_s,label\n0,inf,voice\n", "line 2: 0.0 s to inf s"),
        ("start_s,end_s,label\n0,2,voice\n1,3,noise\n", "line 3: starts at 1.0 s, before"),
        ("start_s,label\n0,voice\n", "line 1: no column end_s"),
        ("", "line 1: no column start_s, end_s, label"),
        ("start_s,end_s,label\n", "no rows"),
    ],
)
def test_a_bad_truth_names_file_and_line(tmp_path, text, words):
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VoxliteError) as caught:
        read_truth(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreadable_truth_is_one_line(tmp_path):
    with pytest.raises(VoxliteError, match="could not be read"):
        read_truth(tmp_path / "missing.csv")
    (tmp_path / "latin.csv").write_bytes(b"start_s,end_s,label\n\xff\xfe")
    with pytest.raises(VoxliteError, match="UTF-8"):
        read_truth(tmp_path / "latin.csv")
