"""Places and what they list: paths, URLs without their secrets, names of any kind, trouble that is an entry."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.archive import scan
from voxlite.archive.entries import Entry, list_entries
from voxlite.archive.places import Place, one_line, told_in_one_line
from voxlite.archive.rows import named, path_of
from voxlite.errors import MissingExtraError, VoxliteError

ODD = (
    b"<b>bold<i>.wav",
    b"two\nlines.wav",
    b"not utf8 \xff\xfe.wav",
    b"C:\\calls\\nul.wav",
    b"a:b|c?.WAV",
    b" end.wav",
    "\N{SNOWMAN}.wav".encode(),
)


def test_a_path_is_made_full_and_a_file_url_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Place.of("calls") == Place(None, str(tmp_path / "calls"))
    assert Place.of(f"file://{tmp_path}/calls") == Place(None, f"{tmp_path}/calls")
    assert Place.of("C:\\calls").root == str(tmp_path / "C:\\calls")  # no URL: it has no //


def test_names_of_a_bucket_hold_no_secrets():
    place = Place.of("s3://key:secret@bucket/a/b/?scheme=http&endpoint_override=127.0.0.1:1&region=us-east-1")
    assert place.name == "s3://bucket/a/b"
    assert place.path_of("s3://bucket/a/b/c.wav") == "bucket/a/b/c.wav"
    assert not place.is_local


@pytest.mark.parametrize("url", ["nonsense://key:secret@host/x", "hdfs://user:secret@nowhere:1/x"])
def test_a_url_that_cannot_be_used_is_one_line_without_secrets(url):
    with pytest.raises(VoxliteError, match="cannot be used") as told:
        Place.of(url)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_without_pyarrow_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[archive\]"):
        scan(tmp_path, tmp_path / "out")


def test_odd_names_are_listed_as_they_are_and_come_back(tmp_path):
    for name in ODD:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")  # noqa: PTH118
    entries = list_entries(Place.of(tmp_path))
    assert {os.fsencode(Path(entry.path).name) for entry in entries} == set(ODD)
    assert [Entry.from_json(entry.to_json()) for entry in entries] == entries
    assert all(entry.to_json().isascii() for entry in entries)
    assert {entry.size_bytes for entry in entries} == {1}


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_the_columns_of_a_name_give_it_back(name):
    text, exact = named(os.fsdecode(name))
    text.encode("utf-8")  # a table takes nothing else
    assert os.fsencode(path_of(text, exact)) == name


def test_what_is_no_file_is_an_entry_with_its_trouble(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "broken.wav").symlink_to(tmp_path / "nowhere.wav")
    pipe, broken = sorted(list_entries(Place.of(tmp_path)), key=lambda entry: "broken" in entry.path)
    assert "pipe" in pipe.trouble
    assert "No such file" in broken.trouble


def test_a_folder_that_cannot_be_listed_is_an_entry(tmp_path, tone, monkeypatch):
    tone(tmp_path / "a.wav")
    (tmp_path / "closed").mkdir()
    walk = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return walk(path)

    monkeypatch.setattr(os, "scandir", refuse)
    good, closed = list_entries(Place.of(tmp_path))
    assert good.trouble == ""
    assert closed == Entry(
        str(tmp_path / "closed"), trouble="the folder cannot be listed (Permission denied)"
    )


def test_a_single_file_is_an_archive_of_one(tmp_path, tone):
    path = tone(tmp_path / "odd.ending")
    (entry,) = list_entries(Place.of(path))
    assert (entry.path, entry.size_bytes) == (str(path), path.stat().st_size)
    assert entry.modified_us == path.stat().st_mtime_ns // 1000


@pytest.mark.parametrize("there", [True, False])
def test_a_place_without_recordings_is_refused(tmp_path, there):
    folder = tmp_path / "calls"
    if there:
        folder.mkdir()
        (folder / "notes.txt").write_text("x")
    with pytest.raises(VoxliteError, match="no recordings in it" if there else "no such file or folder"):
        list_entries(Place.of(folder))


def test_errors_of_a_storage_become_one_line():
    with (
        pytest.raises(VoxliteError, match=r"^s3://b: a b: try again$"),
        told_in_one_line("s3://b", "try again"),
    ):
        raise OSError("a\nb. Detail: [errno 5]")
    assert one_line(OSError(28, "No space left on device")) == "No space left on device"
    assert one_line(ValueError()) == "ValueError"
