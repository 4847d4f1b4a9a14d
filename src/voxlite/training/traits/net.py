"""The net of a trait, in Keras 3 on `keras.ops`: log-mel features of a window in, logits out.

Two residual blocks over time and mel, one layer along time, attentive statistics: a small sister of the speaker net.
Its frames are long, so that the harmonics of a low voice lie apart and the pitch can be heard; its features keep the
mean of each band, which says much of a throat, and lose the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers, ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.corpus import CorpusError
from voxlite.training.keras_blocks import attentive_statistics, halving_block, norm

_DEPTH, _CENTRE, _SPREAD = 10.0, 4.0, 3.0
"""Of natural-log mel power: how far below the window's mean it is cut off, where its middle lies, and its spread."""


@dataclass(frozen=True)
class TraitPlan:
    """Widths of a trait's net.

    Parameters
    ----------
    stem
        Channels of the first convolution, which halves time and mel.
    stages
        Channels of the residual blocks, which halve time and mel.
    width
        Channels along time.
    attention
        Hidden units of the pooling's attention.
    hidden
        Units behind the pooling.
    dropout
        Share of them that is hidden while training.
    """

    stem: int = 24
    stages: tuple[int, ...] = (48, 96)
    width: int = 128
    attention: int = 32
    hidden: int = 64
    dropout: float = 0.3


def trait_net(
    config: FrontEndConfig, n_outputs: int, plan: TraitPlan | None = None
) -> tuple[keras.Model, keras.Model]:
    """Build a trait's net.

    Parameters
    ----------
    config
        The front end whose log-mel features come in.
    n_outputs
        Numbers that come out.
    plan
        Widths.

    Returns
    -------
    body, back
        float32[batch, frames, mel_bands] -> float32[batch, steps, width] -> float32[batch, n_outputs], logits.
    """
    plan = plan or TraitPlan()
    features = keras.Input((None, config.mel_bands), name="features")
    x = layers.Lambda(without_level)(features)
    x = layers.Reshape((-1, config.mel_bands, 1))(x)
    x = layers.ReLU()(norm(layers.Conv2D(plan.stem, 5, strides=2, padding="same", use_bias=False)(x)))
    for channels in plan.stages:
        x = halving_block(x, channels)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = layers.ReLU()(norm(layers.Conv1D(plan.width, 1, use_bias=False)(x)))
    body = keras.Model(features, x, name="trait_body")
    steps = keras.Input((None, plan.width), name="steps")
    pooled = norm(attentive_statistics(steps, plan.attention))
    pooled = layers.Dropout(plan.dropout)(layers.Dense(plan.hidden, activation="relu")(pooled))
    return body, keras.Model(steps, layers.Dense(n_outputs)(pooled), name="trait_back")


def without_level(features: keras.KerasTensor) -> keras.KerasTensor:
    """Return features relative to the mean power of the window, cut off far below it, about one in size.

    Below the cut lie pauses: whether they hold digital silence or a little noise says nothing of a voice.
    """
    level = ops.log(ops.mean(ops.exp(features), axis=(1, 2), keepdims=True))
    return (ops.maximum(features - level, -_DEPTH) + _CENTRE) / _SPREAD


def whole_net(body: keras.Model, back: keras.Model) -> keras.Model:
    """Return both parts as one: what is trained, and what weights are stored of."""
    return keras.Model(body.input, back(body.output))


def load_weights(model: keras.Model, path: Path) -> None:
    """Read a net's weights.

    Raises
    ------
    CorpusError
        If the file is missing, is none, or holds a net of other widths.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(
            f"{path}: holds no weights of this net ({type(error).__name__}): `voxlite export` writes them"
        ) from None
