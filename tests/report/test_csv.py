from __future__ import annotations

import csv
import io

from voxlite.report.tables import COLUMNS, csv_text, report_csv


def test_one_row_per_segment_with_the_file_first(make_report):
    rows = list(csv.DictReader(io.StringIO(report_csv(make_report()))))
    assert [row["label"] for row in rows] == ["silence", "voice", "noise", "voice"]
    assert rows[1] == {
        "file": "calls/one.wav",
        "start_s": "1.0000",
        "end_s": "2.0000",
        "duration_s": "1.0000",
        "label": "voice",
        "score": "0.9000",
    }


def test_the_header_can_be_left_out_for_further_reports(make_report):
    report = make_report()
    assert report_csv(report) == ",".join(COLUMNS) + "\n" + report_csv(report, header=False)


def test_names_with_commas_and_quotes_are_quoted(make_report):
    report = make_report(source='a,"b".wav')
    assert next(csv.reader(io.StringIO(report_csv(report, header=False))))[0] == 'a,"b".wav'


def test_sound_in_memory_has_an_empty_name(make_report):
    assert report_csv(make_report(source=None), header=False).startswith(",0.0000,")


def test_lines_end_alike_everywhere():
    assert csv_text([("a", 1), ("b", 2)]) == "a,1\nb,2\n"
