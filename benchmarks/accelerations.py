"""Every acceleration of the article, off against on: `python -m benchmarks.accelerations [ROW ...]`.

One table on one recording, the sample call repeated over a steady noise; ROC-AUC on the test windows of the corpus.
Times are medians of runs in turns, milliseconds per second of sound, on one thread unless a row says otherwise. Rows
that are not asked for are kept from an earlier run on the same machine. A picture of the factors goes to docs/images.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.accelerated import band, batches, frames, kernels, rates, silence, threads, weights
from benchmarks.accelerated.picture import draw
from benchmarks.accelerated.row import Row, Setup
from benchmarks.common import machine, publish, write
from benchmarks.sections.accelerations import COLUMNS, DEFAULT_COLUMNS, default_rows, part_rows
from benchmarks.sections.results import read
from voxlite.training.tables import Table

ROWS: dict[int, Callable[[Setup], Row]] = {
    number: module.measure
    for number, module in enumerate(
        (kernels, band, rates, frames, silence, threads, weights, batches), start=1
    )
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows that were asked for, all of them by default."""
    options = parse(arguments)
    setup = Setup(
        options.compact,
        options.inception,
        tuple(options.variants),
        options.seconds,
        options.inception_seconds,
        options.repeats,
        options.budget,
        options.manifest,
        options.cache,
        options.limit,
        options.out.parent,
    )
    rows = earlier(options.out)
    for number in options.rows or ROWS:
        rows[str(number)] = ROWS[number](setup).to_dict()
        write(as_result(rows), options.out)  # a run that is stopped keeps what it has
        print(f"row {number}: {rows[str(number)]['title']}", flush=True)
    result = as_result(rows)
    publish(result, options.out, tables(result["rows"]))
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    draw(result, options.picture)
    print(options.picture)


def as_result(rows: dict[str, Any]) -> dict[str, Any]:
    """Return what goes into the JSON, rows in order."""
    claim = {"row": "1", "factors": list(kernels.CLAIM)}
    return {"benchmark": "accelerations", "claim": claim, "rows": dict(sorted(rows.items()))}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", type=int, choices=[[], *ROWS], help="numbers of rows")
    parser.add_argument("--compact", default=Setup.compact, help="a shipped model or a .tflite file")
    parser.add_argument("--inception", type=Path, default=Setup.inception, help="Inception-v3's file")
    parser.add_argument(
        "--variants",
        type=Path,
        action="append",
        default=[],
        help="a folder that `voxlite export RUN --out DIR` wrote; may be given for each net",
    )
    parser.add_argument("--seconds", type=float, default=Setup.seconds, help="of sound for the compact net")
    parser.add_argument(
        "--inception-seconds", type=float, default=Setup.inception_s, help="of sound for Inception-v3"
    )
    parser.add_argument("--repeats", type=int, default=Setup.repeats, help="turns of each comparison")
    parser.add_argument(
        "--budget", type=float, default=Setup.budget_s, help="most seconds for the turns of a comparison"
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded test clips, reused")
    parser.add_argument(
        "--limit", type=int, default=Setup.limit, help="most test windows per source and kind"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/accelerations.json"))
    parser.add_argument("--picture", type=Path, default=Path("docs/images/accelerations.png"))
    return parser.parse_args(arguments)


def tables(rows: dict[str, Any]) -> list[Table]:
    """Return what to print."""
    return [
        Table.of("Milliseconds per second of sound", COLUMNS, part_rows(rows)),
        Table.of("What follows", DEFAULT_COLUMNS, default_rows(rows)),
    ]


def earlier(out: Path) -> dict[str, Any]:
    """Return the rows of an earlier run on this machine with these packages, none of another."""
    known, here = read(out), machine()
    if known is None or any(known["machine"][key] != here[key] for key in here if key != "date"):
        return {}
    rows: dict[str, Any] = known["rows"]
    return rows


if __name__ == "__main__":
    main()
