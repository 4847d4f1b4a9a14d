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
        ("identifying a voice, median, ms", lambda row: number(row["opened"]["identify_ms_median"], 2)),
        ("identifying a voice, 95th percentile, ms", lambda row: number(row["opened"]["identify_ms_p95"], 2)),
        ("prints of one person, ms", lambda row: number(row["prints_of_one_ms"], 1)),
        ("storing one print, ms", lambda row: number(row["enroll_ms"], 1)),
        ("forgetting a person, searched for in the files, s", lambda row: number(row["forget_s"], 2)),
    )
    if all("decide_ms_median" in row["opened"] for row in vaults):
        lines += (
            ("deciding who it is, without listening, median, ms", lambda row: _decide_ms(row, "median")),
            ("deciding who it is, 95th percentile, ms", lambda row: _decide_ms(row, "p95")),
        )
    rows = [[title, *(show(row) for row in vaults)] for title, show in lines]
    return [
        *blocks,
        f"Vaults of random unit vectors of {data['dim']} numbers, two for each person, one thread. Checking a "
        "passphrase takes 128 MiB for a moment. Forgetting writes the whole file anew and reads it back.",
        table(["prints", *(str(row["n_prints"]) for row in vaults)], rows),
    ]


def _memory_mb(row: dict[str, Any]) -> float:
    return float(row["opened"]["resident_mb"] - row["opened"]["imported_mb"])


def _decide_ms(row: dict[str, Any], which: str) -> str:
    return number(row["opened"][f"decide_ms_{which}"], 2)
