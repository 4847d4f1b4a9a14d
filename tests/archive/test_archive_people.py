"""What a scan is told besides tasks: enrolled people, and how long a recording may take; rows of what is gone."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timezone

import pytest
from typer.testing import CliRunner

from voxlite.archive import People, scan
from voxlite.archive.entries import Entry
from voxlite.archive.ledger import Ledger
from voxlite.archive.places import Place, within
from voxlite.archive.plans import make_plan
from voxlite.archive.pool import Pool
from voxlite.archive.tables import Tables
from voxlite.cli.main import app
from voxlite.cli.scan import summary_lines
from voxlite.errors import PassphraseError, StoreError, VoxliteError
from voxlite.recognition import VoiceprintStore
from voxlite.voiceprints import ScryptCost

PASSPHRASE = "korrekt Pferd Batterie"
CONSENT = {"consent_at": datetime(2026, 5, 1, tzinfo=timezone.utc), "purpose": "a test"}
TASKS = ("voice", "speaker")


@pytest.fixture
def store(tmp_path, samples_dir):
    """A store that knows Armelle."""
    pytest.importorskip("scipy")
    path = tmp_path / "voices.vault"
    with VoiceprintStore(path, PASSPHRASE, cost=ScryptCost(16, 8, 1), threads=1) as voices:
        voices.enroll("Armelle", [samples_dir / f"speaker-armelle-{k}.flac" for k in (1, 2)], **CONSENT)
    return path


@pytest.fixture
def talks(tmp_path, samples_dir):
    """An archive: a recording of Armelle, and one of a man whom nobody knows."""
    folder = tmp_path / "talks"
    folder.mkdir()
    for name in ("speaker-armelle-3.flac", "speaker-man-1.flac"):
        shutil.copy(samples_dir / name, folder / name)
    return folder


def test_speakers_get_the_names_of_enrolled_people(store, talks, samples_dir, tmp_path, rows, segments):
    """In real worker processes; somebody more is enrolled, and all is told anew."""
    out, people = tmp_path / "out", People(store, PASSPHRASE)
    assert PASSPHRASE not in repr(people)
    scan(talks, out, tasks=TASKS, people=people, workers=1)
    found = {path.rpartition("/")[2]: row for path, row in rows(out).items()}
    named = {name: [one["speaker"] for one in row["speakers"]] for name, row in found.items()}
    assert named == {"speaker-armelle-3.flac": ["Armelle"], "speaker-man-1.flac": ["speaker 1"]}
    assert {row["speaker"] for row in segments(out) if row["speaker"]} == {"Armelle", "speaker 1"}
    assert "people " in found["speaker-man-1.flac"]["recipe"]
    assert scan(talks, out, tasks=TASKS, people=people).n_before == 2
    with VoiceprintStore(store, PASSPHRASE, threads=1) as voices:
        voices.enroll("Otto", [samples_dir / f"speaker-man-{k}.flac" for k in (2, 3)], **CONSENT)
    summary = scan(talks, out, tasks=TASKS, people=people, workers=1)
    assert (summary.n_before, summary.n_analyzed) == (0, 2)
    assert {row["speaker"] for row in segments(out) if row["speaker"]} == {"Armelle", "Otto"}


def test_the_fingerprint_of_a_store_moves_with_what_names_depend_on(store, samples_dir):
    with VoiceprintStore(store, PASSPHRASE, threads=1) as voices:
        first = voices.fingerprint()
        assert len(first) == 64
        assert voices.fingerprint() == first
        voices.enroll("Ada", [samples_dir / f"speaker-woman-{k}.flac" for k in (1, 2)], **CONSENT)
        assert voices.fingerprint() != first
        voices.forget("Ada")
        assert voices.fingerprint() == first
    with VoiceprintStore(store, PASSPHRASE, threads=1, far=0.001) as voices:
        assert voices.fingerprint() != first


@pytest.mark.parametrize(
    ("passphrase", "options", "error", "said"),
    [
        ("wrong wrong wrong", {"tasks": TASKS}, PassphraseError, "passphrase"),
        (PASSPHRASE, {"tasks": ("voice",)}, VoxliteError, "ask for the task speaker too"),
        (PASSPHRASE, {"tasks": TASKS, "timeout_s": 0.0}, VoxliteError, "seconds above 0"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(
    store, talks, tmp_path, here, passphrase, options, error, said
):
    with pytest.raises(error, match=said):
        scan(talks, tmp_path / "out", people=People(store, passphrase), **options)
    assert not (tmp_path / "out").exists()


def test_a_store_that_is_not_there_is_none(talks, tmp_path, here):
    pytest.importorskip("scipy")
    with pytest.raises(StoreError):
        scan(talks, tmp_path / "out", tasks=TASKS, people=People(tmp_path / "none", PASSPHRASE))
    assert not (tmp_path / "none").exists()


def test_voiceprints_go_to_no_other_machine(talks, tmp_path, monkeypatch):
    monkeypatch.setattr("voxlite.archive.cluster.import_ray", lambda: None)
    with pytest.raises(VoxliteError, match="voiceprints stay on this machine"):
        scan(talks, tmp_path / "out", tasks=TASKS, engine="ray", people=People("voices.vault", PASSPHRASE))


def test_the_command_opens_the_store(store, talks, tmp_path, here, monkeypatch):
    monkeypatch.setenv("VOXLITE_PASSPHRASE", PASSPHRASE)
    done = CliRunner().invoke(
        app, ["scan", str(talks), "-o", str(tmp_path / "out"), "--tasks", "speaker", "--store", str(store)]
    )
    assert done.exit_code == 0, done.stderr
    assert len(here) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--keyring"], "name it"),
        (["--store", "s", "--tasks", "voice"], "must hold speaker"),
        (["--store", "s", "--tasks", "speaker", "--engine", "ray"], "stays on this machine"),
        (["--timeout", "0"], "timeout"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_use(tmp_path, arguments, said):
    done = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["scan", str(tmp_path), "-o", str(tmp_path / "out"), *arguments]
    )
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_recording_that_takes_too_long_is_given_up(tmp_path, tone):
    """The worker would wait in a pipe for ever."""
    os.mkfifo(tmp_path / "stuck.wav")
    good = [Entry(str(tone(tmp_path / f"{k}.wav", seconds=0.5))) for k in range(2)]
    plan = make_plan(str(tmp_path), ("voice",), {}, timeout_s=8.0)
    with Pool(plan, 1) as pool:
        outcomes = list(pool.run([good[0], Entry(str(tmp_path / "stuck.wav")), good[1]]))
    assert [outcome.row.get("error_kind") for outcome in outcomes] == [None, "timeout", None]
    assert outcomes[1].row["error"].startswith("not done after 8 s: allow more time with --timeout")


def test_rows_of_what_is_gone_are_erased_when_asked(calls, tmp_path, here, rows, segments, tone):
    out, other = tmp_path / "out", tmp_path / "calls-2"
    tone(other / "a.wav")
    scan(other, out)
    scan(calls, out)
    gone = [calls / "voice-en-radio.flac", calls / "deep" / "er" / "tone.wav"]
    for path in gone:
        path.unlink()
    assert scan(calls, out).n_pruned == 0
    assert len(rows(out)) == 5
    summary = scan(calls, out, prune=True)
    assert summary.n_pruned == 2
    assert "pruned      2 rows of recordings that are gone" in summary_lines(summary)
    left = {
        str(calls / "voice-es-telephone.flac"),
        str(calls / "original-8000-mulaw.wav"),
        str(other / "a.wav"),
    }
    assert set(rows(out)) == left
    assert {row["path"] for row in segments(out)} == left


def test_what_could_not_be_listed_is_not_gone(calls, tmp_path, here):
    scan(calls, tmp_path / "out")
    ledger = Ledger(Tables(Place.of(tmp_path / "out")))
    refused = Entry(str(calls / "deep"), trouble="the folder cannot be listed (Permission denied)")
    others = [Entry(str(path)) for path in calls.glob("*.*")]
    assert ledger.prune(Place.of(calls), [refused, *others]) == 0
    assert ledger.prune(Place.of(calls), others) == 1


def test_what_lies_within_a_place_begins_with_its_name():
    assert within("s3://bucket/calls") == "s3://bucket/calls/"
    assert within(f"{os.sep}") == os.sep
