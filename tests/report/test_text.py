from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from voxlite.report.palette import ASCII_MARKS, COLOURS, MARKS, channel_text, clock, grouped, printable
from voxlite.report.quality_text import FIGURES, quality_lines
from voxlite.report.text import MOST_SEGMENTS, render_report, report_text
from voxlite.values import Segment


def test_says_everything_a_person_asks(make_report):
    text = report_text(make_report())
    assert "calls/one.wav" in text
    assert "0:04.00, 48 000 Hz, stereo" in text
    assert "voice 50.0 %" in text
    assert "silence 25.0 %" in text
    assert "noise 25.0 %" in text
    assert "Voice segments: 2, 0:02.00 in all" in text
    assert "1   0:01.00   0:02.00   1.00 s    0.90" in text
    assert "Verdict: voice  (probability 0.99, threshold 0.50, from 3.0 s of sound)" in text
    assert "only a little" in text


def test_bar_shows_the_segments_in_their_order(make_report):
    bar = report_text(make_report(), width=84).splitlines()[3]
    assert (
        bar == "  " + MARKS["silence"] * 20 + MARKS["voice"] * 20 + MARKS["noise"] * 20 + MARKS["voice"] * 20
    )


def test_clock_below_the_bar_stands_where_its_times_are(make_report):
    lines = report_text(make_report(), width=84).splitlines()
    assert lines[4].index("0:02") == lines[3].index(MARKS["noise"])


def test_quality_has_units_and_remarks(make_report):
    text = report_text(make_report())
    assert "dBFS" in text
    assert "LUFS" in text
    assert "Dead channels" in text
    assert "! Clipped:" in text
    assert "Signal to noise, about   not measurable" in text


def test_long_lists_are_cut_with_a_note(make_report):
    text = report_text(make_report(n_segments=200))
    assert f"Voice segments: 100" in text  # noqa: F541
    assert f"... and {100 - MOST_SEGMENTS} more: --format csv or json lists them all" in text
    assert f"{MOST_SEGMENTS + 1}   " not in text.split("Quality")[0].split("length")[1]


def test_without_voice_or_quality_only_the_rest_is_shown(make_report):
    report = replace(make_report(quality=False), voice=None, segments=(), scores=None, source=None)
    assert report_text(report) == "sound in memory\n  0:04.00, 48 000 Hz, stereo\n"


def test_no_voice_segment_is_said(make_report):
    report = replace(make_report(), segments=(Segment(0.0, 4.0, "silence", 1.0),), source="-")
    text = report_text(report)
    assert "No voice segment." in text
    assert text.startswith("standard input\n")


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_no_line_is_wider_than_asked(make_report, width):
    text = report_text(make_report(n_segments=8, quality=False), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_colours_on_a_terminal_and_ascii_where_nothing_else_is_known(make_report):
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="truecolor", width=80, legacy_windows=False)
    console.print(render_report(make_report(), 80, ascii_only=True))
    red, green, blue = (int(COLOURS["voice"][k : k + 2], 16) for k in (1, 3, 5))
    assert f"38;2;{red};{green};{blue}m{ASCII_MARKS['voice']}" in out.getvalue()
    assert out.getvalue().isascii()


def test_a_hostile_file_name_cannot_steer_the_terminal(make_report):
    text = report_text(make_report(source="a\x1b[31m[bold]\udcff.wav"))
    assert "\x1b" not in text
    assert "[bold]" in text
    assert printable("a\x1bb\n") == "a\ufffdb\ufffd"


@given(st.floats(0, 1e6))
def test_clock_never_shows_sixty_seconds_and_reads_back(seconds):
    text = clock(seconds)
    parts = [float(part) for part in text.split(":")]
    assert parts[-1] < 60
    assert len(parts) < 3 or parts[-2] < 60
    value = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert value == pytest.approx(seconds, abs=0.00501)


def test_number_formats():
    assert clock(3600, 0) == "1:00:00"
    assert clock(5, 1, hours=True) == "0:00:05.0"
    assert grouped(1234567) == "1 234 567"
    assert [channel_text(n) for n in (1, 2, 6)] == ["mono", "stereo", "6 channels"]


def test_every_quality_figure_is_known_by_its_name(make_report):
    known = {key for key, _, _ in FIGURES} | {
        "duration_s",
        "rate_hz",
        "channels",
        "drop_outs",
        "shares",
        "remarks",
    }
    assert set(make_report().quality.to_dict()) == known


def test_small_shares_do_not_vanish_and_long_times_get_a_clock():
    lines = dict(quality_lines({"clipped_share": 0.00003, "longest_silence_s": 75.0, "bandwidth_hz": None}))
    assert lines == {
        "Clipped samples": "0.003 %",
        "Longest silence": "1:15.00",
        "Bandwidth": "not measurable",
    }
