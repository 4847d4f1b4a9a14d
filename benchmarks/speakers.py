"""Who speaks, beside CAM++ and Resemblyzer on the same pairs: `python -m benchmarks.speakers`.

The published protocol: the first eight clips of each test speaker of speechocean762, all pairs, whole clips, cosines;
then cut short, in noise and by telephone. With it the size of the weights' file and the time on one thread as a
share of the sound's. A model whose file carries a cohort is judged by AS-norm as well, as voxlite scores with it. A
model that is not at hand is told in a row of its own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.common import paired, publish
from benchmarks.sounds import call
from benchmarks.speaker_peers import Resemblyzer, Whole
from voxlite.cli.evaluate_speaker import evaluated
from voxlite.errors import VoxliteError
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.speaker.evaluate import SpeakerEvaluation
from voxlite.training.speaker.protocol import SpeakerProtocol
from voxlite.training.speaker.scores import as_norm
from voxlite.training.tables import Cell, Table
from voxlite.voiceprints.scoring import PairScorer

_SECONDS = 4.0
_NOT_AT_HAND = "not at hand"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument(
        "--model", nargs="*", default=["compact", "campplus", "campplus-int8"], help="names or .tflite files"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="models whose names hold one of these words; --out keeps what it holds of the others",
    )
    parser.add_argument(
        "--times-only", action="store_true", help="measure time again, keep what --out holds of the errors"
    )
    parser.add_argument("--quick", action="store_true", help="whole clips alone, no other condition")
    parser.add_argument("--repeats", type=int, default=9, help="of the timing")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/speakers.json"))
    options = parser.parse_args()
    manifest, console = find_manifest(options.manifest), Console()
    more: dict[str, Any] = {"lengths_s": (), "snrs_db": (), "telephone": False} if options.quick else {}
    protocol = SpeakerProtocol(**more)
    cache = find_cache(options.cache, manifest, "speaker-test")
    results = earlier(options.out) if options.only or options.times_only else {}
    for name, make in models(options.model, options.only).items():
        try:
            listener = make()
        except VoxliteError as error:
            results[name] = {_NOT_AT_HAND: str(error)}
            continue
        costs = {"size_bytes": listener.size_bytes, "rtf": rtf(listener, options.repeats)}
        if options.times_only:
            results[name] = {**results[name], **costs}
            continue
        found = figures(listener, evaluated(console, listener, manifest, cache, protocol))
        results[name] = {**costs, **found}
    publish({"benchmark": "speakers", "models": results}, options.out, tables(results))


def earlier(out: Path) -> dict[str, dict[str, Any]]:
    """Return what an earlier run found, by model; nothing where there was none."""
    found: dict[str, dict[str, Any]] = (
        json.loads(out.read_text(encoding="utf-8"))["models"] if out.is_file() else {}
    )
    return found


def figures(listener: Any, evaluation: SpeakerEvaluation) -> dict[str, Any]:
    """Return what an evaluation found by cosines, and by AS-norm if the model is calibrated."""
    found = evaluation.to_dict()
    if getattr(listener, "is_calibrated", False):
        found["as_norm"] = as_norm(evaluation, PairScorer(listener.model))
    return found


def models(files: list[str], only: list[str]) -> dict[str, Callable[[], Any]]:
    """Return name -> what makes the model."""
    found: dict[str, Callable[[], Any]] = {f"voxlite {name}": partial(Whole, name) for name in files}
    found["Resemblyzer"] = Resemblyzer
    return {
        name: make
        for name, make in found.items()
        if not only or any(word.lower() in name.lower() for word in only)
    }


def rtf(listener: Any, repeats: int) -> float:
    """Return the seconds that a second of sound takes on one thread, its speech cut out already."""
    sound = call(_SECONDS, busy=False)
    return paired({"embed": lambda: listener(sound)}, repeats)["embed"] / _SECONDS


def tables(results: dict[str, dict[str, Any]]) -> list[Table]:
    """Return what each model costs and how often it errs, then the errors by condition."""
    rows: list[list[Cell]] = []
    for name, found in results.items():
        if _NOT_AT_HAND in found:
            rows.append([name, None, None, None, None, None, found[_NOT_AT_HAND]])
            continue
        clean = found["conditions"]["clean"]
        rows.append(
            [
                name,
                _percent(clean["eer"]),
                _percent(found["as_norm"]["clean"]["eer"]) if "as_norm" in found else None,
                clean["min_dcf"],
                round(found["size_bytes"] / 1e6, 2),
                found["rtf"],
                "",
            ]
        )
    columns = ["model", "EER", "EER, AS-norm", "minDCF", "MB", "RTF, one thread", "why not"]
    made = [Table.of("Published protocol, whole clips", columns, rows)]
    measured = {name: found["conditions"] for name, found in results.items() if "conditions" in found}
    if measured:
        first = next(iter(measured.values()))
        rows = [[key, *(_percent(found[key]["eer"]) for found in measured.values())] for key in first]
        made.append(Table.of("EER by condition", ["condition", *measured], rows))
    return made


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


if __name__ == "__main__":
    main()
