"""The trained speaker net as the export sees it: a window of sound in, an embedding out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
from keras import ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred, log_mel
from voxlite.runtime.metadata import StepGeometry
from voxlite.training.corpus import CorpusError
from voxlite.training.fit import FitPlan
from voxlite.training.graph import log_mel_graph
from voxlite.training.heard_voice import VoiceMix
from voxlite.training.speaker.net import SpeakerPlan, speaker_net
from voxlite.training.speaker.recipe import SpeakerLoss, with_classes
from voxlite.training.speaker.training import SpeakerTraining
from voxlite.values import FloatArray


class SpeakerNetwork:
    """A speaker net behind its front end; windows of a sound lie side by side.

    Parameters
    ----------
    plan
        What was trained.
    run
        Folder of its run, whose best weights are loaded; None leaves the net as it was initialised.
    """

    net_input, output, resizable = "centred", "embedding", False
    body: keras.Model
    back: keras.Model

    def __init__(self, plan: SpeakerTraining, run: Path | None = None) -> None:
        self.config = plan.config
        self.geometry = StepGeometry(plan.mix.n_samples, 0, 0)
        body, back = speaker_net(plan.config, plan.net)
        if run is not None:  # the classes that it was trained with are read too, and then dropped
            with_classes(body, back, int(_said(run)["n_classes"])).load_weights(run / "best.weights.h5")
        self.n_parameters = int(body.count_params() + back.count_params())
        frames = keras.Input(self.features_shape(plan), batch_size=1)  # an exported graph has fixed shapes
        self.model = keras.Model(frames, body(frames))
        self.body, self.back = body, back

    @staticmethod
    def features_shape(plan: SpeakerTraining) -> tuple[int, int]:
        """Return (frames, mel_bands) of a window."""
        config = plan.config
        return 1 + (plan.mix.n_samples - config.window_samples) // config.hop_samples, config.mel_bands

    def front(self, waveform: Any) -> Any:
        """Return log-mel tensors, each band without its mean."""
        features = log_mel_graph(waveform, self.config)
        return features - ops.mean(features, axis=1, keepdims=True)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return the same of float32[n] by the NumPy reference, float32[1, frames, mel_bands]."""
        return centred(log_mel(samples, self.config))[None]


def is_speaker_run(run: Path) -> bool:
    """Tell whether a folder holds a training run of a speaker net."""
    return (run / "plan.json").is_file() and _said(run).get("net_name") == "speaker"


def _said(run: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    return data


def load_speaker_plan(run: Path) -> SpeakerTraining:
    """Read what `save_speaker_plan` wrote.

    Raises
    ------
    CorpusError
        If the folder holds no training run of a speaker net.
    """
    if not is_speaker_run(run):
        raise CorpusError(f"{run}: no training run of a speaker net here; train with `voxlite train speaker`")
    data = _said(run)
    net: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data["net"].items()
    }
    return SpeakerTraining(
        config=FrontEndConfig.from_dict(data["config"]),
        net=SpeakerPlan(**net),
        mix=VoiceMix(**data["mix"]),
        loss=SpeakerLoss(**data["loss"]),
        fit=FitPlan(**data["fit"]),
        versions=tuple(data["versions"]),
        free_only=data["free_only"],
        workers=data["workers"],
    )
