"""From what a person types to a list of recordings."""

from pathlib import Path

import pytest

from voxlite.audio import find_recordings
from voxlite.errors import AudioError

FILES = [
    "b.WAV",
    "a.flac",
    "notes.txt",
    "sub/c.mp3",
    "sub/deep/d.m4a",
    ".hidden/e.wav",
    "._a.flac",
    "odd[1].wav",
]


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "bare").mkdir()
    return tmp_path


def names(folder, *paths):
    return [
        path.relative_to(folder).as_posix()
        for path in find_recordings([str(folder / path) for path in paths])
    ]


def test_a_folder_to_the_bottom(folder):
    assert names(folder, ".") == ["a.flac", "b.WAV", "odd[1].wav", "sub/c.mp3", "sub/deep/d.m4a"]


def test_files_are_taken_as_they_are(folder):
    assert names(folder, "notes.txt", "b.WAV", "gone.wav") == ["notes.txt", "b.WAV", "gone.wav"]
    assert names(folder, "odd[1].wav") == ["odd[1].wav"]


def test_each_recording_once_in_the_order_given(folder):
    assert names(folder, "sub", "a.flac", "sub/c.mp3") == ["sub/c.mp3", "sub/deep/d.m4a", "a.flac"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.flac", ["a.flac"]),
        ("*.txt", ["notes.txt"]),
        ("*", ["a.flac", "b.WAV", "odd[1].wav", "sub/c.mp3", "sub/deep/d.m4a"]),
        ("**/*.m*", ["sub/c.mp3", "sub/deep/d.m4a"]),
    ],
)
def test_globs(folder, pattern, found):
    assert names(folder, pattern) == found


def test_standard_input_passes_through():
    assert find_recordings(["-"]) == [Path("-")]


@pytest.mark.parametrize(
    ("path", "words"), [("bare", "no recordings in this folder"), ("*.ogg", "no recording matches")]
)
def test_nothing_found_is_one_line(folder, path, words):
    with pytest.raises(AudioError, match=words) as error:
        names(folder, path)
    assert "\n" not in str(error.value)


def test_nothing_given():
    with pytest.raises(AudioError, match="no recording given"):
        find_recordings([])
