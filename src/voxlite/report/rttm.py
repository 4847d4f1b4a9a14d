"""Voice segments as RTTM (NIST Rich Transcription Time Marked, RT-09 appendix A).

    SPEAKER <file> 1 <start_s> <duration_s> <NA> <NA> voice <confidence> <NA>

Fields are parted by blanks, hence a file name with blanks is written with underscores. The speaker's name is
always `voice`: who speaks is another question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from voxlite.report.report import Report


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
    """Return one SPEAKER line per voice segment, "" when there is none; times in seconds to the millisecond."""
    return "".join(
        f"SPEAKER {file_id} 1 {s.start_s:.3f} {s.duration_s:.3f} <NA> <NA> voice {s.score:.3f} <NA>\n"
        for s in report.segments
        if s.label == "voice"
    )


def _word(text: str) -> str:
    return re.sub(r"[\s;]+", "_", text.strip()) or "recording"
