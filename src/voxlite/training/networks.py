"""Trained nets with the front end before them, as calibration and export see them: waveform in, a logit per step out.

Two kinds: a net that scores every step of any stretch of log-mel frames, and an image network that gives one verdict
on a window, which is moved along by a step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np

from voxlite.audio.audio import Audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.image import mfcc_image
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime.metadata import StepGeometry
from voxlite.training.graph import log_mel_graph
from voxlite.training.image_graph import image_graph
from voxlite.training.inception import InceptionPlan
from voxlite.training.nets import CompactPlan
from voxlite.training.step_recipe import POOL_STEPS, padded_features
from voxlite.training.voice import VoiceTraining, build_net
from voxlite.values import FloatArray

_WINDOW_STEP_S = 0.1
_IMAGES = 32  # at a time: few large calls are cheapest


class Exportable(Protocol):
    """A trained net and its front end, as the export sees them."""

    model: keras.Model
    """Features in, logits out; or what `back` takes."""
    back: keras.Model | None
    """What follows the net and is not calibrated for int8: an embedding's statistics and its norm."""
    config: FrontEndConfig
    geometry: StepGeometry
    net_input: str
    resizable: bool

    def front(self, waveform: Any) -> Any:
        """Return the net's features of float32[1, n] as backend tensors."""

    def features(self, samples: FloatArray) -> FloatArray:
        """Return the net's features of float32[n] by the NumPy reference, a batch of one."""


class Network(Exportable, Protocol):
    """A net that scores steps."""

    pool_steps: int
    """How many of a clip's highest step logits its verdict averages."""

    def logits(self, samples: FloatArray) -> FloatArray:
        """Return float32[batch, steps] of float32[batch, n] in digital silence."""


class StepNetwork:
    """The compact net: log-mel frames in, a logit per step, any length."""

    net_input, resizable, pool_steps = "logmel", True, POOL_STEPS
    back: keras.Model | None = None

    def __init__(self, plan: VoiceTraining, net: CompactPlan) -> None:
        self.model, self.config = build_net(plan), plan.config
        self._frames, self._lookahead = net.geometry(), plan.fit.lookahead
        self.geometry = step_geometry(self.config, self._frames, self._lookahead)

    def front(self, waveform: Any) -> Any:
        """Return log-mel tensors."""
        return log_mel_graph(waveform, self.config)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return float32[1, frames, mel_bands]."""
        return log_mel(samples, self.config)[None]

    def logits(self, samples: FloatArray) -> FloatArray:
        """Return float32[batch, steps] of float32[batch, n] in digital silence."""
        features = padded_features(samples, self.config, self._frames, self._lookahead)
        return _predicted(self.model, features, 128)


class WindowNetwork:
    """An image network: the feature image of one window in, one logit out."""

    net_input, resizable, pool_steps = "image", False, POOL_STEPS
    back: keras.Model | None = None

    def __init__(self, plan: VoiceTraining, net: InceptionPlan) -> None:
        size = net.stages[-1].size
        self.model = build_net(plan)
        self.config = replace(plan.config, image_height=size, image_width=size)
        self.geometry = window_geometry(plan.mix.n_samples, round(_WINDOW_STEP_S * self.config.rate_hz))

    def front(self, waveform: Any) -> Any:
        """Return image tensors."""
        return self._images(log_mel_graph(waveform, self.config))

    def features(self, samples: FloatArray) -> FloatArray:
        """Return float32[1, height, width, 3]."""
        return mfcc_image(Audio(samples, self.config.rate_hz), self.config)[None]

    def logits(self, samples: FloatArray) -> FloatArray:
        """Return float32[batch, steps] of float32[batch, n] in digital silence."""
        geometry = self.geometry
        padded = np.pad(samples, ((0, 0), (geometry.before, geometry.after)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, geometry.window, axis=1)
        steps = windows[:, :: geometry.step]
        flat = steps.reshape(-1, geometry.window)
        parts = []
        for at in range(0, len(flat), _IMAGES):
            features = np.stack([log_mel(window, self.config) for window in flat[at : at + _IMAGES]])
            parts.append(_predicted(self.model, np.asarray(self._images(features)), _IMAGES)[:, 0])
        return np.concatenate(parts).reshape(steps.shape[:2])

    def _images(self, features: Any) -> Any:
        return image_graph(features, self.config, self.config.image_height, self.config.image_width)


def network(plan: VoiceTraining) -> Network:
    """Return the plan's net with fresh weights behind its front end."""
    if isinstance(plan.net, InceptionPlan):
        return WindowNetwork(plan, plan.net)
    return StepNetwork(plan, plan.net)


def step_geometry(config: FrontEndConfig, frames: Geometry, lookahead: int) -> StepGeometry:
    """Return which samples a net's step covers and needs.

    Parameters
    ----------
    config
        The front end.
    frames
        Geometry of a step over feature frames.
    lookahead
        Frames a step may see beyond its own end.
    """
    hop = config.hop_samples
    before = (frames.window - lookahead - frames.hop) * hop
    window = (frames.window - 1) * hop + config.window_samples
    return StepGeometry(step=frames.hop * hop, before=before, after=window - before - frames.hop * hop)


def window_geometry(window: int, step: int) -> StepGeometry:
    """Return the geometry of a window of `window` samples that moves by `step`, its step near its middle.

    The window starts a whole number of steps before its step, so that the windows over a clip include the one that
    begins with it.
    """
    before = (window - step) // 2 // step * step
    return StepGeometry(step=step, before=before, after=window - before - step)


def _predicted(model: keras.Model, features: Any, batch: int) -> FloatArray:
    parts = [model.predict_on_batch(features[at : at + batch]) for at in range(0, len(features), batch)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])
