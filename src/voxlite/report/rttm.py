"""Turns of speakers, or voice segments, as RTTM (NIST Rich Transcription Time Marked, RT-09 appendix A).

    SPEAKER <file> 1 <start_s> <duration_s> <NA> <NA> <speaker> <confidence> <NA>

Fields are parted by blanks, hence names of files and speakers with blanks are written with underscores. Where the
speaker task was not asked for, the speaker's name is always `voice`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from voxlite.report.report import Report
from voxlite.values import Segment, Turn


def file_ids(sources: Sequence[str]) -> list[str]:
    """Return one RTTM file name per recording: its stem, or its whole path where two stems are alike.

    Blanks become underscores; standard input is called `stdin`.
    """
    stems = ["stdin" if source == "-" else _word(PurePath(source).stem) for source in sources]
    counts = Counter(stems)
    used: set[str] = set()
    result = []
    for source, stem in zip(sources, stems, strict=True):
        name = stem if counts[stem] == 1 else _word("_".join(PurePath(source).parts).lstrip("/\\_"))
        candidate, number = name, 1
        while candidate in used:  # a path given twice, or paths that differ by a blank alone
            number += 1
            candidate = f"{name}-{number}"
        used.add(candidate)
        result.append(candidate)
    return result


def report_rttm(report: Report, file_id: str) -> str:
    """Return one SPEAKER line per turn or voice segment, "" when there is none; times in seconds to the millisecond."""
    if report.speakers is not None:
        spans: list[tuple[Segment | Turn, str]] = [(turn, _word(turn.speaker)) for turn in report.speakers]
    else:
        spans = [(segment, "voice") for segment in report.segments if segment.label == "voice"]
    return "".join(
        f"SPEAKER {file_id} 1 {s.start_s:.3f} {s.duration_s:.3f} <NA> <NA> {name} {s.score:.3f} <NA>\n"
        for s, name in spans
    )


def _word(text: str) -> str:
    return re.sub(r"[\s;]+", "_", text.strip()) or "recording"
