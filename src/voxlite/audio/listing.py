"""From what a person typed (files, folders, globs, "-") to a list of recordings."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from voxlite.audio.decoding import MEDIA_EXTENSIONS, SOUND_EXTENSIONS
from voxlite.errors import AudioError

RECORDING_EXTENSIONS = SOUND_EXTENSIONS | MEDIA_EXTENSIONS
"""Lower-case extensions, with the dot, by which recordings are found in folders."""


def find_recordings(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """List the recordings that paths, folders and globs stand for.

    Parameters
    ----------
    paths
        Files (taken as they are, existing or not: opening them tells), "-" for standard input, folders
        (searched to the bottom for known extensions, hidden names left out) or globs ("calls/**/*.wav") for
        shells that do not expand them.

    Returns
    -------
    list of Path
        In the order given, each folder and glob sorted, each recording once.

    Raises
    ------
    AudioError
        If a folder holds no recording, a glob matches none, or no path was given.
    """
    if not paths:
        raise AudioError("no recording given: name a file, a folder, a glob or -")
    found: dict[Path, None] = {}
    for item in paths:
        found.update(dict.fromkeys(_expand(os.fspath(item))))
    return list(found)


def _expand(text: str) -> list[Path]:
    path = Path(text)
    if text == "-":
        return [path]
    if path.is_dir():
        recordings = sorted(_walk(path))
        if not recordings:
            raise AudioError(
                f"{text}: no recordings in this folder: name one with sound files (.wav, .flac, .mp3, ...)"
            )
        return recordings
    if path.exists() or not glob.has_magic(text):
        return [path]
    # A glob that spells out its extension means it; an open one ("calls/*") must not pick up text files.
    explicit = path.suffix != "" and not glob.has_magic(path.suffix)
    matches: set[Path] = set()
    for found in glob.iglob(text, recursive=True):  # noqa: PTH207  Path.glob refuses absolute patterns
        match = Path(found)
        if match.is_dir():
            matches.update(_walk(match))
        elif explicit or match.suffix.lower() in RECORDING_EXTENSIONS:
            matches.add(match)
    if not matches:
        raise AudioError(f"{text}: no recording matches: check the pattern")
    return sorted(matches)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in RECORDING_EXTENSIONS:
                yield Path(parent, name)
