"""Layers that the nets for voices are made of."""

from __future__ import annotations

import keras
from keras import layers, ops

_LEAST_VARIANCE = 1e-4


def norm(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return x in batch normalisation."""
    return layers.BatchNormalization(momentum=0.98)(x)


def halving_block(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    """Two 3 x 3 convolutions, the first with stride 2, beside a 1 x 1 convolution with stride 2."""

    def convolved(x: keras.KerasTensor, size: int, stride: int) -> keras.KerasTensor:
        return norm(layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x))

    y = convolved(layers.ReLU()(convolved(x, 3, 2)), 3, 1)
    return layers.ReLU()(layers.Add()([convolved(x, 1, 2), y]))


def attentive_statistics(x: keras.KerasTensor, hidden: int) -> keras.KerasTensor:
    """Return mean and standard deviation over time, weighted per channel by an attention."""
    scores = layers.Conv1D(x.shape[-1], 1)(layers.Conv1D(hidden, 1, activation="tanh")(x))
    weights = layers.Softmax(axis=1)(scores)
    return layers.Lambda(_statistics, output_shape=(2 * x.shape[-1],))([x, weights])


def _statistics(inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
    x, weights = (ops.cast(item, "float32") for item in inputs)
    mean = ops.sum(weights * x, axis=1)
    square = ops.sum(weights * ops.square(x), axis=1)
    return ops.concatenate([mean, ops.sqrt(ops.maximum(square - ops.square(mean), _LEAST_VARIANCE))], axis=-1)
