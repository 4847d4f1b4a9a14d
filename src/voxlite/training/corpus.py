"""The manifest of a training corpus: rows, selections and the checks that keep an evaluation honest."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voxlite.errors import VoxliteError

COLUMNS = (
    "path",
    "kind",
    "source",
    "split",
    "speaker",
    "gender",
    "age",
    "mood",
    "language",
    "duration_s",
    "rms_dbfs",
    "use",
    "licence",
    "original",
    "origin",
)
SPLITS = ("train", "val", "test")
KINDS = ("speech", "nonhuman", "music", "silence", "babble", "baby_cry", "rir")
SOUND_KINDS = ("nonhuman", "music", "silence")
"""Kinds that hold no human voice: the negatives of the voice task."""


class CorpusError(VoxliteError):
    """A manifest or one of its recordings is not usable."""


@dataclass(frozen=True)
class Clip:
    """One row of a manifest; `path` is absolute, texts are empty when unknown."""

    path: Path
    name: str
    kind: str
    source: str
    split: str
    speaker: str
    gender: str
    age: str
    mood: str
    language: str
    duration_s: float
    use: str
    licence: str
    original: str


def read_manifest(path: Path) -> list[Clip]:
    """Read a manifest.

    Parameters
    ----------
    path
        A CSV file with the columns of `COLUMNS`; clip paths are relative to its folder.

    Raises
    ------
    CorpusError
        If the file is missing, columns are missing, or a row has an unknown kind or split.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such manifest; set VOXLITE_CORPUS or pass --manifest")
    clips = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise CorpusError(f"{path}: columns missing: {', '.join(sorted(missing))}")
        for line, row in enumerate(reader, start=2):
            clips.append(_clip(path, line, row))
    if not clips:
        raise CorpusError(f"{path}: the manifest lists no clips")
    return clips


def _clip(manifest: Path, line: int, row: dict[str, str]) -> Clip:
    if row["kind"] not in KINDS or row["split"] not in ("", *SPLITS):
        raise CorpusError(
            f"{manifest} line {line}: kind {row['kind']!r} or split {row['split']!r} is unknown "
            f"(kinds: {', '.join(KINDS)}; splits: {', '.join(SPLITS)})"
        )
    try:
        duration_s = float(row["duration_s"])
    except ValueError:
        raise CorpusError(
            f"{manifest} line {line}: duration_s {row['duration_s']!r} is not a number"
        ) from None
    return Clip(
        path=manifest.parent / row["path"],
        name=row["path"],
        duration_s=duration_s,
        **{
            key: row[key]
            for key in (
                "kind", "source", "split", "speaker", "gender", "age", "mood", "language", "use", "licence", "original",
            )
        },
    )  # fmt: skip


def select(
    clips: Iterable[Clip], *, split: str, kinds: Sequence[str], free_only: bool = False, min_s: float = 0.0
) -> list[Clip]:
    """Return the clips of a split and of some kinds, in manifest order."""
    return [
        clip
        for clip in clips
        if clip.split == split
        and clip.kind in kinds
        and clip.duration_s >= min_s
        and (clip.use == "free" or not free_only)
    ]


def at_most(clips: Iterable[Clip], n: int) -> list[Clip]:
    """Return at most `n` clips per (source, kind), first in path order: no source outweighs the others."""
    taken: Counter[tuple[str, str]] = Counter()
    result = []
    for clip in sorted(clips, key=lambda clip: clip.name):
        key = (clip.source, clip.kind)
        if taken[key] < n:
            taken[key] += 1
            result.append(clip)
    return result


def leaks(clips: Sequence[Clip]) -> list[str]:
    """Name each speaker or each sound recording that stands in more than one split.

    Speech leaks when a speaker id of one source recurs in another split; other sounds leak when clips cut from
    one original file do.
    """
    where: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for clip in clips:
        if clip.split not in SPLITS:
            continue
        if clip.kind == "speech" and clip.speaker:
            where["speaker", clip.source, clip.speaker].add(clip.split)
        elif clip.kind in SOUND_KINDS and clip.original:
            where["recording", clip.source, clip.original].add(clip.split)
    return [
        f"{what} {name} of {source} is in {' and '.join(sorted(splits))}"
        for (what, source, name), splits in sorted(where.items())
        if len(splits) > 1
    ]


def unreadable(clips: Sequence[Clip], tick: Callable[[], None] = lambda: None) -> list[str]:
    """Return one line per clip whose file is missing or cannot be decoded."""
    from voxlite.audio.audio import Audio

    bad = []
    for clip in clips:
        try:
            Audio.read(clip.path)
        except VoxliteError as error:
            bad.append(str(error))
        tick()
    return bad
