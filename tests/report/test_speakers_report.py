"""Speakers in a report: plain data, text, CSV, RTTM, picture."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from voxlite.report.jsonio import report_json
from voxlite.report.palette import SPEAKER_COLOURS
from voxlite.report.rttm import report_rttm
from voxlite.report.speaker_text import MOST_SEGMENTS
from voxlite.report.tables import report_csv
from voxlite.report.text import report_text
from voxlite.values import Turn

TURNS = (Turn(1.0, 1.4, "Ann Lee", 0.8), Turn(1.4, 2.0, "speaker 1", 0.75), Turn(3.0, 4.0, "Ann Lee", 0.9))


@pytest.fixture
def report(make_report):
    """Voice from 1 to 2 and from 3 to 4 s; Ann, a stranger, Ann."""
    return replace(make_report(), speakers=TURNS)


def test_plain_data(report, make_report):
    data = json.loads(report_json(report))
    assert data["schema"] == "voxlite.report/1"
    assert data["speakers"][0] == {"start_s": 1.0, "end_s": 1.4, "speaker": "Ann Lee", "score": 0.8}
    assert len(data["speakers"]) == 3
    assert "speakers" not in make_report().to_dict()
    assert replace(report, speakers=()).to_dict()["speakers"] == []


def test_times_of_speakers_in_order_of_appearance(report):
    assert list(report.speaker_times_s().items()) == [
        ("Ann Lee", pytest.approx(1.4)),
        ("speaker 1", pytest.approx(0.6)),
    ]


def test_turns_take_the_place_of_voice_in_csv(report):
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    assert [(row["start_s"], row["label"], row["speaker"]) for row in rows] == [
        ("0.0000", "silence", ""),
        ("1.0000", "voice", "Ann Lee"),
        ("1.4000", "voice", "speaker 1"),
        ("2.0000", "noise", ""),
        ("3.0000", "voice", "Ann Lee"),
    ]
    ends = [row["end_s"] for row in rows]
    assert ends[:-1] == [row["start_s"] for row in rows[1:]]
    alone = list(csv.DictReader(io.StringIO(report_csv(replace(report, segments=())))))
    assert [row["speaker"] for row in alone] == ["Ann Lee", "speaker 1", "Ann Lee"]


def test_turns_as_rttm(report):
    assert report_rttm(report, "call").splitlines() == [
        "SPEAKER call 1 1.000 0.400 <NA> <NA> Ann_Lee 0.800 <NA>",
        "SPEAKER call 1 1.400 0.600 <NA> <NA> speaker_1 0.750 <NA>",
        "SPEAKER call 1 3.000 1.000 <NA> <NA> Ann_Lee 0.900 <NA>",
    ]
    assert report_rttm(replace(report, speakers=()), "call") == ""


def test_a_bar_per_speaker_and_the_turns(report):
    lines = report_text(report, 60).splitlines()
    at = next(k for k, line in enumerate(lines) if "Speakers: 2, 3 turns" in line)
    ann, stranger = lines[at + 1], lines[at + 2]
    assert ann.split()[0] == "Ann"
    assert ann.endswith(" 0:01")
    bars = [line[len("  speaker 1 ") : -len(" 0:01")] for line in (ann, stranger)]
    assert len(bars[0]) == len(bars[1])
    n = len(bars[0])
    for bar, spans in zip(bars, ([(1.0, 1.4), (3.0, 4.0)], [(1.4, 2.0)]), strict=True):
        for place, mark in enumerate(bar):
            middle_s = (place + 0.5) * 4 / n
            assert (mark != " ") == any(a < middle_s < b for a, b in spans)
    assert not any(one != " " and other != " " for one, other in zip(*bars, strict=True))
    assert "voice segments" not in " ".join(lines).lower()
    assert any(line.split()[:2] == ["2", "0:01.40"] and line.endswith("speaker 1") for line in lines)


def test_text_of_extremes(make_report):
    many = tuple(Turn(k / 50, (k + 1) / 50, f"speaker {k % 11 + 1}", 0.5) for k in range(200))
    text = report_text(replace(make_report(), speakers=many), 80)
    assert f"... and {200 - MOST_SEGMENTS} more: --format csv, json or rttm lists them all" in text
    assert all(f"speaker {k}" in text for k in range(1, 12))
    assert "Nobody speaks." in report_text(replace(make_report(), speakers=()), 80)
    short = (Turn(0.0, 0.001, "n" * 100 + "\x1b", 0.5),)
    text = report_text(replace(make_report(), duration_s=4_000.0, speakers=short), 70)
    assert "█" in text.split("Speakers")[1].splitlines()[1]
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 70


def test_a_row_per_speaker_in_the_picture(report):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    from voxlite.report import picture as pictures
    from voxlite.report.overview import overview_of

    sound = np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)
    for truth, rows in ((None, ["found"]), (report.segments, ["found", "truth"])):
        figure = pictures._figure(report, overview_of([sound], 4.0), truth)
        axis = figure.axes[3]
        assert [text.get_text() for text in axis.get_yticklabels()] == [*rows, "Ann Lee", "speaker 1"]
        drawn = {tuple(np.round(c.get_facecolor()[0][:3], 3)) for c in axis.collections}
        for colour in SPEAKER_COLOURS[:2]:
            assert tuple(round(int(colour[k : k + 2], 16) / 255, 3) for k in (1, 3, 5)) in drawn
        assert len({*np.round(axis.get_yticks(), 6)}) == len(rows) + 2
    alone = pictures._figure(replace(report, segments=(), scores=None), overview_of([sound], 4.0), None)
    assert [text.get_text() for text in alone.axes[3].texts] == []
