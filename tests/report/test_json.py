from __future__ import annotations

import json
import math

import pytest

from voxlite.report.jsonio import report_json, to_json


def test_a_report_survives_the_round_trip(make_report):
    report = make_report()
    assert json.loads(report_json(report)) == report.to_dict()
    assert json.loads(report_json(report))["schema"] == "voxlite.report/1"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_know_are_refused(bad):
    with pytest.raises(ValueError, match="JSON"):
        to_json({"value": bad})


def test_names_in_any_script_stay_readable():
    assert to_json("записи/été.wav") == '"записи/été.wav"'


def test_a_name_that_is_no_utf8_is_escaped_and_reads_back():
    text = to_json("a\udcff.wav")
    assert text.isascii()
    assert json.loads(text) == "a\udcff.wav"


def test_indentation_is_a_choice():
    assert "\n" not in to_json({"a": [1, 2]}, indent=None)
