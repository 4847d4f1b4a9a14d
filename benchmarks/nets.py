"""Inception-v3 against the compact net on the same windows of the test split: `python -m benchmarks.nets`.

Quality on one-second windows, clean, at 20, 10, 5 and 0 dB SNR and in the telephone band; size and parameters; a
window's latency and the throughput at 1, 2 and 4 threads; the first inference and the memory of a fresh process; and
how many times cheaper the compact net is. Inception-v3 gives one score per window of one second: by default it is
called once on each; `--calls decide` asks `VoiceDetector.decide` instead, which slides it over the window in steps of
0.1 s with silence around, as `voxlite analyze` would.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import LEAST_S, RATE_HZ, paired, publish
from benchmarks.fresh import in_fresh_processes
from benchmarks.interpreters import one_call, per_thread, run_of
from benchmarks.sections.nets import QUALITY, cost_rows, quality_rows
from benchmarks.sounds import call
from benchmarks.windows import Score, load_windows, score_windows, verdicts
from voxlite.audio import Audio
from voxlite.errors import VoxliteError
from voxlite.runtime import Engine, ModelInfo, find_model
from voxlite.tasks.voice import VoiceDetector
from voxlite.training.protocol import CLEAN
from voxlite.training.tables import Table
from voxlite.training.voice.evaluate import measure
from voxlite.training.windows import Windows

COMPACT, INCEPTION = "compact net", "Inception-v3"
SNRS_DB = (20.0, 10.0, 5.0, 0.0)
THREADS = (1, 2, 4)
_WORKERS = 2
_N_WINDOWS = 8
"""Windows of the throughput, and seconds of the recording."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = parse(arguments)
    models = {COMPACT: find_model("voice", options.compact)}
    remarks = []
    if options.inception.is_file():
        models[INCEPTION] = find_model("voice", str(options.inception))
    else:
        remarks.append(f"{INCEPTION}: no file {options.inception}")
    quality: dict[str, Any] = {}
    try:
        sets = load_windows(options.manifest, options.cache, limit=options.limit, snrs_db=SNRS_DB)
        quality = {name: qualities(model, sets, options.calls) for name, model in models.items()}
    except VoxliteError as error:
        remarks.append(f"quality: {error}")
    times = timing(models, options.repeats, options.budget)
    nets = {
        name: {
            "file": model.path.name,
            "weights": model.metadata.weights,
            "size_bytes": model.size_bytes,
            "parameters": model.metadata.figures.get("parameters"),
            **times[name],
            "fresh": in_fresh_processes(model.path, options.processes),
        }
        for name, model in models.items()
    }
    result = {
        "benchmark": "nets",
        "calls": options.calls,
        "nets": nets,
        "quality": quality,
        "cheaper": cheaper(nets),
        "remarks": remarks,
    }
    publish(result, options.out, tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return what to print."""
    columns = ["condition", "net", *(title for _, title, _ in QUALITY)]
    quality = [[cell.strip("*") for cell in row] for row in quality_rows(result["quality"])]
    costs = cost_rows(result["nets"], result["cheaper"])
    made = [
        Table.of("Quality on one-second windows", columns, quality),
        Table.of(
            "Costs; the factor is Inception-v3 over the compact net",
            ["what", *result["nets"], "factor"],
            costs,
        ),
    ]
    remarks = [Table.of("Missing", ["what"], [[remark] for remark in result["remarks"]])]
    return [table for table in [*made, *remarks] if table.rows]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--compact", default="compact", help="a shipped model or a .tflite file")
    parser.add_argument("--inception", type=Path, default=Path("models/voice-inception_v3-int8.tflite"))
    parser.add_argument("--calls", choices=("one", "decide"), default="one", help="of Inception-v3")
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--limit", type=int, default=80, help="most windows per source and kind")
    parser.add_argument("--repeats", type=int, default=30, help="turns of the timing")
    parser.add_argument("--budget", type=float, default=60.0, help="most seconds for the turns")
    parser.add_argument("--processes", type=int, default=5, help="fresh processes for the first inference")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/nets.json"))
    return parser.parse_args(arguments)


def qualities(model: ModelInfo, sets: dict[str, Windows], calls: str) -> dict[str, Any]:
    """Return condition -> figures at the model's own threshold, and that threshold."""
    threshold = float(model.metadata.thresholds["clip"]["value"])
    found = score_windows(sets, scorer(model, calls), 1 if model.metadata.resizable else _WORKERS)
    truth = sets[CLEAN].is_voice
    return {
        "threshold": threshold,
        "n_speech": int(truth.sum()),
        "n_other": int((~truth).sum()),
        "conditions": {name: figures(values, truth, threshold) for name, values in found.items()},
    }


def scorer(model: ModelInfo, calls: str) -> Score:
    """Return the score of a window: one call of a fixed-window model if that is wanted, else the verdict."""
    if calls == "one" and not model.metadata.resizable:
        return one_call(model)
    return per_thread(lambda: verdicts(VoiceDetector(model=str(model.path), threads=1)))


def figures(values: NDArray[np.float64], truth: NDArray[np.bool_], threshold: float) -> dict[str, Any]:
    """Return those of the protocol's figures that are shown."""
    found = measure(values, truth, threshold)
    return {key: found[key] for key, _, _ in QUALITY}


def timing(models: dict[str, ModelInfo], repeats: int, budget_s: float) -> dict[str, dict[str, Any]]:
    """Time all nets in turns: a window with LiteRT's threads, many windows on the engine's, a recording.

    Returns
    -------
    dict
        Net -> "latency_ms" of a one-second window and "windows_per_s", both by number of threads, and
        "recording_ms" per second of a recording through the detector on one thread.
    """
    samples = call(_N_WINDOWS, busy=True)
    clips = list(samples.reshape(-1, RATE_HZ))
    works: dict[str, Callable[[], object]] = {}
    for name, model in models.items():
        for n in THREADS:
            run, engine = run_of(model, threads=n), Engine(model, threads=n)
            works[f"{name} latency {n}"] = lambda run=run: run(clips[0])  # type: ignore[misc]
            works[f"{name} many {n}"] = lambda engine=engine: engine.logits(clips)  # type: ignore[misc]
        detector, audio = VoiceDetector(model=str(model.path), threads=1), Audio(samples, RATE_HZ)
        works[f"{name} recording"] = lambda detector=detector, audio=audio: detector.scores(audio)  # type: ignore[misc]
    taken = paired(works, repeats, budget_s, LEAST_S)
    return {
        name: {
            "latency_ms": {str(n): 1000 * taken[f"{name} latency {n}"] for n in THREADS},
            "windows_per_s": {str(n): _N_WINDOWS / taken[f"{name} many {n}"] for n in THREADS},
            "recording_ms": 1000 * taken[f"{name} recording"] / _N_WINDOWS,
        }
        for name in models
    }


def cheaper(nets: dict[str, Any]) -> dict[str, float]:
    """Return by what factors the compact net is cheaper than Inception-v3, nothing without both."""
    if INCEPTION not in nets:
        return {}
    small, large = nets[COMPACT], nets[INCEPTION]
    factors = {
        "window": large["latency_ms"]["1"] / small["latency_ms"]["1"],
        "recording": large["recording_ms"] / small["recording_ms"],
        "size": large["size_bytes"] / small["size_bytes"],
        "first": large["fresh"]["first_ms"] / small["fresh"]["first_ms"],
    }
    if large["parameters"] and small["parameters"]:
        factors["parameters"] = large["parameters"] / small["parameters"]
    return factors


if __name__ == "__main__":
    main()
