"""Speed and size of gender and mood, on one thread, and of all tasks together: `python -m benchmarks.traits`.

A minute of sound through each model's windows, in turns with the speaker model; and `analyze` with every task on the
sample call of two minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.common import RATE_HZ, paired, publish
from voxlite.analysis import TASKS, analyze
from voxlite.audio import Audio
from voxlite.runtime import ModelInfo, SpeakerEmbedder, TraitScorer, shipped_models
from voxlite.training.tables import Table

SAMPLE = Path(__file__).parent.parent / "samples" / "call.flac"
SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--sample", type=Path, default=SAMPLE)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/traits.json"))
    options = parser.parse_args(arguments)
    audio = Audio.read(options.sample, rate_hz=RATE_HZ)
    sound = audio.samples[: SECONDS * RATE_HZ]
    models = [model for model in shipped_models() if model.metadata.task in ("speaker", "gender", "mood")]
    works: dict[str, Callable[[], object]] = {
        f"{model.metadata.task} {model.name}": partial(runner(model), [sound]) for model in models
    }
    works["all tasks"] = partial(analyze, options.sample, TASKS, 1)
    medians = paired(works, options.repeats)
    rows = [
        {
            "task": model.metadata.task,
            "name": model.name,
            "size_bytes": model.size_bytes,
            "parameters": model.metadata.training.get("parameters"),
            "rtf": medians[f"{model.metadata.task} {model.name}"] / (len(sound) / RATE_HZ),
        }
        for model in models
    ]
    result = {
        "benchmark": "traits",
        "models": rows,
        "all_tasks": {
            "tasks": list(TASKS),
            "seconds": audio.duration_s,
            "median_s": medians["all tasks"],
            "times_real_time": audio.duration_s / medians["all tasks"],
        },
    }
    publish(result, options.out, [table(rows, result["all_tasks"]["times_real_time"])])


def runner(model: ModelInfo) -> Callable[[list[object]], object]:
    """Return what runs a model over sounds, on one thread."""
    if model.metadata.task == "speaker":
        return SpeakerEmbedder(model, 1).vectors
    return TraitScorer(model.metadata.task, model, 1).vectors


def table(rows: Sequence[dict[str, object]], all_tasks: float) -> Table:
    """Return what to print."""
    cells = [[row["task"], row["name"], f"{row['size_bytes']:,}", f"{row['rtf']:.5f}"] for row in rows]
    title = f"Models of voices, one thread; all tasks together: {all_tasks:.0f} x real time"
    return Table.of(title, ["task", "model", "bytes", "real-time factor"], cells)


if __name__ == "__main__":
    main()
