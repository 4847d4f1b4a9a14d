"""The trained net of a trait as the export sees it: a window of sound in, logits and figures out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime.metadata import StepGeometry
from voxlite.training.corpus import CorpusError
from voxlite.training.fit import FitPlan
from voxlite.training.graph import log_mel_graph
from voxlite.training.heard_voice import VoiceMix
from voxlite.training.traits.net import TraitPlan, load_weights, trait_net, whole_net
from voxlite.training.traits.training import TraitTraining
from voxlite.values import FloatArray


class TraitNetwork:
    """A trait's net behind its front end; windows of a sound lie side by side.

    Parameters
    ----------
    plan
        What was trained.
    run
        Folder of its run, whose best weights are loaded; None leaves the net as it was initialised.
    """

    net_input, output, resizable = "logmel", "scores", False
    back: keras.Model | None

    def __init__(self, plan: TraitTraining, run: Path | None = None) -> None:
        self.config = plan.config
        self.geometry = StepGeometry(plan.mix.n_samples, 0, 0)
        body, back = trait_net(plan.config, len(plan.trait.outputs), plan.net)
        self.whole = whole_net(body, back)
        if run is not None:
            load_weights(self.whole, run / "best.weights.h5")
        self.n_parameters = int(self.whole.count_params())
        n_frames = 1 + (plan.mix.n_samples - plan.config.window_samples) // plan.config.hop_samples
        frames = keras.Input(
            (n_frames, plan.config.mel_bands), batch_size=1
        )  # an exported graph has fixed shapes
        self.model, self.back = keras.Model(frames, body(frames)), back

    def front(self, waveform: Any) -> Any:
        """Return log-mel tensors."""
        return log_mel_graph(waveform, self.config)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return the same of float32[n] by the NumPy reference, float32[1, frames, mel_bands]."""
        return log_mel(samples, self.config)[None]


def is_trait_run(run: Path) -> bool:
    """Tell whether a folder holds a training run of a trait's net."""
    return (run / "plan.json").is_file() and _said(run).get("net_name") == "trait"


def _said(run: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    return data


def load_trait_plan(run: Path) -> TraitTraining:
    """Read the plan that `train_trait` wrote.

    Raises
    ------
    CorpusError
        If the folder holds no training run of a trait's net.
    """
    if not is_trait_run(run):
        raise CorpusError(f"{run}: no training run of a trait's net here; train with `voxlite train gender`")
    data = _said(run)
    net: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data["net"].items()
    }
    return TraitTraining(
        task=data["task"],
        config=FrontEndConfig.from_dict(data["config"]),
        net=TraitPlan(**net),
        mix=VoiceMix(**data["mix"]),
        fit=FitPlan(**data["fit"]),
        free_only=data["free_only"],
        workers=data["workers"],
    )
