"""`voxlite export` of a speaker run: model files that carry their calibration and cohort, a card, a parity report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from voxlite._version import __version__
from voxlite.runtime import load_model
from voxlite.runtime.embedding import SpeakerEmbedder
from voxlite.runtime.metadata import ModelMetadata
from voxlite.training import tflite_file
from voxlite.training.card import speaker_card
from voxlite.training.corpus import Clip, CorpusError, read_manifest
from voxlite.training.export import MIXED, export, exported_path
from voxlite.training.published import Published
from voxlite.training.speaker.calibration import SpeakerCalibration, calibrate_speaker
from voxlite.training.speaker.net import save_net
from voxlite.training.speaker.network import SpeakerNetwork, load_speaker_plan
from voxlite.training.speaker.training import SpeakerTraining, training_utterances, validation_utterances
from voxlite.training.speaker.trials import cohort_utterances, validation_pairs
from voxlite.training.speaker.within import SHRINKAGE, fold, well_known, windows_as_heard, within_voices
from voxlite.training.store import SampleStore, build_store
from voxlite.training.utterances import Utterance, sound_of, windows_of

STORAGES = ("float32", "float16", "dynamic-int8", MIXED)
"""Full int8 is left out: XNNPACK refuses its graph, and the net loses most there."""
_PARITY_CLIPS = 128
_DESCRIPTION = (
    "Whose voice: a net taught by CAM++ on freely licensed voices; one embedding of 192 numbers per window."
)


def export_speaker(
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
    """Export the best weights of a speaker run, normalised within voices; calibrate each file on its own embeddings.

    Parameters
    ----------
    run
        Folder written by `train_speaker`.
    out
        Folder of the model files, the SavedModel, the card, `parity.json`, `calibration.json`, and the net's weights as
        they were trained, from which another training can start.
    manifest, cache
        The corpus: training voices make the cohort, validation voices calibrate; no test clip is read.
    name, model_version
        Of the model; the name defaults to the net's.
    variants
        Storages to write.
    tick
        Called after each decoded clip, each utterance whose variation is measured, and each condition of the
        calibration.

    Raises
    ------
    CorpusError
        If the manifest has too few voices to calibrate on.
    """
    plan = load_speaker_plan(run)
    clips = [clip for clip in read_manifest(manifest) if clip.use == "free" or not plan.free_only]
    learned = training_utterances(clips, plan.free_only)
    sets = {name: own for name, own in validation_utterances(clips).items() if _has_pairs(own)}
    strangers = cohort_utterances(learned)
    if not strangers or not sets:
        raise CorpusError(
            f"{manifest}: scores cannot be calibrated: needs known training voices, and validation voices with "
            "several utterances each"
        )
    several = well_known(learned)
    wanted = {
        clip.name: clip for item in (*several, *strangers, *chain(*sets.values())) for clip in item.clips
    }
    store = build_store(list(wanted.values()), cache, rate_hz=plan.config.rate_hz, tick=tick)
    net = SpeakerNetwork(plan, run)
    out.mkdir(parents=True, exist_ok=True)
    save_net(net.body, net.back, out / f"speaker-{name or plan.net_name}.weights.h5")  # as trained
    if several:
        fold(net.back, within_voices(*windows_as_heard(net, several, store, tick)))
    metadata = _metadata(run, plan, net, clips, name or plan.net_name, model_version)
    n_samples = plan.mix.n_samples
    heard = [windows_of(sound_of(item, store), n_samples)[0] for own in sets.values() for item in own]
    spread = heard[:: max(1, len(heard) // _PARITY_CLIPS)]
    parity = export(net, metadata, out, spread[::2] + spread[1::2], n_samples=n_samples, variants=variants)
    (out / "parity.json").write_text(json.dumps([asdict(row) for row in parity], indent=1), encoding="utf-8")
    models, reports = [], {}
    for variant in variants:
        path = exported_path(out, metadata, variant)
        calibration = calibrate_file(path, strangers, sets, store, tick)
        models.append(load_model(path).metadata)
        reports[variant] = asdict(calibration)
    (out / "calibration.json").write_text(json.dumps(reports, indent=1), encoding="utf-8")
    history = (run / "history.json").read_text(encoding="utf-8")
    (out / f"speaker-{metadata.name}.history.json").write_text(history, encoding="utf-8")
    card = out / f"speaker-{metadata.name}.md"
    card.write_text(speaker_card(models, parity), encoding="utf-8")
    return Published(models, parity, card)


def _has_pairs(own: Sequence[Utterance]) -> bool:
    """Tell whether there are pairs of one voice and of two."""
    counts = Counter(item.voice for item in own if item.voice)
    return len(counts) > 1 and max(counts.values()) > 1


def calibrate_file(
    path: Path,
    strangers: Sequence[Utterance],
    sets: dict[str, list[Utterance]],
    store: SampleStore,
    tick: Callable[[], None] = lambda: None,
) -> SpeakerCalibration:
    """Calibrate a speaker model's file on its own embeddings, and write constants, operating point and cohort into it.

    Parameters
    ----------
    path
        The file.
    strangers, sets, store
        Voices of the cohort, validation voices by set, and the samples of both.
    tick
        Called after each condition.
    """
    embedder = SpeakerEmbedder(load_model(path))
    cohort = embedder.vectors([sound_of(item, store) for item in strangers])
    calibration = calibrate_speaker(validation_pairs(embedder, sets, store, tick), cohort)
    metadata = replace(
        embedder.model.metadata,
        calibration=calibration.constants,
        thresholds={"verify": calibration.threshold},
    )
    graph = tflite_file.unpack(path.read_bytes())
    tflite_file.add_metadata(graph, metadata.to_json())
    tflite_file.add_cohort(graph, cohort)
    path.write_bytes(tflite_file.pack(graph))
    return calibration


def _metadata(
    run: Path, plan: SpeakerTraining, net: SpeakerNetwork, clips: Sequence[Clip], name: str, number: str
) -> ModelMetadata:
    return ModelMetadata(
        name=name,
        version=number,
        task="speaker",
        labels=(),
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
        embedding_size=192,
    )


def _provenance(run: Path, plan: SpeakerTraining, clips: Sequence[Clip], n_parameters: int) -> dict[str, Any]:
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    learned = training_utterances(list(clips), plan.free_only)
    heard = [clip for item in learned for clip in item.clips]
    before = history.get("started_from")  # the history of an export's weights, where it was put into this one
    return {
        **({"started_from": {"steps": before["step"], "minutes": before["minutes"]}} if before else {}),
        "teacher": "CAM++ (3D-Speaker's common advanced Chinese and English model, Apache-2.0)",
        "clips": len(heard),
        "voices": len({item.voice for item in learned if item.voice}),
        "renderings": list(plan.versions),
        "hours": round(sum(clip.duration_s for clip in heard) / 3600, 2),
        "licences": dict(Counter(clip.licence for clip in heard)),
        "sources": sorted({clip.source for clip in heard}),
        "free_only": plan.free_only,
        "steps": history["step"],
        "minutes": history["minutes"],
        "seed": plan.fit.seed,
        "within_voices": {"utterances": len(well_known(learned)), "shrinkage": SHRINKAGE},
        "versions": {"keras": version("keras"), "numpy": version("numpy"), "voxlite": __version__},
        "parameters": n_parameters,
    }
