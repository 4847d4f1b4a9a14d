"""Tables of segments with unusual text in them."""

from __future__ import annotations

import pytest

from voxlite.errors import VoxliteError
from voxlite.report.scoring import read_truth
from voxlite.report.tables import report_csv


@pytest.mark.parametrize(
    "name", ["a\u2028b.wav", "a\x0bb.wav", "a\x1cb.wav", 'a"b.wav', "a\nb.wav", "a,b.wav"]
)
def test_a_report_is_read_back_whatever_the_recording_is_called(make_report, tmp_path, name):
    report = make_report(source=name, quality=False)
    path = tmp_path / "segments.csv"
    path.write_bytes(report_csv(report).encode("utf-8"))
    assert [segment.label for segment in read_truth(path)] == [segment.label for segment in report.segments]


def test_a_field_without_end_is_one_line(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text('start_s,end_s,label\n0,1,"' + "x" * 200_000)
    with pytest.raises(VoxliteError, match="the truth is no table") as caught:
        read_truth(path)
    assert "\n" not in str(caught.value)
