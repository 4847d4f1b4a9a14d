"""How something is said: statistics of a window's log-mel features, and of what the speaker net makes of them.

The speaker net's inner layers hold more of a voice than who it is (Pappagari et al. 2020 used that for moods): means
and deviations over time of each residual block and of its last layer. Beside them functionals of the features
themselves, as openSMILE has them (Eyben et al. 2016): level-free means, deviations and skewness of mel bands and
cepstra, of their slopes, and of how strongly the bands move 1 to 16 times a second. All of it is frozen; what is
learned is one linear layer.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import dct_matrix
from voxlite.training.ridge import FeatureBlocks
from voxlite.values import FloatArray

_DEPTH = 12.0
"""Natural-log mel power below the window's mean level at which features are cut off."""
_HEARD = 3.1
"""The same for a frame that counts half: louder ones count as speech, softer ones as pause."""
_CEPSTRA = 14
_BAND_GROUPS = 8
_MODULATIONS_HZ = (1.0, 2.0, 4.0, 8.0, 16.0)
_HALF_S = 0.6
"""Half the length of the filters that find them."""
_LEAST = 1e-3


def mood_features(
    body: keras.Model, config: FrontEndConfig, n_frames: int
) -> tuple[keras.Model, FeatureBlocks]:
    """Build the frozen part.

    Parameters
    ----------
    body
        Of the speaker net: centred features to its steps.
    config
        Its front end.
    n_frames
        Frames of a window.

    Returns
    -------
    model, blocks
        float32[batch, n_frames, mel_bands], log-mel features -> float32[batch, features]; the layout of these.
    """
    features = keras.Input((n_frames, config.mel_bands), name="features")
    trunk = keras.Model(body.input, [*_block_outputs(body), body.output], name="trunk")
    trunk.trainable = False
    centred = layers.Lambda(lambda x: x - ops.mean(x, axis=1, keepdims=True))(features)
    parts = [layers.Lambda(lambda x: functionals(x, config))(features)]
    parts += [layers.Lambda(_statistics)(output) for output in trunk(centred)]
    names = ("functionals", *(f"block {at}" for at in range(1, len(parts) - 1)), "steps")
    whole = keras.Model(features, layers.Concatenate()(parts), name="mood_features")
    return whole, FeatureBlocks(names, tuple(int(part.shape[-1]) for part in parts), {"functionals": 1.5})


def with_head(
    features: keras.Model, mean: FloatArray, factor: FloatArray, kernel: FloatArray, bias: FloatArray
) -> keras.Model:
    """Return the frozen part with one linear layer behind it.

    Features are scaled first, (x - mean) * factor: then the layer's weights are of one size, and int8 can hold them.

    Parameters
    ----------
    features
        From `mood_features`.
    mean, factor
        float32[features].
    kernel, bias
        Of scaled features: float32[features, outputs] and float32[outputs].
    """
    scaled = layers.Lambda(lambda x: (x - mean) * factor)(features.output)
    head = layers.Dense(kernel.shape[1])
    model = keras.Model(features.input, head(scaled))
    head.set_weights([kernel, bias])
    return model


def _block_outputs(body: keras.Model) -> list[Any]:
    """Return what the residual blocks of a speaker net give: the rectified sums."""
    return [
        layer.output
        for layer in body.layers
        if isinstance(layer, layers.ReLU) and isinstance(layer.input._keras_history.operation, layers.Add)
    ]


def _statistics(x: Any) -> Any:
    """Return mean and standard deviation over time of each number behind it, [batch, 2 * numbers]."""
    x = ops.reshape(x, (-1, x.shape[1], int(np.prod(x.shape[2:]))))
    mean = ops.mean(x, axis=1)
    return ops.concatenate([mean, _root(ops.mean(ops.square(x - mean[:, None]), axis=1))], axis=-1)


def functionals(features: Any, config: FrontEndConfig) -> Any:
    """Return statistics of log-mel features [batch, frames, mel_bands] that do not depend on their level."""
    power = ops.sum(ops.exp(features), axis=-1, keepdims=True)
    level = ops.log(ops.mean(power, axis=1, keepdims=True))
    loud = ops.log(power) - level  # of each frame
    x = ops.maximum(features - level + np.log(config.mel_bands), -_DEPTH)
    weight = ops.sigmoid(loud + _HEARD)
    weight = weight / ops.sum(weight, axis=1, keepdims=True)
    x = x - ops.mean(ops.sum(weight * x, axis=1, keepdims=True), axis=-1, keepdims=True)
    cepstra = ops.matmul(x, dct_matrix(config.mel_bands, _CEPSTRA))
    slope = (cepstra[:, 2:] - cepstra[:, :-2]) / 2
    mean, deviation, _ = _moments(x, weight)
    _, cepstral_deviation, skewness = _moments(cepstra, weight)
    moved = _root(ops.sum(weight[:, 1:-1] * ops.square(slope), axis=1))
    return ops.concatenate(
        [mean, deviation, cepstral_deviation, skewness, moved, _modulations(x, loud, config)], axis=-1
    )


def _moments(x: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Return weighted mean, standard deviation and skewness over time, each [batch, numbers]."""
    mean = ops.sum(weight * x, axis=1, keepdims=True)
    apart = x - mean
    variance = ops.sum(weight * ops.square(apart), axis=1)
    deviation = _root(variance)
    third = ops.sum(weight * apart * ops.square(apart), axis=1)
    return mean[:, 0], deviation, third / (deviation * deviation * deviation)


def _modulations(x: Any, loud: Any, config: FrontEndConfig) -> Any:
    """Return the logarithm of how strongly groups of bands, and the level, move at a few rates."""
    kernel = modulation_filters(config.hop_s)
    size = config.mel_bands // _BAND_GROUPS
    groups = ops.mean(ops.reshape(x, (-1, x.shape[1], _BAND_GROUPS, size)), axis=-1)
    loud = ops.maximum(loud, -_DEPTH)
    moving = ops.concatenate([groups, loud - ops.mean(loud, axis=1, keepdims=True)], axis=-1)
    half = len(kernel) // 2
    moving = ops.pad(moving, ((0, 0), (half, half), (0, 0)))[..., None]
    found = ops.conv(moving, kernel, padding="valid", data_format="channels_last")
    n = len(_MODULATIONS_HZ)
    strength = _root(ops.square(found[..., :n]) + ops.square(found[..., n:]))
    return ops.reshape(ops.log(ops.mean(strength, axis=1) + _LEAST), (-1, (_BAND_GROUPS + 1) * n))


def modulation_filters(hop_s: float) -> FloatArray:
    """Return Gabor filters along time without a constant part, float32[taps, 1, 1, 2 * rates]: cosines, then sines."""
    half = round(_HALF_S / hop_s)
    t = np.arange(-half, half + 1) * hop_s
    columns = []
    for rate_hz in _MODULATIONS_HZ:
        spread_s = 0.35 / rate_hz if rate_hz > 1 else 0.25
        bell = np.exp(-np.square(t / spread_s) / 2)
        wave = bell * np.exp(2j * np.pi * rate_hz * t)
        wave -= bell * wave.sum() / bell.sum()
        columns.append(wave / np.abs(wave).sum())
    waves = np.stack(columns, axis=1)
    both = np.concatenate([waves.real, waves.imag], axis=1)
    return both[:, None, None].astype(np.float32)


def _root(square: Any) -> Any:
    return ops.sqrt(ops.maximum(square, 1e-8))
