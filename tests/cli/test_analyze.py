from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile


def strict_json(text):
    def refuse(name):
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.wav"
    path.write_bytes(b"not audio at all")
    return path


@pytest.fixture
def four(tmp_path):
    """Four seconds in stereo: enough for every label of the replaced analysis."""
    path = tmp_path / "my four.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (32_000, 2)), 8_000, "PCM_16")
    return path


def test_a_report_for_people(as_process, tone):
    done = as_process("analyze", tone)
    text = done.stdout.decode()
    assert done.returncode == 0
    assert "0:02.00, 16 000 Hz, mono" in text
    assert "silence" in text
    assert "dBFS" in text
    assert "Verdict: no voice" in text
    assert "\x1b" not in text  # no terminal, no colours


def test_one_recording_is_one_object(as_process, tone):
    done = as_process("analyze", "--format", "json", tone)
    report = strict_json(done.stdout)
    assert report["schema"] == "voxlite.report/1"
    assert report["source"] == str(tone)
    assert report["segments"][-1]["end_s"] == 2.0
    assert report["quality"]["rms_dbfs"] < 0


def test_one_bad_file_among_several(as_process, tone, bad):
    done = as_process("analyze", "--format", "json", tone, bad, tone.parent / "missing.wav")
    assert done.returncode == 1
    assert [report["source"] for report in strict_json(done.stdout)] == [str(tone)]
    errors = [line for line in done.stderr.decode().splitlines() if line.startswith("voxlite: error: ")]
    assert len(errors) == 2
    assert "bad.wav" in errors[0]
    assert "missing.wav" in errors[1]
    assert "Traceback" not in done.stderr.decode()


def test_standard_input(as_process, tone):
    done = as_process("analyze", "-f", "json", "-", stdin=tone.read_bytes())
    assert strict_json(done.stdout)["source"] == "-"
    assert as_process("analyze", "-", stdin=b"").returncode == 1


def test_colours_of_bars_survive_a_poor_locale(as_process, tone):
    done = as_process("analyze", tone, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"?" not in done.stdout


def test_several_are_an_array_and_a_folder_is_searched(in_process, fake_analyze, four, tone):
    result = in_process("analyze", "-f", "json", four.parent)
    assert [Path(report["source"]).name for report in strict_json(result.stdout)] == [
        "my four.wav",
        "tone.wav",
    ]
    assert in_process("analyze", "-f", "json", four.parent / "t*.wav").stdout.startswith("{")


def test_csv_has_one_header_and_a_file_column(in_process, fake_analyze, four, tone):
    rows = list(csv.DictReader(io.StringIO(in_process("analyze", "-f", "csv", four, tone).stdout)))
    assert [row["label"] for row in rows] == ["silence", "voice", "noise", "voice", "silence", "voice"]
    assert {row["file"] for row in rows} == {str(four), str(tone)}


def test_rttm_has_voice_lines_alone(in_process, fake_analyze, four):
    assert in_process("analyze", "-f", "rttm", four).stdout.splitlines() == [
        "SPEAKER my_four 1 1.000 1.000 <NA> <NA> voice 0.900 <NA>",
        "SPEAKER my_four 1 3.000 1.000 <NA> <NA> voice 0.900 <NA>",
    ]


def test_options_reach_the_analysis(in_process, fake_analyze, four):
    in_process("analyze", "--tasks", "quality, voice", "--threads", 2, "--model", "voice=compact", four)
    assert fake_analyze == [
        {"path": str(four), "tasks": ("voice", "quality"), "threads": 2, "models": {"voice": "compact"}}
    ]


def test_texts_of_several_are_parted_by_a_blank_line(in_process, fake_analyze, four, tone):
    assert f"\n\n{tone}\n" in in_process("analyze", four, tone).stdout


@pytest.mark.parametrize("kind", ["text", "json", "csv", "rttm"])
def test_out_takes_what_standard_output_would(in_process, fake_analyze, four, tmp_path, kind):
    shown = in_process("analyze", "-f", kind, four).stdout
    out = tmp_path / "out" / "report"
    out.parent.mkdir()
    result = in_process("analyze", "-f", kind, "--out", out, four)
    assert (result.exit_code, result.stdout) == (0, "")
    assert [line.rstrip() for line in out.read_text("utf-8").splitlines()] == [
        line.rstrip() for line in shown.splitlines()
    ]
    assert [path.name for path in out.parent.iterdir()] == ["report"]


def test_out_stays_as_it_was_when_nothing_could_be_done(in_process, bad, tmp_path):
    out = tmp_path / "old.json"
    out.write_text("old")
    assert in_process("analyze", "-f", "json", "-o", out, bad).exit_code == 1
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.wav", "old.json"]


def test_out_never_replaces_a_recording(in_process, fake_analyze, four, tmp_path):
    before = four.read_bytes()
    result = in_process("analyze", "-o", four, tmp_path / "missing.wav", four)
    assert result.exit_code == 1
    assert "one of the recordings" in result.stderr
    assert four.read_bytes() == before


@pytest.mark.parametrize(("out", "words"), [("", "a folder"), ("no/such/x", "its folder does not exist")])
def test_out_that_cannot_be_written_is_told(in_process, fake_analyze, four, tmp_path, out, words):
    result = in_process("analyze", "-o", tmp_path / out, four)
    assert result.exit_code == 1
    assert words in result.stderr
    assert fake_analyze == []


def test_out_can_be_a_device(in_process, fake_analyze, four):
    assert in_process("analyze", "-f", "csv", "-o", "/dev/null", four).exit_code == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tasks", "voice,weather"),
        ("--tasks", ","),
        ("--tasks", "quality", "--format", "csv"),
        ("--tasks", "quality", "--format", "rttm"),
        ("--model", "compact"),
        ("--threads", "0"),
    ],
)
def test_wrong_use(in_process, fake_analyze, four, arguments):
    result = in_process("analyze", *arguments, four)
    assert result.exit_code == 2
    assert fake_analyze == []


def test_an_unknown_model_is_told_once_before_the_work(in_process, fake_analyze, four, tone):
    result = in_process("analyze", "--model", "voice=giant", four, tone)
    assert result.exit_code == 1
    assert result.stderr.count("giant") == 1
    assert fake_analyze == []


def test_an_empty_folder_does_not_stop_the_others(in_process, fake_analyze, four, tmp_path):
    (tmp_path / "empty").mkdir()
    result = in_process("analyze", "-f", "csv", tmp_path / "empty", four)
    assert result.exit_code == 1
    assert "no recordings" in result.stderr
    assert result.stdout.count("voice") == 2
    assert in_process("analyze", tmp_path / "empty").exit_code == 1


def test_a_fault_of_ours_costs_one_recording_only(in_process, monkeypatch, fake_analyze, four, tone):
    import voxlite.analysis as analysis

    good = analysis.analyze

    def analyze(path, *args, **kwargs):
        if path == str(tone):
            raise ZeroDivisionError("oh")
        return good(path, *args, **kwargs)

    monkeypatch.setattr(analysis, "analyze", analyze)
    result = in_process("analyze", "-f", "json", tone, four)
    assert [report["source"] for report in strict_json(result.stdout)] == [str(four)]
    assert "unexpected ZeroDivisionError (oh)" in result.stderr


def test_all_bad_is_an_empty_array(in_process, bad, tmp_path):
    assert strict_json(in_process("analyze", "-f", "json", bad, tmp_path / "no.wav").stdout) == []


def test_a_picture(in_process, fake_analyze, four, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    assert in_process("analyze", "--picture", tmp_path / "one.png", four).exit_code == 0
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    result = in_process(
        "analyze", "-f", "json", "--picture", tmp_path / "in.png", "-", stdin=four.read_bytes()
    )
    assert strict_json(result.stdout)["source"] == "-"
    assert (tmp_path / "in.png").exists()


def test_pictures_of_several_go_into_a_folder(in_process, fake_analyze, four, tone, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    result = in_process("analyze", "--picture", tmp_path / "all.png", four, tone)
    assert result.exit_code == 1
    assert "give --picture a folder" in result.stderr
    assert fake_analyze == []
    assert in_process("analyze", "--picture", tmp_path / "pictures", four, tone).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["my_four.png", "tone.png"]
    assert in_process("analyze", "--picture", tmp_path / "x.bmp", four).exit_code == 1


def test_a_picture_without_matplotlib_is_refused_before_the_work(in_process, fake_analyze, four, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = in_process("analyze", "--picture", "x.png", four)
    assert result.exit_code == 1
    assert "voxlite[plot]" in result.stderr
    assert fake_analyze == []


def test_a_persons_neutral_recordings_go_with_moods_alone(in_process, fake_analyze, four, tone):
    result = in_process("analyze", "--tasks", "mood", "--neutral", tone, "--neutral", four, four)
    assert result.exit_code == 0, result.stderr
    assert fake_analyze[0]["neutral"] == [str(tone), str(four)]
    refused = in_process("analyze", "--neutral", tone, four)
    assert refused.exit_code == 2
    assert "goes with the task mood" in refused.stderr
