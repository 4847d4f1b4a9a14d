"""The speaker net, in Keras 3 on `keras.ops`: centred log-mel features of a window in, a voiceprint embedding out.

A small residual network (He et al. 2016) over time and mel, as is usual for voices (Zeinali et al. 2019): each stage
halves both axes, its output is flattened over mel, one residual convolution looks along time, and attentive statistics
(Okabe et al. 2018) pool a window of any length. Dense convolutions and few of them: on a processor they train faster
than many separable ones. Centred: each mel band without its mean over the window, and so without most of the channel.
The statistics and what follows are a model of their own, because squares lose most in int8.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers, ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.corpus import CorpusError

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
        Channels of the residual blocks, which halve time and mel.
    width
        Channels along time.
    kernel
        Steps in time that the residual convolution along time sees.
    attention
        Hidden units of the pooling's attention.
    """

    stem: int = 32
    stages: tuple[int, ...] = (64, 128)
    width: int = 320
    kernel: int = 3
    attention: int = 64


def speaker_net(config: FrontEndConfig, plan: SpeakerPlan | None = None) -> tuple[keras.Model, keras.Model]:
    """Build the speaker net.

    Parameters
    ----------
    config
        The front end whose log-mel features come in, centred.
    plan
        Widths; the default has about 1.18 million parameters.

    Returns
    -------
    body, back
        float32[batch, frames, mel_bands] -> float32[batch, steps, width] -> float32[batch, DIM] of unit norm; a step is
        2 ^ (1 + stages) frames, 8 by default.
    """
    plan = plan or SpeakerPlan()
    body = _body(config, plan)
    steps = keras.Input((None, plan.width), name="steps")
    pooled = _norm(_attentive_statistics(steps, plan.attention))
    embedding = _norm(layers.Dense(DIM, use_bias=False)(pooled))
    back = keras.Model(steps, layers.UnitNormalization()(embedding), name="speaker_back")
    return body, back


def save_net(body: keras.Model, back: keras.Model, path: Path) -> None:
    """Write the weights of both parts, and nothing else, into an HDF5 file."""
    keras.Model(body.input, back(body.output)).save_weights(path)


def load_net(body: keras.Model, back: keras.Model, path: Path) -> None:
    """Read what `save_net` wrote.

    Raises
    ------
    CorpusError
        If the file is missing, is none, or holds a net of other widths.
    """
    try:
        keras.Model(body.input, back(body.output)).load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(
            f"{path}: holds no weights of this speaker net ({type(error).__name__}): `voxlite export` writes them"
        ) from None


def _body(config: FrontEndConfig, plan: SpeakerPlan) -> keras.Model:
    features = keras.Input((None, config.mel_bands), name="features")
    x = layers.Rescaling(1 / _SPREAD)(features)
    x = layers.Reshape((-1, config.mel_bands, 1))(x)
    x = layers.ReLU()(_norm(layers.Conv2D(plan.stem, 5, strides=2, padding="same", use_bias=False)(x)))
    for channels in plan.stages:
        x = _halving_block(x, channels)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = layers.ReLU()(_norm(layers.Conv1D(plan.width, 1, use_bias=False)(x)))
    y = layers.Conv1D(plan.width, plan.kernel, padding="same", use_bias=False)(x)
    return keras.Model(features, layers.Add()([x, layers.ReLU()(_norm(y))]), name="speaker_body")


def _norm(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.98)(x)


def _halving_block(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    """Two 3 x 3 convolutions, the first with stride 2, beside a 1 x 1 convolution with stride 2."""

    def convolved(x: keras.KerasTensor, size: int, stride: int) -> keras.KerasTensor:
        return _norm(layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x))

    y = convolved(layers.ReLU()(convolved(x, 3, 2)), 3, 1)
    return layers.ReLU()(layers.Add()([convolved(x, 1, 2), y]))


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
