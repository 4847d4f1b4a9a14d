from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.report.rttm import file_ids, report_rttm

LINE = re.compile(r"SPEAKER \S+ 1 \d+\.\d{3} \d+\.\d{3} <NA> <NA> voice [01]\.\d{3} <NA>")


def test_voice_alone_becomes_lines_of_ten_fields(make_report):
    lines = report_rttm(make_report(), "one").splitlines()
    assert lines[0] == "SPEAKER one 1 1.000 1.000 <NA> <NA> voice 0.900 <NA>"
    assert len(lines) == 2
    assert all(LINE.fullmatch(line) and len(line.split()) == 10 for line in lines)


def test_no_voice_no_line(make_report):
    assert report_rttm(make_report(n_segments=1), "one") == ""


@pytest.mark.parametrize(
    ("sources", "ids"),
    [
        (["calls/my call.wav"], ["my_call"]),
        (["-"], ["stdin"]),
        (["a/x.wav", "b/x.wav", "y.wav"], ["a_x.wav", "b_x.wav", "y"]),
        (["/a/x.wav", "/a/x.flac"], ["a_x.wav", "a_x.flac"]),
        (["a b.wav", "a_b.wav"], ["a_b.wav", "a_b.wav-2"]),
    ],
)
def test_file_names(sources, ids):
    assert file_ids(sources) == ids


@given(st.lists(st.text(alphabet="ab /._", min_size=1, max_size=8), max_size=8, unique=True))
def test_file_names_have_no_blanks_and_are_never_alike(sources):
    ids = file_ids(sources)
    assert len(set(ids)) == len(sources)
    assert all(name and not re.search(r"\s", name) for name in ids)
