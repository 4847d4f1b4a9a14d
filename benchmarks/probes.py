"""Front ends compared by small nets trained on each: `python -m benchmarks.probes`.

Every probe is trained for the same steps, from the same seed, on the same examples; the validation split chooses, the
test split reports. The base is trained with several seeds: a difference within their spread says nothing. Each probe
is written to the JSON when it is done, and a second run goes on from there.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console

from benchmarks.common import publish, write
from benchmarks.probe_points import BASE, describe, points, quality, spread
from benchmarks.sections.results import read
from benchmarks.windows import load_windows
from voxlite.cli.training_tools import progress_bar
from voxlite.training.corpus import read_manifest
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.store import build_store
from voxlite.training.tables import Cell, Table

_SPLITS = ("val", "test")
_TRAIN, _OWN = "train-free", "probes"


@dataclass(frozen=True)
class ProbeRun:
    """What all probes share: steps, batch and highest rate of the training, examples to learn from."""

    steps: int = 600
    batch: int = 64
    peak_rate: float = 4e-3
    examples: int = 6_000
    limit: int = 80


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the probes that are still missing."""
    options = parse(arguments)
    run = ProbeRun(options.steps, options.batch, examples=options.examples, limit=options.limit)
    result: dict[str, Any] = {"benchmark": "probes", "run": asdict(run), "probes": []}
    known = read(options.out)
    if known is not None and known["run"] == result["run"]:
        wanted = {name: point.to_dict() for name, point in points().items()}
        result["probes"] = [row for row in known["probes"] if row["point"] == wanted.get(row["name"])]
    done = {(row["name"], row["seed"]) for row in result["probes"]}
    todo = [item for item in order(options.seeds, options.base_seeds) if item not in done]
    if todo:
        train(todo, run, result, options)
    publish(result, options.out, [table(result["probes"])])


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips and of the examples, reused")
    parser.add_argument("--steps", type=int, default=ProbeRun.steps)
    parser.add_argument("--batch", type=int, default=ProbeRun.batch)
    parser.add_argument("--examples", type=int, default=ProbeRun.examples)
    parser.add_argument(
        "--limit", type=int, default=ProbeRun.limit, help="most windows per source and kind that are scored"
    )
    parser.add_argument("--seeds", type=int, default=1, help="seeds of every front end")
    parser.add_argument("--base-seeds", type=int, default=3, help="seeds of the base")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/probes.json"))
    return parser.parse_args(arguments)


def order(seeds: int, base_seeds: int) -> Iterator[tuple[str, int]]:
    """Yield (name, seed) of the probes: every front end once, then the base's other seeds, then the rest."""
    names = list(points())
    yield from ((name, 1) for name in names)
    yield from ((BASE, seed) for seed in range(2, max(seeds, base_seeds) + 1))
    yield from ((name, seed) for seed in range(2, seeds + 1) for name in names if name != BASE)


def train(
    todo: Sequence[tuple[str, int]], run: ProbeRun, result: dict[str, Any], options: argparse.Namespace
) -> None:
    """Train probes one after the other; write the JSON after each."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it counts the nets, as if that were a mistake
    from benchmarks.probe_training import train_probe
    from voxlite.training.fit import FitPlan

    examples, sets = material(run, options.manifest, options.cache)
    with progress_bar(Console(), "probes", len(todo)) as tick:
        for name, seed in todo:
            point = points()[name]
            plan = FitPlan(
                run.steps, run.batch, run.steps, peak_rate=run.peak_rate, max_minutes=math.inf, seed=seed
            )
            row = train_probe(point, examples, sets, plan)
            result["probes"].append({"name": name, "seed": seed, "point": point.to_dict(), **row})
            write(result, options.out)
            tick()


def material(run: ProbeRun, manifest: Path | None, cache: Path | None) -> tuple[Any, dict[str, Any]]:
    """Return the examples, and the windows of the validation and the test split."""
    from benchmarks.probe_training import draw_examples
    from voxlite.training.augment import cached_rooms
    from voxlite.training.voice.training import compact_training

    path = find_manifest(manifest)
    own = {purpose: None if cache is None else cache / purpose for purpose in (_TRAIN, _OWN, *_SPLITS)}
    clips = [clip for clip in read_manifest(path) if clip.use == "free"]
    training = [clip for clip in clips if clip.split == "train" or clip.kind == "rir"]
    folder = find_cache(own[_TRAIN], path, _TRAIN)
    with progress_bar(Console(), "decoding", len(training)) as tick:
        store = build_store(training, folder, tick=tick)
    rooms = cached_rooms(folder, compact_training().fit.seed, store.rate_hz)
    examples = draw_examples(training, store, rooms, run.examples, find_cache(own[_OWN], path, _OWN))
    sets = {split: load_windows(path, own[split], split=split, limit=run.limit) for split in _SPLITS}
    return examples, sets


def table(probes: Sequence[dict[str, Any]]) -> Table:
    """Return one line per front end, means over its seeds."""
    rows: list[list[Cell]] = []
    conditions: list[str] = []
    for name in points():
        val, test = (quality(probes, name, split) for split in _SPLITS)
        if val is None or test is None:
            continue
        conditions = list(test)
        n_seeds = sum(row["name"] == name for row in probes)
        rows.append([describe(name), n_seeds, fmean(val.values()), fmean(test.values()), *test.values()])
    spreads = [spread(probes, split) for split in _SPLITS]
    rows.append(["largest difference between the base's seeds", None, *spreads, *[None] * len(conditions)])
    columns = [
        "front end",
        "seeds",
        "validation, mean",
        "test, mean",
        *(f"test, {name}" for name in conditions),
    ]
    return Table.of("ROC-AUC of probes", columns, rows)


if __name__ == "__main__":
    main()
