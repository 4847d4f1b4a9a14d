"""`voxlite evaluate mood`: judge moods of speakers and of corpora that nothing was learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar, quiet_tensorflow, show
from voxlite.errors import MissingExtraError
from voxlite.training.places import SPEAKER_WEIGHTS, find_cache, find_manifest


def mood(
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
    ] = None,
    weights: Annotated[
        Path,
        typer.Option(help="Of the speaker net whose layers are used: speaker-NAME.weights.h5 of an export."),
    ] = SPEAKER_WEIGHTS,
    alpha: Annotated[
        float | None, typer.Option(min=1e-6, help="Weight of the ridge penalty; default: that of training.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the JSON and the pictures.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of decoded clips and features, reused.")] = None,
) -> None:
    """Measure how well moods and arousal are told, leaving speakers out and leaving corpora out.

    Each figure comes from layers that are fitted anew on what may be learned
    from; shipped models have heard some of these voices and are not asked.
    """
    console, path = Console(), find_manifest(manifest)
    quiet_tensorflow()
    try:
        from voxlite.training.moods.evaluate import (
            evaluate_moods,
            mood_tables,
            n_folds,
            write_mood_evaluation,
        )
        from voxlite.training.moods.features import described_corpus
        from voxlite.training.moods.judging import RidgeJudge
        from voxlite.training.moods.reference import referring_judge
        from voxlite.training.ridge import ALPHA
    except ImportError:
        raise MissingExtraError("measuring moods", "train") from None
    with progress_bar(console, "describing", None) as tick:
        described = described_corpus(path, weights, find_cache(cache, path, "mood-train-research"), tick)
    referring = {"voxlite": referring_judge(described)}
    with progress_bar(console, "judging", n_folds(described, 1, len(referring))) as tick:
        judges = {"voxlite": RidgeJudge(described, alpha or ALPHA)}
        evaluation = evaluate_moods(described, judges, tick, referring)
    show(console, mood_tables(evaluation))
    if out is not None:
        for file in write_mood_evaluation(evaluation, out):
            console.print(str(file), markup=False, highlight=False, soft_wrap=True)
