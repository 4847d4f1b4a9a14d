"""The diarization error rate: golden values of another implementation, and laws."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import MissingExtraError, VoxliteError
from voxlite.report.diarization_error import score_turns
from voxlite.values import Turn

pytest.importorskip("scipy", reason="needs the diarize extra")


def turns(*rows):
    return [Turn(start_s, end_s, speaker, 1.0) for start_s, end_s, speaker in rows]


PLAIN = turns((0, 10, "A"), (12, 20, "B"), (24, 27, "A"), (30, 40, "C"))
OVERLAP = turns((0, 10, "A"), (8, 20, "B"), (19.5, 27, "A"), (30, 40, "C"))
FOUND = turns((0, 12.3, "x"), (12.3, 20, "y"), (23.1, 27.4, "y"), (30.1, 36, "z"), (36, 40.2, "x"))
DOUBLE = turns((0, 9, "x"), (8.5, 19, "y"), (20, 26, "x"), (29, 41, "z"), (33, 35, "x"))


def test_a_hand_made_case():
    score = score_turns(turns((0, 10, "A"), (10, 20, "B")), turns((0, 12, "x"), (12, 21, "y")), 0.0)
    assert (score.speech_s, score.missed_s, score.false_alarm_s, score.confusion_s) == (20, 0, 1, 2)
    assert score.error_rate == pytest.approx(3 / 20)
    assert score.to_dict() == {
        "error_rate": 0.15, "speech_s": 20.0, "missed_s": 0.0, "false_alarm_s": 1.0, "confusion_s": 2.0,
        "n_true": 2, "n_found": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("truth", "found", "collar_s", "total", "missed", "false_alarm", "confusion"),
    [
        (PLAIN, FOUND, 0.0, 31, 0.1, 3.5, 7.3),
        (PLAIN, FOUND, 0.25, 29, 0, 2.3, 6.3),
        (PLAIN, DOUBLE, 0.0, 31, 2, 10.5, 1),
        (PLAIN, DOUBLE, 0.25, 29, 1.5, 9, 0.75),
        (OVERLAP, FOUND, 0.0, 39.5, 5.7, 0.6, 10.2),
        (OVERLAP, FOUND, 0.25, 35.5, 4.35, 0.15, 9.45),
        (OVERLAP, DOUBLE, 0.0, 39.5, 4, 4, 0),
        (OVERLAP, DOUBLE, 0.25, 35.5, 2, 3.5, 0),
    ],
)
def test_against_pyannote_metrics(truth, found, collar_s, total, missed, false_alarm, confusion):
    """`DiarizationErrorRate(collar=2 * collar_s)` of pyannote.metrics 4.2.0: its collar is both sides."""
    score = score_turns(truth, found, collar_s)
    got = (score.speech_s, score.missed_s, score.false_alarm_s, score.confusion_s)
    assert got == pytest.approx((total, missed, false_alarm, confusion), abs=1e-6)


@st.composite
def conversations(draw):
    made = []
    for _ in range(draw(st.integers(1, 8))):
        start_s = draw(st.integers(0, 300)) / 10
        made.append((start_s, start_s + draw(st.integers(6, 80)) / 10, draw(st.sampled_from("ABCD"))))
    return turns(*made)


@given(conversations(), st.permutations("ABCD"), st.sampled_from([0.0, 0.25]))
def test_names_do_not_matter(truth, names, collar_s):
    renamed = [Turn(t.start_s, t.end_s, names["ABCD".index(t.speaker)], t.score) for t in truth]
    try:
        score = score_turns(truth, renamed, collar_s)
    except VoxliteError:  # all of it lies within the collars
        return
    assert score.error_rate == pytest.approx(0, abs=1e-9)
    assert score.n_true == score.n_found == len({t.speaker for t in truth})


@given(conversations(), conversations(), st.floats(0, 100))
def test_when_it_begins_does_not_matter_and_the_parts_add_up(truth, found, later_s):
    score = score_turns(truth, found, 0.0)
    moved = [
        [Turn(t.start_s + later_s, t.end_s + later_s, t.speaker, 1) for t in part] for part in (truth, found)
    ]
    assert score_turns(*moved, 0.0).error_rate == pytest.approx(score.error_rate, abs=1e-6)
    back = score_turns(found, truth, 0.0)
    assert back.missed_s == pytest.approx(score.false_alarm_s, abs=1e-9)
    assert back.confusion_s == pytest.approx(score.confusion_s, abs=1e-9)
    assert score.speech_s - score.missed_s == pytest.approx(back.speech_s - back.missed_s, abs=1e-9)


@given(conversations())
def test_nothing_found_is_all_missed(truth):
    score = score_turns(truth, [], 0.0)
    assert score.error_rate == 1
    assert score.n_found == 0


@given(conversations())
def test_a_find_cut_into_pieces_is_the_same(truth):
    pieces = [
        Turn(a, b, t.speaker, 1)
        for t in truth
        for a, b in ((t.start_s, t.start_s + 0.3), (t.start_s + 0.2, t.end_s))
    ]
    assert score_turns(truth, pieces, 0.0).error_rate == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("truth", "found", "collar_s", "words"),
    [
        ([], FOUND, 0.25, "no speech"),
        (turns((0, 0.4, "A")), [], 0.25, "no speech"),
        (PLAIN, FOUND, -1.0, "collar_s"),
        (PLAIN, turns((2, 1, "x")), 0.25, "found turns: 2 s to 1 s"),
    ],
)
def test_what_cannot_be_scored(truth, found, collar_s, words):
    with pytest.raises(VoxliteError, match=words):
        score_turns(truth, found, collar_s)


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[diarize\]"):
        score_turns(PLAIN, FOUND)
