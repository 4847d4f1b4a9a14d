"""Who speaks when: diarization error rate on assembled conversations."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, percent, table
from benchmarks.sections.results import DIARIZATION

SHARES = ("error_rate", "missed", "second_voice", "false_alarm", "confusion")


def diarization(data: dict[str, Any] | None) -> list[str]:
    """Return the error rates by number of speakers; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## Who speaks when", f"`{DIARIZATION}`"]
    if data is None:
        return [*blocks, missing(DIARIZATION)]
    corpus, rows = data["corpus"], data["rows"]
    shortest, longest = data["plan"]["turn_s"]
    everything = next(row for row in rows if row["speakers"] is None)
    cells = [
        [
            row["way"],
            "all" if row["speakers"] is None else str(row["speakers"]),
            *(percent(row[key]) for key in SHARES),
            f"{row['counted_right']} of {row['conversations']}",
        ]
        for row in rows
    ]
    columns = (
        "number",
        "speakers",
        "DER",
        "missed",
        "of which second voice",
        "false alarms",
        "confusion",
        "counted right",
    )
    return [
        *blocks,
        f"{everything['conversations']} conversations, {everything['seconds'] / 60:.0f} minutes in all, assembled from "
        f"{corpus['speakers']} speakers of {corpus['source']} ({corpus['split']} split): turns of {shortest:g} to "
        f"{longest:g} s, pauses, a quiet floor of noise, and two voices at once in {percent(everything['overlap'])} of "
        f"the time with speech. Collar {data['collar_s']:g} s, overlap counted: the second of two voices is always "
        "missed, and has a column of its own. What is speech is told from the clips' level, so that a room's noise "
        "within 25 dB of a voice counts as missed, too. The number of speakers is given, or estimated; the speaker "
        f"model is {data['model']['name']}.",
        table(columns, cells),
    ]
