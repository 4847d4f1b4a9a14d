"""`analyze --tasks speaker`: formats, options, the store that knows names."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("scipy", reason="needs the diarize extra")


@pytest.fixture
def four(tmp_path):
    """Four seconds: enough for every label of the replaced analysis."""
    path = tmp_path / "my four.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 32_000), 8_000, "PCM_16")
    return path


def test_who_speaks_in_every_format(in_process, fake_analyze, four):
    arguments = ("analyze", "--tasks", "speaker,voice", "--speakers", 2, four)
    assert [
        turn["speaker"] for turn in json.loads(in_process(*arguments, "-f", "json").stdout)["speakers"]
    ] == [
        "speaker 1",
        "speaker 1",
    ]
    rows = list(csv.DictReader(io.StringIO(in_process(*arguments, "-f", "csv").stdout)))
    assert [row["speaker"] for row in rows] == ["", "speaker 1", "", "speaker 1"]
    rttm = in_process(*arguments, "-f", "rttm").stdout.splitlines()
    assert rttm[0] == "SPEAKER my_four 1 1.000 1.000 <NA> <NA> speaker_1 0.800 <NA>"
    assert "Speakers: 1, 2 turns" in in_process(*arguments).stdout
    options = fake_analyze[-1]["speakers"]
    assert (fake_analyze[-1]["tasks"], options.bounds) == (("voice", "speaker"), (2, 2))
    in_process("analyze", "--tasks", "speaker", "--min-speakers", 2, "--max-speakers", 3, "-f", "csv", four)
    assert fake_analyze[-1]["speakers"].bounds == (2, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--speakers", "2"),
        ("--tasks", "voice", "--max-speakers", "3"),
        ("--tasks", "speaker", "--speakers", "0"),
        ("--tasks", "speaker", "--min-speakers", "3", "--max-speakers", "2"),
        ("--tasks", "speaker", "--speakers", "2", "--max-speakers", "5"),
        ("--tasks", "voice", "--store", "voices.vault"),
        ("--tasks", "speaker", "--keyring"),
    ],
)
def test_wrong_use_of_speakers(in_process, fake_analyze, four, arguments):
    result = in_process("analyze", *arguments, four)
    assert result.exit_code == 2
    assert fake_analyze == []


def test_speakers_without_scipy_are_refused_before_the_work(in_process, fake_analyze, four, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = in_process("analyze", "--tasks", "speaker", four)
    assert result.exit_code == 1
    assert "voxlite[diarize]" in result.stderr
    assert fake_analyze == []


def test_the_program_tells_speakers_apart(as_process, samples_dir, tiny_speaker):
    done = as_process(
        "analyze", "--tasks", "speaker", "--speakers", 2, "--model", f"speaker={tiny_speaker}", "-f", "rttm",
        samples_dir / "call.flac",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = list(dict.fromkeys(line.split()[7] for line in done.stdout.decode().splitlines()))
    assert names == ["speaker_1", "speaker_2"][: max(1, len(names))]


def test_enrolled_people_are_asked_for_by_the_store(in_process, fake_analyze, four, tmp_path, monkeypatch):
    from voxlite.cli import voice_store

    opened = []

    class Store:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            opened.append("closed")

        def name_of(self, embedding, speech_s, bandwidth_hz):
            return "Ann"

    def open_store(*arguments, **options):
        opened.append((arguments, options))
        return Store()

    monkeypatch.setattr(voice_store, "open_store", open_store)
    secret = tmp_path / "secret.txt"
    result = in_process(
        "analyze", "--tasks", "speaker", "--store", "v.vault", "--passphrase-file", secret, "-f", "rttm", four
    )
    assert result.exit_code == 0, result.stderr
    assert opened == [((Path("v.vault"), secret, False), {"model": "compact", "threads": 1}), "closed"]
    assert fake_analyze[0]["speakers"].name_of(None, 1.0, None) == "Ann"
    assert in_process("analyze", "--tasks", "speaker", four).exit_code == 0
    assert fake_analyze[1]["speakers"].name_of is None
    assert len(opened) == 2


def test_the_program_names_enrolled_people(as_process, samples_dir, tiny_speaker, tmp_path):
    call, vault, passphrase = (
        samples_dir / "call.flac",
        tmp_path / "v.vault",
        {"VOXLITE_PASSPHRASE": "long enough"},
    )
    agreed = ("--consent", "now", "--purpose", "a test")
    done = as_process(
        "enroll", "Ann Lee", call, *agreed, "--model", tiny_speaker, "--store", vault, **passphrase
    )
    assert done.returncode == 0, done.stderr
    ask = (
        "analyze",
        "--tasks",
        "speaker",
        "--speakers",
        1,
        "--model",
        f"speaker={tiny_speaker}",
        "-f",
        "rttm",
    )
    done = as_process(*ask, "--store", vault, call, **passphrase)
    assert done.returncode == 0, done.stderr
    assert {line.split()[7] for line in done.stdout.decode().splitlines()} == {"Ann_Lee"}
    done = as_process(*ask, "--store", vault, call, VOXLITE_PASSPHRASE="not that one")
    assert done.returncode == 1
    assert b"passphrase" in done.stderr
