"""`voxlite export` of a trait's run: model files that carry their calibration, a card, a parity report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from voxlite._version import __version__
from voxlite.runtime import load_model
from voxlite.runtime.metadata import ModelMetadata
from voxlite.runtime.scoring import TraitScorer
from voxlite.training import tflite_file
from voxlite.training.corpus import Clip, CorpusError, read_manifest
from voxlite.training.export import MIXED, export, exported_path
from voxlite.training.published import Published
from voxlite.training.store import build_store
from voxlite.training.traits.calibration import calibrate_trait, vectors_of
from voxlite.training.traits.card import trait_card
from voxlite.training.traits.network import TraitNetwork, load_trait_plan
from voxlite.training.traits.training import TraitTraining, training_voices, validation_voices
from voxlite.training.utterances import sound_of, windows_of

STORAGES = ("float32", "float16", "dynamic-int8", MIXED)
_PARITY_CLIPS = 128
_DESCRIPTION = (
    "Female or male: the gender that an adult's voice sounds like; children's voices are a third sort."
)


def export_trait(
    run: Path,
    out: Path,
    manifest: Path,
    cache: Path,
    *,
    name: str | None = None,
    model_version: str = "1",
    variants: Sequence[str] = STORAGES,
    tick: Callable[[], None] = lambda: None,
) -> Published:
    """Export the best weights of a trait's run, and calibrate each file on its own logits.

    Parameters
    ----------
    run
        Folder written by `train_trait`.
    out
        Folder of the model files, the SavedModel, the card, `parity.json`, and the net's weights, from which another
        training can start.
    manifest, cache
        The corpus: validation voices calibrate; no test clip is read.
    name, model_version
        Of the model; the name defaults to the net's.
    variants
        Storages to write.
    tick
        Called after each decoded clip and each voice of the calibration.

    Raises
    ------
    CorpusError
        If the manifest has no labelled voices to calibrate on.
    """
    plan = load_trait_plan(run)
    clips = [clip for clip in read_manifest(manifest) if clip.use == "free" or not plan.free_only]
    judged = validation_voices(clips, plan.trait)
    if not judged:
        raise CorpusError(f"{manifest}: no validation voices labelled with {plan.task} to calibrate on")
    wanted = {clip.name: clip for item in judged for clip in item.utterance.clips}
    store = build_store(list(wanted.values()), cache, rate_hz=plan.config.rate_hz, tick=tick)
    net, n_samples = TraitNetwork(plan, run), plan.mix.n_samples
    metadata = _metadata(run, plan, net, clips, name or plan.net_name, model_version)
    every = max(1, len(judged) // _PARITY_CLIPS)
    heard = [
        windows_of(sound_of(item.utterance, store), n_samples)[0] for item in islice(judged, 0, None, every)
    ]
    parity = export(net, metadata, out, heard[::2] + heard[1::2], n_samples=n_samples, variants=variants)
    (out / "parity.json").write_text(json.dumps([asdict(row) for row in parity], indent=1), encoding="utf-8")
    models = []
    for variant in variants:
        path = exported_path(out, metadata, variant)
        found = vectors_of(TraitScorer(plan.task, load_model(path)), judged, plan.trait, store, tick)
        graph = tflite_file.unpack(path.read_bytes())
        tflite_file.add_metadata(
            graph, calibrate_trait(found, plan.trait).into(load_model(path).metadata).to_json()
        )
        path.write_bytes(tflite_file.pack(graph))
        models.append(load_model(path).metadata)
    net.whole.save_weights(out / f"{plan.task}-{metadata.name}.weights.h5")
    history = (run / "history.json").read_text(encoding="utf-8")
    (out / f"{plan.task}-{metadata.name}.history.json").write_text(history, encoding="utf-8")
    card = out / f"{plan.task}-{metadata.name}.md"
    card.write_text(trait_card(models, parity), encoding="utf-8")
    return Published(models, parity, card)


def _metadata(
    run: Path, plan: TraitTraining, net: TraitNetwork, clips: Sequence[Clip], name: str, number: str
) -> ModelMetadata:
    return ModelMetadata(
        name=name,
        version=number,
        task=plan.task,
        labels=plan.trait.labels,
        frontend=net.config,
        geometry=net.geometry,
        calibration={},
        thresholds={},
        licence="CC-BY-SA-4.0" if plan.free_only else "LicenseRef-research-only",
        description=_DESCRIPTION,
        weights="",
        training=_provenance(run, plan, clips, net.n_parameters),
        figures={"parameters": float(net.n_parameters)},
        net_input=net.net_input,
        resizable=net.resizable,
        outputs=plan.trait.outputs,
    )


def _provenance(run: Path, plan: TraitTraining, clips: Sequence[Clip], n_parameters: int) -> dict[str, Any]:
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    learned = training_voices(clips, plan.trait)
    heard = [clip for item in learned for clip in item.utterance.clips]
    before = history.get("started_from")
    return {
        **({"started_from": {"steps": before["step"], "minutes": before["minutes"]}} if before else {}),
        "clips": len(heard),
        "voices": len({item.voice for item in learned}),
        "by_label": dict(Counter(item.label for item in learned)),
        "hours": round(sum(clip.duration_s for clip in heard) / 3600, 2),
        "licences": dict(Counter(clip.licence for clip in heard)),
        "sources": sorted({clip.source for clip in heard}),
        "free_only": plan.free_only,
        "steps": history["step"],
        "minutes": history["minutes"],
        "seed": plan.fit.seed,
        "versions": {"keras": version("keras"), "numpy": version("numpy"), "voxlite": __version__},
        "parameters": n_parameters,
    }
