"""The speaker net, in Keras 3 on `keras.ops`: centred log-mel features of a window in, a voiceprint embedding out.

Separable 3 x 3 stages shrink the mel axis, residual blocks with squeeze and excitation (Hu et al. 2018) look along
time with growing dilation, and attentive statistics (Okabe et al. 2018) pool a window of any length. Centred: each mel
band without its mean over the window, and so without most of the channel. The statistics and what follows are a model
of their own, because squares lose most in int8.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers, ops

from voxlite.frontend.config import FrontEndConfig

DIM = 192
_SPREAD = 3.0  # of natural-log mel power about its mean
_LEAST_VARIANCE = 1e-4


@dataclass(frozen=True)
class SpeakerPlan:
    """Widths of the speaker net.

    Parameters
    ----------
    stem
        Channels of the first convolution, which halves time and mel.
    stages
        Channels of the separable stages; each halves the mel axis and holds `depth` blocks, the first `slower` of them
        halve the time too.
    depth
        Blocks per stage.
    width
        Channels along time.
    dilations
        One block along time each.
    kernel
        Frames that a block along time sees, before dilation.
    attention, squeeze
        Hidden units of the pooling's attention and of the blocks' gates.
    """

    stem: int = 32
    stages: tuple[int, ...] = (48, 96, 144)
    depth: int = 3
    slower: int = 2
    width: int = 320
    dilations: tuple[int, ...] = (1, 2, 3, 4)
    kernel: int = 5
    attention: int = 64
    squeeze: int = 64


def speaker_net(config: FrontEndConfig, plan: SpeakerPlan | None = None) -> tuple[keras.Model, keras.Model]:
    """Build the speaker net.

    Parameters
    ----------
    config
        The front end whose log-mel features come in, centred.
    plan
        Widths; the default has about 1.3 million parameters.

    Returns
    -------
    body, back
        float32[batch, frames, mel_bands] -> float32[batch, frames / 8, 1.5 width] -> float32[batch, DIM] of unit norm.
    """
    plan = plan or SpeakerPlan()
    body = _body(config, plan)
    frames = keras.Input((None, body.output_shape[-1]), name="frames")
    pooled = layers.BatchNormalization(momentum=0.98)(_attentive_statistics(frames, plan.attention))
    embedding = layers.BatchNormalization(momentum=0.98)(layers.Dense(DIM, use_bias=False)(pooled))
    back = keras.Model(frames, layers.UnitNormalization()(embedding), name="speaker_back")
    return body, back


def _body(config: FrontEndConfig, plan: SpeakerPlan) -> keras.Model:
    features = keras.Input((None, config.mel_bands), name="features")
    x = layers.Rescaling(1 / _SPREAD)(features)
    x = layers.Reshape((-1, config.mel_bands, 1))(x)
    x = _norm_relu(layers.Conv2D(plan.stem, 5, strides=2, padding="same", use_bias=False)(x))
    for stage, channels in enumerate(plan.stages):
        x = _separable(x, channels, pool=(2 if stage < plan.slower else 1, 2))
        for _ in range(plan.depth - 1):
            x = _separable(x, channels)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = _norm_relu(layers.Conv1D(plan.width, 1, use_bias=False)(x))
    levels = []
    for dilation in plan.dilations:
        x = _along_time(x, plan, dilation)
        levels.append(x)
    x = _norm_relu(layers.Conv1D(plan.width * 3 // 2, 1, use_bias=False)(layers.Add()(levels)))
    return keras.Model(features, x, name="speaker_body")


def _norm_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def _separable(x: keras.KerasTensor, channels: int, pool: tuple[int, int] | None = None) -> keras.KerasTensor:
    """Depthwise 3 x 3, then pointwise; keeps the largest of every `pool` frames and bands, or adds its input."""
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    y = layers.MaxPooling2D(pool, padding="same")(y) if pool else y
    y = layers.BatchNormalization(momentum=0.98)(layers.Conv2D(channels, 1, use_bias=False)(y))
    return layers.ReLU()(y if pool else layers.Add()([x, y]))


def _along_time(x: keras.KerasTensor, plan: SpeakerPlan, dilation: int) -> keras.KerasTensor:
    """Residual block: depthwise along time, pointwise, and a gate per channel from the window's mean."""
    y = layers.DepthwiseConv1D(plan.kernel, padding="same", dilation_rate=dilation, use_bias=False)(x)
    y = _norm_relu(layers.Conv1D(plan.width, 1, use_bias=False)(y))
    gate = layers.Dense(plan.squeeze, activation="relu")(layers.GlobalAveragePooling1D()(y))
    gate = layers.Dense(plan.width, activation="sigmoid")(gate)
    y = layers.Multiply()([y, layers.Reshape((1, plan.width))(gate)])
    return layers.Add()([x, y])


def _attentive_statistics(x: keras.KerasTensor, hidden: int) -> keras.KerasTensor:
    """Return mean and standard deviation over time, weighted per channel by an attention."""
    scores = layers.Conv1D(x.shape[-1], 1)(layers.Conv1D(hidden, 1, activation="tanh")(x))
    weights = layers.Softmax(axis=1)(scores)
    return layers.Lambda(_statistics, output_shape=(2 * x.shape[-1],))([x, weights])


def _statistics(inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
    x, weights = (ops.cast(item, "float32") for item in inputs)
    mean = ops.sum(weights * x, axis=1)
    square = ops.sum(weights * ops.square(x), axis=1)
    return ops.concatenate([mean, ops.sqrt(ops.maximum(square - ops.square(mean), _LEAST_VARIANCE))], axis=-1)
