"""`voxlite evaluate gender` and `voxlite evaluate mood`: put a trait's model through the protocol on a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from voxlite.cli.training_tools import progress_bar, show
from voxlite.training.places import find_cache, find_manifest
from voxlite.values import Decision, FloatArray

if TYPE_CHECKING:
    from voxlite.tasks.traits import TraitClassifier

Manifest = Annotated[
    Path | None, typer.Option(help="Manifest of the corpus; default: that in the folder VOXLITE_CORPUS.")
]
Model = Annotated[str, typer.Option(help="Name of a shipped model, or a .tflite file.")]
Split = Annotated[str, typer.Option(help="Split to measure on: test or val.")]
Free = Annotated[bool, typer.Option("--free", help="Leave out clips that are not freely licensed.")]
Quick = Annotated[bool, typer.Option("--quick", help="Three seconds in quiet alone, no other condition.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the JSON and the picture.")]
Cache = Annotated[Path | None, typer.Option(help="Folder of decoded clips, reused.")]
PerVoice = Annotated[int, typer.Option(min=1, help="Most stretches per voice.")]


def gender(
    manifest: Manifest = None,
    model: Model = "compact",
    split: Split = "test",
    per_voice: PerVoice = 12,
    free: Free = False,
    quick: Quick = False,
    out: Out = None,
    cache: Cache = None,
) -> None:
    """Measure how often a voice's gender is told, how often it is left open, and how often that is wrong."""
    from voxlite.tasks.gender import GenderClassifier

    _evaluate(GenderClassifier(model, threads=1), manifest, split, per_voice, free, quick, out, cache)


def _evaluate(
    classifier: TraitClassifier,
    manifest: Path | None,
    split: str,
    per_voice: int,
    free: bool,
    quick: bool,
    out: Path | None,
    cache: Path | None,
) -> None:
    from voxlite.training.corpus import read_manifest
    from voxlite.training.store import build_store
    from voxlite.training.traits.evaluate import TraitProtocol, chosen_voices, evaluate_trait
    from voxlite.training.traits.labels import TRAITS
    from voxlite.training.traits.tables import trait_tables, write_trait_evaluation
    from voxlite.training.windows import noises_of

    console, path = Console(), find_manifest(manifest)
    trait = TRAITS[classifier.model.metadata.task]
    fewer: dict[str, Any] = {"lengths_s": (), "snrs_db": (), "telephone": False} if quick else {}
    protocol = TraitProtocol(split=split, per_voice=per_voice, free_only=free, **fewer)
    clips = read_manifest(path)
    items = chosen_voices(clips, trait, protocol)
    noises = noises_of(clips, split) if protocol.snrs_db else []
    wanted = {clip.name: clip for item in items for clip in item.utterance.clips}
    wanted |= {clip.name: clip for clip in noises}
    with progress_bar(console, "decoding", len(wanted)) as tick:
        folder = find_cache(cache, path, f"{trait.task}-{split}")
        store = build_store(list(wanted.values()), folder, rate_hz=classifier.rate_hz, tick=tick)
    with progress_bar(console, "asking", len(items) * protocol.n_conditions) as tick:
        evaluation = evaluate_trait(Asker(classifier), trait, items, noises, store, protocol, tick=tick)
    data = {"about": _about(classifier), **evaluation.to_dict()}
    show(console, trait_tables(data))
    if out is not None:
        for file in write_trait_evaluation(data, out):
            console.print(str(file), markup=False, highlight=False, soft_wrap=True)


class Asker:
    """The client's own verdict on a sound, and the probabilities behind it."""

    def __init__(self, classifier: TraitClassifier) -> None:
        from voxlite.audio.audio import Audio

        self._classifier, self._audio = classifier, Audio

    def __call__(self, samples: FloatArray) -> tuple[Decision, Mapping[str, float]]:
        """Return decision and probabilities for samples at the classifier's rate."""
        heard = self._classifier.listen(self._audio(samples, self._classifier.rate_hz))
        trait = self._classifier.trait
        decision = trait.decide(heard.vector, heard.speech_s, heard.remarks)
        return decision, trait.scores(heard.vector, heard.speech_s)


def _about(classifier: TraitClassifier) -> dict[str, Any]:
    from voxlite._version import __version__

    info = classifier.model
    return {
        "voxlite": __version__,
        "model": {**info.summary(), "size_bytes": info.size_bytes, "weights": info.metadata.weights},
    }
