"""The store of voiceprints: opening, identifying, enrolling and erasing by size."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, number, table
from benchmarks.sections.results import VOICEPRINTS


def voiceprints(data: dict[str, Any] | None) -> list[str]:
    """Return what vaults of several sizes cost; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## Voiceprints", f"`{VOICEPRINTS}`"]
    if data is None:
        return [*blocks, missing(VOICEPRINTS)]
    vaults = data["vaults"]
    lines = (
        ("file, MiB", lambda row: number(row["file_mb"], 2)),
        ("checking the passphrase (scrypt), s", lambda row: number(row["opened"]["unlock_s"], 2)),
        ("decrypting all prints, s", lambda row: number(row["opened"]["read_s"], 3)),
        ("memory then, MiB", lambda row: number(_memory_mb(row), 0)),
        ("nearest people by cosine, median, ms", lambda row: number(row["opened"]["identify_ms_median"], 2)),
        (
            "nearest people by cosine, 95th percentile, ms",
            lambda row: number(row["opened"]["identify_ms_p95"], 2),
        ),
        ("decision of `identify`, median, ms", lambda row: number(row["opened"].get("decide_ms_median"), 2)),
        (
            "decision of `identify`, 95th percentile, ms",
            lambda row: number(row["opened"].get("decide_ms_p95"), 2),
        ),
        ("prints of one person, ms", lambda row: number(row["prints_of_one_ms"], 1)),
        ("storing one print, ms", lambda row: number(row["enroll_ms"], 1)),
        ("forgetting a person, searched for in the files, s", lambda row: number(row["forget_s"], 2)),
    )
    rows = [[title, *(show(row) for row in vaults)] for title, show in lines]
    return [
        *blocks,
        f"Vaults of random unit vectors of {data['dim']} numbers, two for each person, one thread. Checking a "
        "passphrase takes 128 MiB for a moment. A decision is all of `identify` but "
        "listening. Forgetting writes the whole file anew and reads it back.",
        table(["prints", *(str(row["n_prints"]) for row in vaults)], rows),
    ]


def _memory_mb(row: dict[str, Any]) -> float:
    return float(row["opened"]["resident_mb"] - row["opened"]["imported_mb"])
