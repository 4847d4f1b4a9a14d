"""`voxlite corpus check`: what is wrong with a corpus, and what is in it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from voxlite.training.corpus import SOUND_KINDS, SPLITS, Clip, leaks, unreadable
from voxlite.training.tables import Cell, Table

_DURATIONS_S = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, float("inf"))
_BAR = 30


@dataclass(frozen=True)
class CorpusCheck:
    """The findings.

    Parameters
    ----------
    problems
        One line each; any of them makes the check fail.
    remarks
        One line each; worth a look, not wrong by themselves.
    tables
        Balance, licences and durations.
    """

    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def missing(clips: Sequence[Clip]) -> list[str]:
    """Return one line per clip whose file does not exist or is empty."""
    lines = []
    for clip in clips:
        if not clip.path.is_file():
            lines.append(f"{clip.path}: no such file")
        elif clip.path.stat().st_size == 0:
            lines.append(f"{clip.path}: the file is empty (0 bytes)")
    return lines


def duplicates(clips: Sequence[Clip]) -> list[str]:
    """Return one line per path that stands in more than one row."""
    counts = Counter(clip.name for clip in clips)
    return [f"{name}: listed {n} times" for name, n in sorted(counts.items()) if n > 1]


def undecodable(clips: Sequence[Clip], tick: Callable[[], None] = lambda: None) -> list[str]:
    """Decode every clip, on all cores, and return one line per clip that cannot be read.

    `tick` is called once per clip from the calling thread.
    """
    lines = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for bad in pool.map(lambda clip: unreadable([clip]), clips):
            lines += bad
            tick()
    return lines


def one_sided(clips: Sequence[Clip]) -> list[str]:
    """Return one line per split in which speech, or everything else, is missing."""
    lines = []
    for split in SPLITS:
        kinds = {clip.kind for clip in clips if clip.split == split}
        if not kinds:
            lines.append(f"split {split}: no clips")
        elif "speech" not in kinds:
            lines.append(f"split {split}: no speech")
        elif not kinds & set(SOUND_KINDS):
            lines.append(
                f"split {split}: speech alone, no {', '.join(SOUND_KINDS[:-1])} or {SOUND_KINDS[-1]}"
            )
    return lines


def shared_sources(clips: Sequence[Clip]) -> list[str]:
    """Return one line per source of other sounds, and per speaker id across sources, that spans splits.

    Neither must be a leak: a source may be split by recording, and two sources may use one id for two people.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    speakers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for clip in clips:
        if clip.split in SPLITS and clip.kind in SOUND_KINDS:
            sources[clip.source].add(clip.split)
        if clip.split in SPLITS and clip.speaker:
            speakers[clip.speaker].add((clip.source, clip.split))
    lines = [
        f"source {source} has sounds in {' and '.join(sorted(splits))}: fine if no original recording is in both"
        for source, splits in sorted(sources.items())
        if len(splits) > 1
    ]
    for speaker, places in sorted(speakers.items()):
        if len({source for source, _ in places}) > 1 and len({split for _, split in places}) > 1:
            where = ", ".join(f"{source} ({split})" for source, split in sorted(places))
            lines.append(f"speaker id {speaker} is in {where}: a leak if it is one person")
    return lines


def balance_table(clips: Sequence[Clip]) -> Table:
    """Return clips and hours of each kind in each split, with speakers."""
    groups: dict[tuple[str, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        groups[clip.kind, clip.split].append(clip)
    columns = ["kind", *(f"{split}: clips, hours" for split in SPLITS), "speakers", "sources"]
    rows: list[list[Cell]] = []
    for kind in sorted({clip.kind for clip in clips}):
        of_kind = [clip for clip in clips if clip.kind == kind]
        row: list[Cell] = [kind]
        for split in SPLITS:
            part = groups[kind, split]
            row.append(f"{len(part)}, {sum(clip.duration_s for clip in part) / 3600:.2f}" if part else None)
        speakers = {(clip.source, clip.speaker) for clip in of_kind if clip.speaker}
        rows.append([*row, len(speakers) or None, len({clip.source for clip in of_kind})])
    return Table.of("Class balance", columns, rows)


def licence_table(clips: Sequence[Clip]) -> Table:
    """Return clips and hours per use and licence, the most frequent first."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for clip in clips:
        groups[clip.use or "not stated", clip.licence or "not stated"].append(clip.duration_s)
    rows: list[list[Cell]] = [
        [use, licence, len(seconds), f"{sum(seconds) / 3600:.2f}"]
        for (use, licence), seconds in sorted(
            groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])
        )
    ]
    return Table.of("Licences", ["use", "licence", "clips", "hours"], rows)


def duration_table(clips: Sequence[Clip]) -> Table:
    """Return the histogram of durations, speech beside everything else."""
    rows: list[list[Cell]] = []
    counts = [
        [
            sum(low <= clip.duration_s < high for clip in clips if (clip.kind == "speech") == speech)
            for speech in (True, False)
        ]
        for low, high in pairwise(_DURATIONS_S)
    ]
    most = max(max(map(sum, counts)), 1)
    for (low, high), (speech, other) in zip(pairwise(_DURATIONS_S), counts, strict=True):
        name = f"{low:g} and more" if high == float("inf") else f"{low:g} to {high:g}"
        rows.append([name, speech, other, "█" * round(_BAR * (speech + other) / most)])
    return Table.of("Durations", ["seconds", "speech", "other", "clips"], rows)


def check_corpus(
    clips: Sequence[Clip], *, decode: bool = True, tick: Callable[[], None] = lambda: None
) -> CorpusCheck:
    """Check a corpus.

    Parameters
    ----------
    clips
        From `voxlite.training.corpus.read_manifest`.
    decode
        Whether to decode every clip, which takes minutes per 10 000 clips; otherwise files need only exist.
    tick
        Called once per decoded clip, for a progress bar.
    """
    absent = missing(clips)
    gone = {line.split(": ")[0] for line in absent}
    problems = [*absent, *duplicates(clips), *leaks(clips), *one_sided(clips)]
    if decode:
        problems += undecodable([clip for clip in clips if str(clip.path) not in gone], tick)
    no_duration = sum(clip.duration_s <= 0 for clip in clips)
    if no_duration:
        problems.append(f"{no_duration} clips have a duration_s of zero or less")
    return CorpusCheck(
        tuple(problems),
        tuple(shared_sources(clips)),
        (balance_table(clips), licence_table(clips), duration_table(clips)),
    )
