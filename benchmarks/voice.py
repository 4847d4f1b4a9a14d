"""Voice or not, beside Silero VAD and WebRTC VAD on the same windows: `python -m benchmarks.voice`.

ROC-AUC and false alarms at 99 % and 95 % recall, clean, at 20, 10, 5 and 0 dB SNR and in the telephone band; by
source, each detector at its own threshold (voxlite's shipped one, 0.5 for the peers).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.common import publish
from benchmarks.peers import silero_scores, webrtc_score
from voxlite.cli.evaluate import Detector
from voxlite.cli.training_tools import progress_bar
from voxlite.training.corpus import read_manifest
from voxlite.training.places import find_cache, find_manifest
from voxlite.training.protocol import CLEAN, Protocol, choose, n_scores
from voxlite.training.store import build_store
from voxlite.training.tables import Cell, Table, percent
from voxlite.training.voice.evaluate import evaluate_voice
from voxlite.values import FloatArray

_FIGURES = {"roc_auc": "ROC-AUC", "far_at_99_recall": "FAR at 99 %", "far_at_95_recall": "FAR at 95 %"}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--model", default="compact", help="a shipped model or a .tflite file")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--per-source", type=int, default=80, help="most clips per source and kind")
    parser.add_argument("--split", default="test")
    parser.add_argument(
        "--only", nargs="*", default=[], help="run detectors whose names hold one of these words"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/voice.json"))
    options = parser.parse_args()
    manifest, console = find_manifest(options.manifest), Console()
    protocol = Protocol(
        split=options.split, per_group=options.per_source, lengths_s=(), whole=False, never_voice_s=0.0
    )
    chosen = choose(read_manifest(manifest), protocol)
    with progress_bar(console, "decoding", len(chosen.all)) as tick:
        store = build_store(chosen.all, find_cache(options.cache, manifest, options.split), tick=tick)
    results: dict[str, dict[str, Any]] = {}
    for name, (score, threshold) in detectors(options.model, options.only).items():
        with progress_bar(console, name, n_scores(chosen, store.rate_hz, protocol)) as tick:
            evaluation = evaluate_voice(
                score, chosen, store, threshold=threshold, protocol=protocol, tick=tick
            )
        results[name] = evaluation.to_dict()
    publish({"benchmark": "voice", "detectors": results}, options.out, tables(results))


def detectors(model: str, only: list[str]) -> dict[str, tuple[Callable[[FloatArray], float], float]]:
    """Return name -> (score of a window, threshold)."""

    def wanted(name: str) -> bool:
        return not only or any(word.lower() in name.lower() for word in only)

    result: dict[str, tuple[Callable[[FloatArray], float], float]] = {}
    if wanted("voxlite"):
        own = Detector(model)
        result["voxlite"] = own, own.threshold
    if wanted("Silero VAD, largest, mean"):
        result.update({name: (score, 0.5) for name, score in silero_scores().items() if wanted(name)})
    if wanted("WebRTC VAD"):
        result["WebRTC VAD"] = webrtc_score(), 0.5
    return result


def tables(results: dict[str, dict[str, Any]]) -> list[Table]:
    """Return one table per figure over the conditions, then the shares called voice by source."""
    names = list(results)
    first = results[names[0]]
    made = []
    for key, title in _FIGURES.items():
        rows: list[list[Cell]] = []
        for condition in first["conditions"]:
            values = [results[name]["conditions"][condition][key] for name in names]
            rows.append([condition, *(values if key == "roc_auc" else map(percent, values))])
        made.append(Table.of(title, ["condition", *names], rows))
    for speech in (True, False):
        rows = []
        for index, row in enumerate(first["by_source"][CLEAN]):
            if (row["kind"] == "speech") == speech:
                shares = [results[name]["by_source"][CLEAN][index]["called_voice"] for name in names]
                rows.append([row["source"], row["kind"], row["n"], *map(percent, shares)])
        title = "Recall by source, clean" if speech else "False alarms by source, clean"
        made.append(
            Table.of(f"{title}, each at its own threshold", ["source", "kind", "clips", *names], rows)
        )
    return made


if __name__ == "__main__":
    main()
