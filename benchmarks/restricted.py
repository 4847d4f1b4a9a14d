"""What clips that are not freely licensed would add to the speaker net: `python -m benchmarks.restricted`.

Two trainings of as many steps go on from the shipped net's weights, with one version of each voice: one on free clips
alone, as the shipped weights were made, one on all of the corpus. Both are judged on voices that neither learned from,
all of them free. Half an hour to an hour on two cores; a teacher is asked about what `models/speaker-taught.npz` does
not hold. With `--runs`, finished trainings in that folder are read and not made again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.common import publish
from benchmarks.sections.restricted import LEARNED_FROM
from voxlite.training.places import SPEAKER_WEIGHTS, find_cache, find_manifest
from voxlite.training.speaker.taught import RememberingTeacher
from voxlite.training.speaker.teacher import ModelTeacher
from voxlite.training.speaker.training import SpeakerTraining, speaker_fit, train_speaker
from voxlite.training.tables import Table

STEPS = 300
_ERRORS = "eer_"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips, reused")
    parser.add_argument("--runs", type=Path, default=Path("runs/restricted"), help="folder of the trainings")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each training")
    parser.add_argument("--teacher", default="campplus", help="speaker model that is asked")
    parser.add_argument("--start", type=Path, default=SPEAKER_WEIGHTS, help="weights that both go on from")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/restricted.json"))
    options = parser.parse_args()
    found = {}
    for kind in LEARNED_FROM:
        run = options.runs / kind
        if not is_done(run, options.steps):
            train(kind, run, options)
        found[kind] = figures(run)
    result = {"benchmark": "restricted", "steps": options.steps, "trainings": found}
    publish(result, options.out, [table_of(found)])


def is_done(run: Path, steps: int) -> bool:
    """Tell whether a folder holds a training of so many steps."""
    history = run / "history.json"
    return history.is_file() and int(json.loads(history.read_text(encoding="utf-8"))["step"]) == steps


def figures(run: Path) -> dict[str, Any]:
    """Return what a training's weights at the end do on voices that were left out."""
    data = json.loads((run / "history.json").read_text(encoding="utf-8"))
    last = max(data["epochs"], key=lambda epoch: epoch["step"])
    return {
        "classes": json.loads((run / "plan.json").read_text(encoding="utf-8"))["n_classes"],
        "minutes": round(data["minutes"], 1),
        "eer": {
            name.removeprefix(_ERRORS): round(v, 4) for name, v in last.items() if name.startswith(_ERRORS)
        },
    }


def train(kind: str, run: Path, options: argparse.Namespace) -> None:
    """Train on one kind of clips."""
    manifest = find_manifest(options.manifest)
    cache = find_cache(options.cache, manifest, f"restricted-{kind}")
    fit = speaker_fit(
        steps=options.steps, epoch_steps=max(1, options.steps // 2), echo=1.0, seed=77, peak_rate=1e-3
    )
    plan = SpeakerTraining(fit=fit, versions=("x1.00",), free_only=kind == "free")
    cache.mkdir(parents=True, exist_ok=True)
    # A copy: what restricted clips sound like to the teacher is not for the repository.
    taught = cache / "taught.npz"
    shipped = Path("models/speaker-taught.npz")
    if not taught.is_file() and shipped.is_file():
        shutil.copyfile(shipped, taught)
    teacher = RememberingTeacher(taught, lambda: ModelTeacher(options.teacher))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(LEARNED_FROM[kind], total=options.steps)
        train_speaker(
            manifest,
            run,
            cache,
            plan,
            teacher,
            start=options.start,
            report=lambda step, _: progress.update(task, completed=step),
        )


def table_of(found: dict[str, Any]) -> Table:
    """Return the errors of each training."""
    sets = list(next(iter(found.values()))["eer"])
    rows = [
        [LEARNED_FROM[kind], one["classes"], *(f"{one['eer'][name]:.2%}" for name in sets)]
        for kind, one in found.items()
    ]
    return Table.of("EER on voices that were left out", ["learned from", "known voices", *sets], rows)


if __name__ == "__main__":
    main()
