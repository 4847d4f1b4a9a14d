"""A full disk, a folder that takes nothing, no home, no network, an old locale, odd names: one clear line each."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, /proc and limits of Linux")

AGREED = ("--consent", "now", "--purpose", "tests")
OLD_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
NOWHERE = Path("/proc/sys")
"""A folder in which nobody, not even root, can make a file."""


@pytest.fixture
def voice(samples_dir):
    return samples_dir / "voice-en-radio.flac"


@pytest.fixture
def store(program, samples_dir, tmp_path):
    """A store with Ada in it."""
    path = tmp_path / "voices.vault"
    recordings = sorted(samples_dir.glob("speaker-man-*.flac"))
    assert program("enroll", "Ada", *recordings, *AGREED, "--store", path).returncode == 0
    return path


def one_line(done, *words, status=1):
    """Assert that a command failed with one line that holds some words."""
    said = done.stderr.decode(errors="replace")
    assert (done.returncode, len(said.splitlines())) == (status, 1), said
    assert said.startswith("voxlite: error: ")
    assert "fault of voxlite" not in said
    for word in words:
        assert word in said


def no_more_than(n_bytes):
    """Return what stops a process from writing files longer than this, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def test_standard_output_on_a_full_disk(program, voice):
    for arguments in (
        ("analyze", voice),
        ("analyze", voice, "--format", "json"),
        ("--version",),
        ("info", "--help"),
    ):
        with Path("/dev/full").open("wb") as full:
            one_line(program(*arguments, stdout=full), "No space left")


def test_files_on_a_full_disk_are_whole_or_not_there(program, voice, tmp_path):
    room = {"preexec_fn": no_more_than(3_000)}
    one_line(program("split", voice, "--out", tmp_path / "pieces", **room), "cannot be written", "space left")
    assert list((tmp_path / "pieces").iterdir()) == []
    for name in ("f.npy", "f.csv", "f.png"):
        one_line(program("features", voice, "--out", tmp_path / name, **room), name, "space left")
    one_line(
        program("analyze", voice, "--out", tmp_path / "r.json", "-f", "json", preexec_fn=no_more_than(50)),
        "too large",
    )
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_store_on_a_full_disk_keeps_what_it_had(program, store, samples_dir, tmp_path):
    women = sorted(samples_dir.glob("speaker-woman-*.flac"))
    n_bytes = store.stat().st_size
    one_line(
        program("enroll", "Eve", *women, *AGREED, "--store", store, preexec_fn=no_more_than(n_bytes // 2)),
        str(store),
    )
    one_line(
        program("export-voices", tmp_path / "out.vox", "--store", store, preexec_fn=no_more_than(500)),
        "space left",
    )
    assert not list(tmp_path.glob("*out.vox*"))
    listed = json.loads(program("voices", "--store", store, "--json").stdout)
    assert [one["person"] for one in listed["voices"]] == ["Ada"]


def test_a_folder_that_takes_nothing(program, voice, store, samples_dir):
    recordings = sorted(samples_dir.glob("speaker-man-*.flac"))
    for arguments in (
        ("analyze", voice, "--out", NOWHERE / "r.txt"),
        ("split", voice, "--out", NOWHERE / "pieces"),
        ("features", voice, "--out", NOWHERE / "f.npy"),
        ("export-voices", NOWHERE / "out.vox", "--store", store),
        ("enroll", "Ada", *recordings, *AGREED, "--store", NOWHERE / "voices.vault"),
    ):
        one_line(program(*arguments), str(NOWHERE))


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_no_home_folder(program, voice, home):
    at_home = {"HOME": home, "XDG_DATA_HOME": None}
    assert program("analyze", voice, set=at_home).returncode == 0
    assert program("models", set=at_home).returncode == 0
    if home:
        one_line(program("voices", set=at_home), "no store")


def test_no_network(program, voice, store, samples_dir, tmp_path):
    """Every socket is refused, as behind a firewall without exceptions: nothing asks for one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def guard(event, args):\n"
        "    if event.startswith('socket.') and event not in ('socket.gethostname',):\n"
        "        raise OSError(f'no network here: {event}')\n"
        "sys.addaudithook(guard)\n",
        encoding="utf-8",
    )
    alone = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).resolve().parents[2] / 'src'}"}
    assert program("analyze", voice, "--tasks", "all", set=alone).returncode == 0
    assert (
        program("verify", "Ada", samples_dir / "speaker-man-1.flac", "--store", store, set=alone).returncode
        == 0
    )
    assert program("doctor", set=alone).returncode == 0


def test_an_old_locale_and_names_it_does_not_know(program, voice, tmp_path):
    names = ["записи été.flac", "caf\udce9 \udcff.flac"]
    for name in names:
        shutil.copy(voice, tmp_path / name)
    for form in ("text", "csv", "rttm", "json"):
        done = program("analyze", *names, "--format", form, set=OLD_LOCALE)
        assert (done.returncode, done.stderr) == (0, b"")
    sources = [report["source"] for report in json.loads(done.stdout.decode("utf-8"))]
    assert [source.encode("utf-8", "surrogateescape") for source in sources] == [
        os.fsencode(name) for name in names
    ]
    assert program("split", names[1], "--out", "pieces", set=OLD_LOCALE).returncode == 0
    assert list((tmp_path / "pieces").glob("*-001.wav"))
    for name in names:
        one_line(program("analyze", f"{name}.missing", set=OLD_LOCALE), "no such file")
    one_line(program("voices", "--store", f"{names[1]}.vault", set=OLD_LOCALE), "no store")


def test_names_that_windows_knows_or_refuses(program, voice, tmp_path):
    """On other systems they are names like any other; as missing files each is told in one line."""
    names = [
        "C:\\x y.wav",
        "aux",
        "CON.wav",
        "voice.",
        "a:b.wav",
        "two\nlines.wav",
        " .wav",
        "x.wav. ",
        "-x.wav",
    ]
    done = program("analyze", "--", *names)
    assert done.returncode == 1
    assert [line.endswith("no such file: check the path") for line in done.stderr.decode().splitlines()] == [
        True
    ] * 9
    for name in names:
        shutil.copy(voice, tmp_path / name)
    done = program("analyze", "--format", "json", "--", *names)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [report["source"] for report in json.loads(done.stdout)] == names
    done = program("analyze", "--format", "rttm", "--", *names)
    assert done.returncode == 0
    assert all(len(line.split()) == 10 for line in done.stdout.decode().splitlines())


def test_a_name_that_is_too_long(program):
    one_line(program("analyze", "a" * 5_000 + ".wav"), "File name too long")
