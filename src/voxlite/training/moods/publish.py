"""`voxlite export` of a mood run: the speaker net's layers and the fitted one behind them, as model files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime import load_model
from voxlite.runtime.metadata import ModelMetadata, StepGeometry
from voxlite.training.corpus import CorpusError, read_manifest
from voxlite.training.export import export, exported_path
from voxlite.training.graph import log_mel_graph
from voxlite.training.moods.features import Describer, mood_clips
from voxlite.training.moods.net import with_head
from voxlite.training.moods.training import RUN_KIND
from voxlite.training.published import Published
from voxlite.training.store import build_store
from voxlite.training.traits.card import trait_card
from voxlite.training.traits.labels import TRAITS
from voxlite.training.utterances import windows_of
from voxlite.values import FloatArray

STORAGES = ("float32", "float16", "dynamic-int8")
_PARITY_CLIPS = 96
_DESCRIPTION = "Angry, fearful, happy, neutral or sad: the acted mood of a voice, and how excited it sounds."


class MoodNetwork:
    """A mood model behind its front end, as the export sees it."""

    net_input, output, resizable = "logmel", "scores", False
    back: keras.Model | None = None

    def __init__(self, describer: Describer, head: dict[str, FloatArray]) -> None:
        self.config: FrontEndConfig = describer.config
        self.geometry = StepGeometry(describer.n_samples, 0, 0)
        whole = with_head(describer.model, **head)
        frames = keras.Input((describer.n_frames, self.config.mel_bands), batch_size=1)
        self.model = keras.Model(frames, whole(frames))
        self.n_parameters = int(whole.count_params())
        self.n_outputs = len(head["bias"])

    def front(self, waveform: Any) -> Any:
        """Return log-mel tensors."""
        return log_mel_graph(waveform, self.config)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return the same of float32[n] by the NumPy reference, float32[1, frames, mel_bands]."""
        return log_mel(samples, self.config)[None]


def is_mood_run(run: Path) -> bool:
    """Tell whether a folder holds a fitted mood model."""
    path = run / "plan.json"
    return path.is_file() and json.loads(path.read_text(encoding="utf-8")).get("net_name") == RUN_KIND


def export_mood(
    run: Path,
    out: Path,
    manifest: Path,
    cache: Path,
    weights: Path,
    *,
    name: str | None = None,
    model_version: str = "1",
    variants: Sequence[str] = STORAGES,
    tick: Callable[[], None] = lambda: None,
) -> Published:
    """Export a fitted mood model.

    Parameters
    ----------
    run
        Folder written by `train_mood`.
    out
        Folder of the model files, the SavedModel, the card and `parity.json`.
    manifest, cache
        The corpus, some of whose clips show how far a file is from the net.
    weights
        Of the speaker net, the same that it was fitted on.
    name, model_version
        Of the model; the name defaults to "mood", "mood-research" if clips that are not free were learned from.
    variants
        Storages to write.
    tick
        Called after each decoded clip.

    Raises
    ------
    CorpusError
        If the weights are not those that it was fitted on.
    """
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    if hashlib.sha256(weights.read_bytes()).hexdigest() != plan["speaker_weights"]:
        raise CorpusError(f"{weights}: not the weights that {run} was fitted on: name those")
    training = plan["training"]
    clips = mood_clips(read_manifest(manifest), training["free_only"])
    heard = clips[:: max(1, len(clips) // _PARITY_CLIPS)]
    describer = Describer(weights)
    store = build_store(heard, cache, rate_hz=describer.config.rate_hz, tick=tick)
    with np.load(run / "head.npz", allow_pickle=False) as saved:
        net = MoodNetwork(describer, {name: saved[name] for name in saved.files})
    trait, calibration = TRAITS["mood"], plan["calibration"]
    metadata = ModelMetadata(
        name=name or ("mood" if training["free_only"] else "mood-research"),
        version=model_version,
        task=trait.task,
        labels=trait.labels,
        frontend=net.config,
        geometry=net.geometry,
        calibration=calibration["constants"],
        thresholds=calibration["thresholds"],
        licence="CC-BY-SA-4.0" if training["free_only"] else "LicenseRef-research-only",
        description=_DESCRIPTION,
        weights="",
        training={**training, "parameters": net.n_parameters},
        figures={"parameters": float(net.n_parameters)},
        net_input=net.net_input,
        resizable=net.resizable,
        outputs=trait.outputs[: net.n_outputs],  # without those on a reference where nothing taught them
    )
    sounds = [windows_of(store.samples(clip), describer.n_samples)[0] for clip in heard]
    parity = export(net, metadata, out, sounds, n_samples=describer.n_samples, variants=variants)
    (out / "parity.json").write_text(json.dumps([asdict(row) for row in parity], indent=1), encoding="utf-8")
    models = [load_model(exported_path(out, metadata, variant)).metadata for variant in variants]
    card = out / f"{trait.task}-{metadata.name}.md"
    card.write_text(trait_card(models, parity), encoding="utf-8")
    return Published(models, parity, card)
