"""What a scan of an archive takes: throughput, cost, memory."""

from __future__ import annotations

from typing import Any

from benchmarks.sections.markdown import missing, number, table
from benchmarks.sections.results import ARCHIVE

_BUSY = 1.5
"""Processes that want a processor, per core, from which times are too long and say so."""


def archive(data: dict[str, Any] | None) -> list[str]:
    """Return throughput, cost and memory of a scan; `data` is the benchmark's JSON, None if it was not run."""
    blocks = ["## Archives", f"`{ARCHIVE}`"]
    if data is None:
        return [*blocks, missing(ARCHIVE)]
    if "throughput" in data:
        blocks += _throughput(data)
    if "memory" in data:
        blocks += _memory(data["memory"])
    return blocks


def _throughput(data: dict[str, Any]) -> list[str]:
    found, price = data["throughput"], data["price_per_core_hour"]
    rows = [
        [
            name,
            workers,
            number(row["files_per_s"], 2),
            number(row["x_real_time"], 0),
            number(1000 * row["processor_s"] / kind["n_files"], 1),
        ]
        for name, kind in found["files"].items()
        for workers, row in kind["workers"].items()
    ]
    costs = [
        [name, number(one["core_hours"], 0), number(one["price"], 0)] for name, one in data["cost"].items()
    ]
    sizes = " and ".join(f"{kind['n_files']} of {name}" for name, kind in found["files"].items())
    words = (
        f"Files cut from the sample call, {sizes}, 16 kHz, 16 bits, on the local disk; tasks "
        f"{' and '.join(found['tasks'])}; tables included, the start of the workers not."
    )
    if found["load_at_start"] > _BUSY * data["machine"]["cores"]:
        words += (
            f" The machine was busy with other work: {number(found['load_at_start'], 0)} processes wanted its "
            f"{data['machine']['cores']} cores when this began. Files per second and multiples of real time are too "
            "low by as much, and say nothing about a second worker; the processor's time, from which the cost comes, "
            "is too long as well, though far less."
        )
    return [
        words,
        table(["file", "workers", "files/s", "x real time", "processor, ms per file"], rows),
        "A million hours of sound, estimated from the processor's time at one worker; the price of a core-hour, "
        f"{price:g}, is an assumption (`--price`), and storage and transfer are not in it.",
        table(["archive of files of", "core-hours", f"price at {price:g} per core-hour"], costs),
    ]


def _memory(found: dict[str, Any]) -> list[str]:
    pairs = zip(found["worker_mib_second_tenth"], found["worker_mib_last_tenth"], strict=True)
    rows = [[str(k + 1), number(early, 1), number(late, 1)] for k, (early, late) in enumerate(pairs)]
    grown = found["looks"][-1][3] - found["looks"][len(found["looks"]) // 10][3]
    return [
        f"Resident memory over {found['n_files']} files of 0.5 to 3 s, task voice, two workers, "
        f"{len(found['looks'])} looks in {number(found['s'], 0)} s. The process that writes the tables grew by "
        f"{number(grown, 0)} MiB after the first tenth: it keeps what tells a file again.",
        table(["worker", "second tenth of the files, MiB", "last tenth, MiB"], rows),
    ]
