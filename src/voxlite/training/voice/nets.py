"""The networks, in Keras 3 on `keras.ops` alone: they train on TensorFlow, JAX or PyTorch.

The compact voice net has no padding along time: each output step depends on a fixed stretch of sound and on nothing
else, so a recording gives the same numbers in one long call, in one-second windows, or in a stream.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.geometry import Geometry

_FEATURE_CENTRE = -6.0  # of natural-log mel power over everyday levels
_FEATURE_SPREAD = 4.0


@dataclass(frozen=True)
class CompactPlan:
    """Widths of the compact net; its time geometry follows from the kernels and strides."""

    stem: int = 24
    stages: tuple[tuple[int, int], ...] = ((48, 2), (72, 1), (96, 1))
    """Channels and time stride of the separable 3 x 3 stages; each halves the mel axis."""
    width: int = 128
    context_kernels: tuple[int, ...] = (5, 5, 5)

    def geometry(self) -> Geometry:
        """Return how many feature frames one output step needs, and how far steps are apart."""
        total = Geometry(5, 2)
        for _, stride in self.stages:
            total = total.then(Geometry(3, stride))
        for kernel in self.context_kernels:
            total = total.then(Geometry(kernel, 1))
        return total


def _norm_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def _separable(x: keras.KerasTensor, channels: int, stride: int) -> keras.KerasTensor:
    """Depthwise 3 x 3 (valid in time, same in mel) that halves the mel axis, then pointwise."""
    x = layers.ZeroPadding2D(((0, 0), (1, 1)))(x)
    x = _depthwise(x, (3, 3), (stride, 2))
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    return _norm_relu(x)


def _depthwise(x: keras.KerasTensor, kernel: tuple[int, int], strides: tuple[int, int]) -> keras.KerasTensor:
    """Depthwise convolution that halves the mel axis: by its stride, or by pooling where time keeps its pace.

    No backend offers unequal strides.
    """
    if strides[0] == strides[1]:
        return layers.DepthwiseConv2D(kernel, strides=strides, use_bias=False)(x)
    x = layers.DepthwiseConv2D(kernel, use_bias=False)(x)
    return layers.MaxPooling2D((1, 2))(x)


def _context(x: keras.KerasTensor, kernel: int, dropout: float) -> keras.KerasTensor:
    """Residual depthwise-separable block along time on [batch, steps, 1, width]; loses kernel - 1 steps."""
    crop = kernel // 2
    y = layers.DepthwiseConv2D((kernel, 1), use_bias=False)(x)
    y = layers.Conv2D(x.shape[-1], 1, use_bias=False)(y)
    y = _norm_relu(y)
    y = layers.SpatialDropout2D(dropout)(y)
    return layers.Add()([y, layers.Cropping2D(((crop, crop), (0, 0)))(x)])


def compact_voice_net(
    config: FrontEndConfig, plan: CompactPlan | None = None, dropout: float = 0.05
) -> keras.Model:
    """Build the compact voice net: log-mel features in, one logit per step out.

    Parameters
    ----------
    config
        The front end whose log-mel features come in.
    plan
        Widths; the default has about 120 000 parameters and steps of 40 ms.
    dropout
        Share of channels dropped in the context blocks while training.

    Returns
    -------
    keras.Model
        float32[batch, frames, mel_bands] -> float32[batch, steps]; steps = `plan.geometry().count(frames)`.
    """
    plan = plan or CompactPlan()
    features = keras.Input((None, config.mel_bands), name="features")
    x = layers.Rescaling(1 / _FEATURE_SPREAD, offset=-_FEATURE_CENTRE / _FEATURE_SPREAD)(features)
    x = layers.Reshape((-1, config.mel_bands, 1))(x)
    x = layers.ZeroPadding2D(((0, 0), (2, 2)))(x)
    x = _norm_relu(layers.Conv2D(plan.stem, 5, strides=2, use_bias=False)(x))
    for channels, stride in plan.stages:
        x = _separable(x, channels, stride)
    x = _norm_relu(layers.Conv2D(plan.width, (1, x.shape[2]), use_bias=False)(x))
    for kernel in plan.context_kernels:
        x = _context(x, kernel, dropout)
    logits = layers.Conv2D(1, 1, name="logit")(x)
    logits = layers.Reshape((-1,))(logits)
    return keras.Model(features, logits, name="compact_voice")
