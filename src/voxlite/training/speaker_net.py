"""The speaker net, in Keras 3 on `keras.ops`: centred log-mel features of a window in, a voiceprint embedding out.

A voice is in how the parts of its spectrum move together. One convolution along time sees all mel bands at once; its
channels are projected to a few, and pooled over the window by their second moments: the logarithm of each one's
deviation, and the correlations of all pairs (correlation pooling, Stafylakis et al. 2021). A small perceptron reads
these statistics. Centred: each mel band without its mean over the window, and so without most of the channel. The
statistics and what follows are a model of their own, because squares lose most in int8.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
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
    width, kernel, stride
        Channels of the convolution along time, feature frames that it sees, and frames per output.
    pooled
        Channels whose second moments are taken.
    hidden
        Units of the perceptron's layers.
    dropout, noise
        Share of units and standard deviation, in training.
    """

    width: int = 128
    kernel: int = 5
    stride: int = 2
    pooled: int = 64
    hidden: tuple[int, ...] = (448, 384)
    dropout: float = 0.2
    noise: float = 0.2


def speaker_net(config: FrontEndConfig, plan: SpeakerPlan | None = None) -> tuple[keras.Model, keras.Model]:
    """Build the speaker net.

    Parameters
    ----------
    config
        The front end whose log-mel features come in, centred.
    plan
        Widths; the default has about 1.25 million parameters.

    Returns
    -------
    body, back
        float32[batch, frames, mel_bands] -> float32[batch, frames / stride, pooled] -> float32[batch, DIM], of
        unit norm.
    """
    plan = plan or SpeakerPlan()
    features = keras.Input((None, config.mel_bands), name="features")
    x = layers.Rescaling(1 / _SPREAD)(features)
    x = layers.Conv1D(plan.width, plan.kernel, strides=plan.stride, padding="same", activation="relu")(x)
    x = layers.Conv1D(plan.pooled, 1)(layers.BatchNormalization(momentum=0.98)(x))
    body = keras.Model(features, x, name="speaker_body")
    frames = keras.Input((None, plan.pooled), name="frames")
    back = keras.Model(frames, _embedding(_second_moments(frames), plan), name="speaker_back")
    return body, back


def _embedding(x: keras.KerasTensor, plan: SpeakerPlan) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=0.98, center=False, scale=False)(x)
    x = layers.GaussianNoise(plan.noise)(x)
    for width in plan.hidden:
        x = layers.BatchNormalization(momentum=0.98)(layers.Dense(width, use_bias=False)(x))
        x = layers.Dropout(plan.dropout)(layers.ReLU()(x))
    return layers.UnitNormalization()(layers.Dense(DIM)(x))


def _second_moments(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return log deviations over time and the correlations of all pairs, float32[batch, n + n (n - 1) / 2]."""
    n = x.shape[-1]
    rows, columns = np.triu_indices(n, 1)
    above = (rows * n + columns).astype(np.int32)

    def moments(x: keras.KerasTensor) -> keras.KerasTensor:
        x = ops.cast(x, "float32")
        x = x - ops.mean(x, axis=1, keepdims=True)
        deviation = ops.sqrt(ops.mean(ops.square(x), axis=1, keepdims=True) + _LEAST_VARIANCE)
        x = x / deviation
        products = ops.matmul(ops.transpose(x, (0, 2, 1)), x) / ops.cast(ops.shape(x)[1], "float32")
        pairs = ops.take(ops.reshape(products, (-1, n * n)), above, axis=1)
        return ops.concatenate([ops.log(deviation[:, 0]), pairs], axis=1)

    return layers.Lambda(moments, output_shape=(n + len(above),))(x)
