"""`voxlite export`: a training run becomes model files that say what they are, with a card and a parity report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np

from voxlite._version import __version__
from voxlite.runtime import load_model
from voxlite.runtime.metadata import ModelMetadata
from voxlite.training import tflite_file
from voxlite.training.augment import cached_rooms
from voxlite.training.card import model_card
from voxlite.training.corpus import SOUND_KINDS, Clip, read_manifest
from voxlite.training.export import VARIANTS, export, exported_path
from voxlite.training.exported import ExportedNet
from voxlite.training.mixing import MixPlan, VoiceExamples
from voxlite.training.published import Published
from voxlite.training.store import build_store
from voxlite.training.surroundings import excluded
from voxlite.training.voice.calibrate import calibrate_clips, calibrate_steps
from voxlite.training.voice.networks import network
from voxlite.training.voice.training import VoiceTraining, load_plan
from voxlite.training.windows import Windows, clean_windows, protocol_clips

_CLIP_SPAN_S = 1.0
_DESCRIPTIONS = {
    "compact": "Human voice against everything else: one probability per 40 ms, verdicts for clips.",
    "inception_v3": "Human voice against everything else: Inception-v3 on the MFCC image of one second.",
}


def export_voice(
    run: Path,
    out: Path,
    manifest: Path,
    cache: Path,
    *,
    name: str | None = None,
    model_version: str = "1",
    variants: Sequence[str] = VARIANTS,
    blend: Sequence[Path] = (),
    tick: Callable[[], None] = lambda: None,
) -> Published:
    """Calibrate and export the best weights of a training run.

    Parameters
    ----------
    run
        Folder written by `train_voice`.
    out
        Folder of the model files, the SavedModel, `card.md` and `parity.json`.
    manifest, cache
        The corpus: validation clips calibrate the scores and measure parity; no test clip is read.
    name, model_version
        Of the model; the name defaults to the net's.
    variants
        Storages to write.
    blend
        Further runs of the same net, stages of one training: the mean of all best weights is exported
        (Wortsman et al. 2022).
    tick
        Called after each decoded clip.
    """
    plan = load_plan(run)
    name = name or plan.net_name
    clips = [clip for clip in read_manifest(manifest) if clip.use == "free" or not plan.free_only]
    validating = protocol_clips(clips, "val")
    mixing = [clip for clip in clips if clip.split == "val" or clip.kind == "rir"]
    store = build_store(mixing, cache, rate_hz=plan.config.rate_hz, tick=tick)
    net = network(plan)
    _load_mean(net.whole, [run, *blend])
    windows = clean_windows(validating, store)
    metadata = ModelMetadata(
        name=name,
        version=model_version,
        task="voice",
        labels=("voice", "no voice"),
        frontend=net.config,
        geometry=net.geometry,
        calibration={},
        thresholds={},
        licence="CC-BY-SA-4.0" if plan.free_only else "LicenseRef-research-only",
        description=_DESCRIPTIONS[plan.net_name],
        weights="",
        training=_provenance(run, plan, clips, net.whole),
        figures={"parameters": float(net.whole.count_params())},
        net_input=net.net_input,
        resizable=net.resizable,
    )
    parity = export(net, metadata, out, list(windows.samples[::4]), variants=variants)
    (out / "parity.json").write_text(json.dumps([asdict(row) for row in parity], indent=1), encoding="utf-8")
    mix = replace(plan.mix, seconds=MixPlan.seconds)
    examples = VoiceExamples(mixing, store, cached_rooms(cache, plan.fit.seed, plan.config.rate_hz), mix)
    span = round(_CLIP_SPAN_S * net.config.rate_hz / net.geometry.step)
    pooling = {"pool_steps": float(net.pool_steps), "pool_span_steps": float(span)}
    models = [
        _calibrated(exported_path(out, metadata, variant), windows, examples, plan.fit.seed, pooling)
        for variant in variants
    ]
    card = out / f"voice-{name}.md"
    card.write_text(model_card(models, parity), encoding="utf-8")
    return Published(models, parity, card)


def _calibrated(
    path: Path, windows: Windows, examples: VoiceExamples, seed: int, pooling: dict[str, float]
) -> ModelMetadata:
    """Calibrate a model file on its own scores, write that into it, and return what it now says."""
    net = ExportedNet(load_model(path))
    calibration, clip = calibrate_clips(net, windows, pooling)
    calibration, step = calibrate_steps(net, examples, seed, calibration)
    metadata = replace(net.metadata, calibration=calibration, thresholds={"clip": clip, "step": step})
    graph = tflite_file.unpack(path.read_bytes())
    tflite_file.add_metadata(graph, metadata.to_json())
    path.write_bytes(tflite_file.pack(graph))
    return metadata


def _load_mean(model: keras.Model, runs: Sequence[Path]) -> None:
    weights = []
    for run in runs:
        model.load_weights(run / "best.weights.h5")
        weights.append(model.get_weights())
    model.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])


def _provenance(run: Path, plan: VoiceTraining, clips: Sequence[Clip], model: keras.Model) -> dict[str, Any]:
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    banned = excluded(clips)
    training = [
        clip
        for clip in clips
        if clip.split == "train"
        and clip.kind in ("speech", *SOUND_KINDS, "babble")
        and clip.name not in banned
    ]
    return {
        "clips": dict(Counter(clip.kind for clip in training)),
        "hours": round(sum(clip.duration_s for clip in training) / 3600, 2),
        "licences": dict(Counter(clip.licence for clip in training)),
        "sources": sorted({clip.source for clip in training}),
        "free_only": plan.free_only,
        "steps": history["step"],
        "minutes": history["minutes"],
        "seed": plan.fit.seed,
        "versions": {"keras": version("keras"), "numpy": version("numpy"), "voxlite": __version__},
        "parameters": int(model.count_params()),
    }
