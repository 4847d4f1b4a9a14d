"""`voxlite scan`: what it prints, when it fails, what it refuses; the meter on a terminal."""

from __future__ import annotations

import io
import sys

import pytest
from typer.testing import CliRunner

from voxlite.archive import Summary
from voxlite.cli.main import app
from voxlite.cli.progress import ScanMeter
from voxlite.cli.scan import hours, summary_lines
from voxlite.errors import VoxliteError


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("VOXLITE_DEBUG", raising=False)
    return lambda *args: CliRunner().invoke(app, ["scan", *map(str, args)])


def test_a_scan_says_what_it_did_and_a_failure_is_no_failure_of_the_run(run, calls, tmp_path, here):
    (calls / "empty\n.wav").touch()
    done = run(calls, "--out", tmp_path / "out", "--tasks", "voice")
    assert done.exit_code == 0
    assert done.stdout.startswith("recordings  5: 5 analysed; 1 failed\nsound       0.2 min, of it voice 0.")
    assert " x real time" in done.stdout
    assert done.stderr == f"'{calls}/empty\\n.wav': the file is empty (0 bytes): record or copy it again\n"
    again = run(calls, "--out", tmp_path / "out", "--tasks", "voice")
    assert again.stdout.startswith("recordings  5: 0 analysed, 5 done before; 1 failed\n")
    assert again.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--address", "auto"], 2, "--engine ray"),
        (["--tasks", "song"], 2, "unknown task"),
        (["--engine", "slurm"], 2, "slurm"),
        (["--workers", "0"], 2, "workers"),
        (["--model", "voice=none"], 1, "no voice model named 'none'"),
        ([], 1, "no such file or folder"),
    ],
)
def test_wrong_use_and_a_run_that_cannot_go_on(run, tmp_path, arguments, status, said):
    done = run(tmp_path / "missing", "--out", tmp_path / "out", *arguments)
    assert done.exit_code == status
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("module", "extra"), [("pyarrow", "archive"), ("ray", "ray")])
def test_a_missing_extra_is_told_before_the_work(run, calls, tmp_path, monkeypatch, module, extra):
    from importlib import util

    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *more: None if name == module else find(name, *more))
    done = run(calls, "--out", tmp_path / "out", "--engine", "ray")
    assert done.exit_code == 1
    assert f"voxlite[{extra}]" in done.stderr


def test_options_reach_the_scan(run, tmp_path, monkeypatch):
    asked = {}

    def scan(source, out, **options):
        asked.update(options, source=source, out=out)
        failures = (("a.wav", "bad"), ("b\n.wav", "worse"))
        return Summary(9, 1, 2, 6, 7, 7_200.0, 3_600.0, 5_400.0, 2.0, failures)

    monkeypatch.setattr("voxlite.archive.scan", scan)
    options = (
        "--engine",
        "ray",
        "--address",
        "auto",
        "--workers",
        "3",
        "--tasks",
        "all",
        "--force",
        "--checksum",
        "--prune",
        "--timeout",
        "60",
        "--detector",
        "kettle.tflite",
    )
    done = run("s3://b/c", "-o", "s3://b/d", *options, "--model", "voice=compact")
    assert done.exit_code == 0
    meter = asked.pop("on_progress")
    assert isinstance(meter, ScanMeter)
    assert asked == {
        "source": "s3://b/c", "out": "s3://b/d", "engine": "ray", "address": "auto", "workers": 3,
        "tasks": ("voice", "quality", "speaker", "gender", "mood"), "models": {"voice": "compact"},
        "detectors": ["kettle.tflite"], "people": None, "timeout_s": 60.0,
        "force": True, "checksum": True, "prune": True,
    }  # fmt: skip
    assert done.stdout.splitlines() == [
        "recordings  9: 6 analysed, 2 with a content known already, 1 done before; 7 failed",
        "sound       2.0 h, of it voice 1.0 h",
        "speed       2700 x real time, 3.0 recordings/s, 2.0 s in all",
    ]
    assert done.stderr.splitlines() == [
        "a.wav: bad",
        "'b\\n.wav': worse",
        "and 5 more: the rows whose error is not null",
    ]


def test_a_fault_of_the_run_is_status_one(run, tmp_path, monkeypatch):
    def scan(*args, **options):
        raise VoxliteError("out: another scan writes there")

    monkeypatch.setattr("voxlite.archive.scan", scan)
    done = run("calls", "--out", tmp_path)
    assert done.exit_code == 1
    assert done.stderr == "voxlite: error: out: another scan writes there\n"


def test_a_summary_of_nothing_new_has_no_speed():
    assert len(summary_lines(Summary(n_recordings=3, n_before=3))) == 2
    assert hours(90.0) == "1.5 min"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_meter_shows_rate_and_time_left_on_a_terminal_only(monkeypatch):
    now_s = [0.0]
    monkeypatch.setattr("voxlite.cli.progress.time.monotonic", lambda: now_s[0])
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setenv("TERM", "xterm")
        with ScanMeter() as meter:
            now_s[0] += 100.0  # listing the archive is no part of the rate
            for n_done in (0, 10, 20):
                meter(n_done, 40, 60.0 * n_done)
                now_s[0] += 2.0
        text = stream.getvalue()
        assert ("20/40" in text) is shown
        assert ("5.0 recordings/s" in text) is shown
        assert ("300 x real time" in text) is shown


def test_an_overview_of_the_archive_escapes_names_and_shows_failures(run, calls, tmp_path, here):
    pytest.importorskip("jinja2")
    (calls / "<b>bold.wav").touch()
    page = tmp_path / "overview.html"
    done = run(calls, "--out", tmp_path / "out", "--html", page)
    assert done.exit_code == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert "5 recordings" in text
    assert "1 of the recordings could not be read" in text
    assert "&lt;b&gt;bold.wav" in text
    assert "<b>bold" not in text
    assert str(calls / "voice-en-radio.flac") in text
    assert str(calls) in text.partition("</title>")[0]
    assert sorted(path.name for path in tmp_path.iterdir() if "overview" in path.name) == ["overview.html"]


@pytest.mark.parametrize(
    ("name", "said"), [("page.txt", "ends in .html"), ("none/page.html", "its folder does not exist")]
)
def test_a_page_that_cannot_be_is_refused_before_the_work(run, calls, tmp_path, name, said):
    done = run(calls, "--out", tmp_path / "out", "--html", tmp_path / name)
    assert done.exit_code == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_rows_of_a_scan_are_read_back(calls, tmp_path, here):
    from voxlite.archive import recording_rows, scan

    scan(calls, tmp_path / "out", tasks=("voice",))
    assert sorted(row["path"] for row in recording_rows(tmp_path / "out", ["path"])) == sorted(
        str(path) for path in calls.rglob("[!.]*.*a[vc]*") if path.suffix in (".wav", ".flac")
    )
    with pytest.raises(VoxliteError, match="name a folder that `voxlite scan` wrote to"):
        list(recording_rows(tmp_path / "nothing"))
