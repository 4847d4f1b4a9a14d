"""`voxlite evaluate speaker`: put a speaker model through the protocol on a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar, show
from voxlite.errors import VoxliteError
from voxlite.training.places import find_cache, find_manifest
from voxlite.values import FloatArray

if TYPE_CHECKING:
    from voxlite.training.speaker.evaluate import SpeakerEvaluation
    from voxlite.training.speaker.protocol import SpeakerProtocol

_SOURCES: dict[str, tuple[str, ...]] = {"test": ("speechocean762",)}
_OTHER_SOURCES = ("librispeech-train-clean-5", "emodb", "speechocean762", "librispeech-test-clean")


def speaker(
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="Name of a shipped or imported model, or a .tflite file.")
    ] = "compact",
    split: Annotated[
        str, typer.Option(help="Split to measure on: test, or val with all of the sources that are left out.")
    ] = "test",
    sources: Annotated[
        list[str] | None, typer.Option(help="A source of the corpus; repeat it for more.")
    ] = None,
    far: Annotated[
        list[float] | None,
        typer.Option(help="A rate of false acceptances besides the file's own point; default 0.001."),
    ] = None,
    per_speaker: Annotated[int, typer.Option(min=2, help="Most clips per speaker.")] = 8,
    quick: Annotated[bool, typer.Option("--quick", help="Clean clips alone, no other condition.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the JSON, the trial list and the picture.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of decoded clips, reused.")] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Draw the DET picture into --out.")
    ] = True,
) -> None:
    """Measure how well a model tells speakers apart, and whether the rates that its file states hold."""
    from voxlite.training.speaker.protocol import SpeakerProtocol
    from voxlite.training.speaker.tables import (
        draw_speaker_evaluation,
        speaker_tables,
        write_speaker_evaluation,
    )

    console, path, fars = Console(), find_manifest(manifest), tuple(far or (0.001,))
    if not all(0 < rate < 1 for rate in fars):
        raise VoxliteError("--far takes a rate above 0 and below 1: 0.001 is one stranger in a thousand")
    chosen = tuple(sources) if sources else _SOURCES.get(split, _OTHER_SOURCES)
    more: dict[str, Any] = {"lengths_s": (), "snrs_db": (), "telephone": False} if quick else {}
    protocol = SpeakerProtocol(split=split, sources=chosen, per_voice=per_speaker, **more)
    listener = Listener(model)
    evaluation = evaluated(console, listener, path, find_cache(cache, path, f"speaker-{split}"), protocol)
    data = {"about": listener.about, **evaluation.to_dict()}
    if listener.is_calibrated:
        from voxlite.training.speaker.scores import score_figures

        data["scores"] = score_figures(evaluation, listener.model, fars)
    show(console, speaker_tables(data))
    if out is not None:
        files = write_speaker_evaluation(evaluation, data, out)
        files += draw_speaker_evaluation(evaluation, out) if pictures else []
        for file in files:
            console.print(str(file), markup=False, highlight=False, soft_wrap=True)


def evaluated(
    console: Console, listener: Any, manifest: Path, cache: Path, protocol: SpeakerProtocol
) -> SpeakerEvaluation:
    """Decode what a protocol needs and let a listener embed it, under progress bars.

    Parameters
    ----------
    listener
        Called with samples it returns an embedding; `speech` returns what of a sound it is called with.
    """
    from voxlite.training.corpus import read_manifest
    from voxlite.training.speaker.evaluate import evaluate_speaker, n_embeddings
    from voxlite.training.speaker.protocol import make_trials
    from voxlite.training.store import build_store

    clips = read_manifest(manifest)
    trials = make_trials(clips, protocol)
    noises = [clip for clip in clips if clip.split == protocol.split and clip.kind in ("nonhuman", "music")]
    noises = noises if protocol.snrs_db else []
    with progress_bar(console, "decoding", len(trials.clips) + len(noises)) as tick:
        store = build_store([*trials.clips, *noises], cache, rate_hz=listener.rate_hz, tick=tick)
    with progress_bar(console, "embedding", n_embeddings(trials, protocol)) as tick:
        return evaluate_speaker(listener, trials, noises, store, protocol, speech=listener.speech, tick=tick)


class Listener:
    """The client's way from sound to embedding: the voice detector cuts the speech out, the model embeds it."""

    def __init__(self, model: str) -> None:
        from voxlite._version import __version__
        from voxlite.recognition.recognizer import SpeakerRecognizer
        from voxlite.runtime import SpeakerEmbedder

        self._embedder = SpeakerEmbedder(model, threads=1)
        self._recognizer = SpeakerRecognizer(model, threads=1)
        self.model, self.rate_hz = self._embedder.model, self._embedder.rate_hz
        self.is_calibrated = "wide_slope" in self.model.metadata.calibration
        metadata = self.model.metadata
        self.about: dict[str, Any] = {
            "voxlite": __version__,
            "model": {
                **self.model.summary(),
                "size_bytes": self.model.size_bytes,
                "weights": metadata.weights,
            },
        }

    def __call__(self, samples: FloatArray) -> FloatArray:
        """Return the embedding of sound at `rate_hz`."""
        return self._embedder.embed(samples)

    def speech(self, samples: FloatArray) -> FloatArray:
        """Return the speech in a sound, or all of it where there is less than a second of it."""
        return self._recognizer.speech(samples)
