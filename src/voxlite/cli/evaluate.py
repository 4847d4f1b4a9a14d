"""`voxlite evaluate TASK`: put a model through its task's protocol on a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from voxlite.cli.evaluate_mood import mood
from voxlite.cli.evaluate_speaker import speaker
from voxlite.cli.evaluate_trait import gender
from voxlite.cli.training_tools import progress_bar, show
from voxlite.training.places import find_cache, find_manifest
from voxlite.values import FloatArray

app = typer.Typer(help="Measure a model's quality on a corpus.", no_args_is_help=True)
app.command()(speaker)
app.command()(gender)
app.command()(mood)


@app.command()
def voice(
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
    ] = None,
    model: Annotated[str, typer.Option(help="Name of a shipped model, or a .tflite file.")] = "compact",
    split: Annotated[str, typer.Option(help="Split to measure on: test, val or train.")] = "test",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the JSON, the scores and the pictures.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of decoded clips, reused.")] = None,
    per_source: Annotated[int, typer.Option(min=1, max=80, help="Most clips per source and kind.")] = 80,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Draw ROC, DET and reliability into --out.")
    ] = True,
) -> None:
    """Measure how well a model tells voices from other sounds, in quiet, noise, narrow band and short clips."""
    from voxlite.training.corpus import read_manifest
    from voxlite.training.protocol import Protocol, choose, n_scores
    from voxlite.training.store import build_store
    from voxlite.training.voice.evaluate import evaluate_voice
    from voxlite.training.voice.tables import evaluation_tables, write_evaluation

    console, path = Console(), find_manifest(manifest)
    protocol = Protocol(split=split, per_group=per_source)
    chosen = choose(read_manifest(path), protocol)
    detector = Detector(model)
    with progress_bar(console, "decoding", len(chosen.all)) as tick:
        store = build_store(chosen.all, find_cache(cache, path, split), rate_hz=detector.rate_hz, tick=tick)
    with progress_bar(console, "scoring", n_scores(chosen, store.rate_hz, protocol)) as tick:
        evaluation = evaluate_voice(
            detector,
            chosen,
            store,
            threshold=detector.threshold,
            protocol=protocol,
            hears=detector.hears,
            tick=tick,
        )
    show(console, evaluation_tables(evaluation))
    if out is not None:
        files = write_evaluation(evaluation, out, detector.about)
        if pictures:
            from voxlite.training.pictures import draw_evaluation

            files += draw_evaluation(evaluation, out)
        for file in files:
            console.print(str(file), markup=False, highlight=False, soft_wrap=True)


class Detector:
    """The client's own verdict on a clip, as the protocol's score."""

    def __init__(self, model: str) -> None:
        from voxlite._version import __version__
        from voxlite.audio.audio import Audio
        from voxlite.runtime.catalog import find_model
        from voxlite.tasks.voice import VoiceDetector

        info = find_model("voice", model)
        self.rate_hz = info.metadata.frontend.rate_hz
        self._detector = VoiceDetector(model=model, threads=1)
        self._audio = Audio
        self.threshold = self._detector.threshold
        self.about: dict[str, Any] = {
            "voxlite": __version__,
            "model": {**info.summary(), "size_bytes": info.size_bytes, "weights": info.metadata.weights},
        }

    def __call__(self, samples: FloatArray) -> float:
        """Return the calibrated probability that a clip at `rate_hz` holds a voice."""
        return self._detector.decide(self._audio(samples, self.rate_hz)).score

    def hears(self, samples: FloatArray) -> bool:
        """Tell whether any segment of a sound is voice."""
        segments = self._detector.segments(self._audio(samples, self.rate_hz))
        return any(segment.label == "voice" for segment in segments)


def register(parent: typer.Typer) -> None:
    """Add the command group to the program."""
    parent.add_typer(app, name="evaluate")
