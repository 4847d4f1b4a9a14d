"""Nets with the front end before them, as an export sees them: waveform in, logits out.

Two kinds: a net that scores every step of any stretch of log-mel frames, and an image network that gives one verdict
on a window, which is moved along by a step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import keras

from voxlite.audio.audio import Audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry
from voxlite.frontend.image import mfcc_image
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime.metadata import StepGeometry
from voxlite.training.graph import log_mel_graph
from voxlite.training.voice.image_graph import image_graph
from voxlite.training.voice.inception import InceptionPlan, split_at_pooling
from voxlite.training.voice.nets import CompactPlan
from voxlite.training.voice.recipe import POOL_STEPS
from voxlite.training.voice.training import VoiceTraining, build_net
from voxlite.values import FloatArray

_WINDOW_STEP_S = 0.1


class Exportable(Protocol):
    """A trained net and its front end, as the export sees them."""

    model: keras.Model
    """Features in, logits out; or what `back` takes."""
    back: keras.Model | None
    """What follows the net and is not calibrated for int8, so that it computes in float32."""
    output: str
    """What comes out: "scores" or an "embedding"."""
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

    whole: keras.Model
    """The net as it was trained: `model` and `back`."""
    pool_steps: int
    """How many of a clip's highest step logits its verdict averages."""


class StepNetwork:
    """The compact net: log-mel frames in, a logit per step, any length."""

    net_input, output, resizable, pool_steps = "logmel", "scores", True, POOL_STEPS
    back: keras.Model | None = None

    def __init__(self, plan: VoiceTraining, net: CompactPlan) -> None:
        self.model = self.whole = build_net(plan)
        self.config = plan.config
        self.geometry = step_geometry(self.config, net.geometry(), plan.fit.lookahead)

    def front(self, waveform: Any) -> Any:
        """Return log-mel tensors."""
        return log_mel_graph(waveform, self.config)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return float32[1, frames, mel_bands]."""
        return log_mel(samples, self.config)[None]


class WindowNetwork:
    """An image network: the feature image of one window in, one logit out.

    The layer behind the pooling follows as a part of its own: in int8 its result would have 256 steps.
    """

    net_input, output, resizable, pool_steps = "image", "scores", False, POOL_STEPS

    def __init__(self, plan: VoiceTraining, net: InceptionPlan) -> None:
        size = net.stages[-1].size
        self.whole = build_net(plan)
        self.model, self.back = split_at_pooling(self.whole)
        self.config = replace(plan.config, image_height=size, image_width=size)
        self.geometry = window_geometry(plan.mix.n_samples, round(_WINDOW_STEP_S * self.config.rate_hz))

    def front(self, waveform: Any) -> Any:
        """Return image tensors."""
        return self._images(log_mel_graph(waveform, self.config))

    def features(self, samples: FloatArray) -> FloatArray:
        """Return float32[1, height, width, 3]."""
        return mfcc_image(Audio(samples, self.config.rate_hz), self.config)[None]

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
