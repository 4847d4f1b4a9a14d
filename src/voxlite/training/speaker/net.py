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
from keras import layers

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.corpus import CorpusError
from voxlite.training.keras_blocks import attentive_statistics, halving_block, norm

DIM = 192
_SPREAD = 3.0  # of natural-log mel power about its mean


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
    pooled = norm(attentive_statistics(steps, plan.attention))
    embedding = norm(layers.Dense(DIM, use_bias=False)(pooled))
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
    x = layers.ReLU()(norm(layers.Conv2D(plan.stem, 5, strides=2, padding="same", use_bias=False)(x)))
    for channels in plan.stages:
        x = halving_block(x, channels)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = layers.ReLU()(norm(layers.Conv1D(plan.width, 1, use_bias=False)(x)))
    y = layers.Conv1D(plan.width, plan.kernel, padding="same", use_bias=False)(x)
    return keras.Model(features, layers.Add()([x, layers.ReLU()(norm(y))]), name="speaker_body")
