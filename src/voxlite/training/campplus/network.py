"""CAM++ (Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking").

A small residual network looks at frequency and time and keeps time (the front convolution module); a time-delay layer
halves it; then come blocks of densely connected time-delay layers, each of which masks its output by what it heard as
a whole and around it:

    h = W1 relu(bn(x)),  x the outputs of all layers before      u = relu(bn(h))
    y = (conv u) * sigmoid(A2 relu(A1 c + a1) + a2),             c = mean(u) + mean over u's segment of 100 steps

Mean and standard deviation over time, a linear layer and a batch norm give the embedding. Layers carry the names that
the published checkpoint gives their parameters; everything lies in [batch, time, frequency, channels], so that all
convolutions are plain ones. The statistics and what follows are a model of their own: they are worth their float16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from voxlite.errors import ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import frame_geometry
from voxlite.frontend.spectrum import centred, log_mel
from voxlite.runtime.metadata import StepGeometry
from voxlite.training.graph import log_mel_graph
from voxlite.values import FloatArray

_EPSILON = 1e-5  # of every batch norm
_COUNTER = ".num_batches_tracked"


@dataclass(frozen=True)
class CamPlusPlan:
    """Sizes of the network; the defaults are those of the published Chinese and English checkpoint.

    Parameters
    ----------
    bands
        Mel bands, a multiple of 8.
    head
        Channels of the front convolution module.
    stem
        Channels behind the first time-delay layer.
    growth, bottleneck
        Channels that a dense layer adds, and that it works with; `bottleneck` is even.
    blocks
        Layers and dilation of each dense block.
    segment
        Steps (20 ms) whose mean is a layer's near context.
    embedding
        Numbers in the embedding.
    """

    bands: int = 80
    head: int = 32
    stem: int = 128
    growth: int = 32
    bottleneck: int = 128
    blocks: tuple[tuple[int, int], ...] = ((12, 1), (24, 2), (16, 2))
    segment: int = 100
    embedding: int = 192


class CamPlusNetwork:
    """The network behind its front end, for windows of one length, as the export takes it.

    Parameters
    ----------
    plan
        Its sizes.
    window_samples, step_samples
        Length of a window and distance between two, samples at 16 kHz.
    """

    net_input, output, resizable = "centred", "embedding", False

    def __init__(self, plan: CamPlusPlan, window_samples: int, step_samples: int) -> None:
        self.config = FrontEndConfig(
            recipe="kaldi",
            kind="logmel",
            mel_bands=plan.bands,
            low_hz=20.0,
            high_hz=8_000.0,
            log_floor=float(np.finfo(np.float32).eps),
            coefficients=min(FrontEndConfig.coefficients, plan.bands),
        )
        self.geometry = StepGeometry(step_samples, 0, window_samples - step_samples)
        n_frames = frame_geometry(self.config).count(window_samples)
        self.model = _net(plan, n_frames)
        self.back = _back(plan, self.model.output_shape)

    def front(self, waveform: Any) -> Any:
        """Return log-mel frames, each band without its mean."""
        features = log_mel_graph(waveform, self.config)
        return features - ops.mean(features, axis=1, keepdims=True)

    def features(self, samples: FloatArray) -> FloatArray:
        """Return the same of float32[n] by the NumPy reference, float32[1, frames, bands]."""
        return centred(log_mel(samples, self.config))[None]

    def load(self, state: Mapping[str, FloatArray], where: str) -> None:
        """Take the parameters of a checkpoint.

        Parameters
        ----------
        state
            Name -> array, as PyTorch lays them out.
        where
            The checkpoint's name, for errors.

        Raises
        ------
        ModelError
            If parameters are missing, unknown, of another shape or not finite.
        """
        wanted = {
            name: (layer, kind)
            for model in (self.model, self.back)
            for layer in model.layers
            for kind, name in _parameters(layer).items()
        }
        given = {name for name in state if not name.endswith(_COUNTER)}
        if given != set(wanted):
            odd = sorted(given.symmetric_difference(wanted))
            raise ModelError(
                f"{where}: not the CAM++ checkpoint that is known: {len(odd)} parameters differ ({odd[0]}, ...)"
            )
        for name, (layer, kind) in wanted.items():
            _assign(getattr(layer, kind), np.asarray(state[name], np.float32), f"{where}: {name}")


def _net(plan: CamPlusPlan, n_frames: int) -> keras.Model:
    """Return the network from features to the frames that the statistics are taken of."""
    entry = keras.Input((n_frames, plan.bands), batch_size=1, name="features")
    x = ops.reshape(entry, (1, n_frames, plan.bands, 1))
    x = _norm(_conv(x, "head.conv1", plan.head, (3, 3)), "head.bn1")
    for stage in ("head.layer1", "head.layer2"):
        x = _residual(x, f"{stage}.0", plan.head, 2)
        x = _residual(x, f"{stage}.1", plan.head, 1)
    x = _norm(_conv(x, "head.conv2", plan.head, (3, 3), (1, 2)), "head.bn2")
    name = "xvector.tdnn"
    x = layers.ZeroPadding2D(((2, 2), (0, 0)))(x)
    x = layers.Conv2D(plan.stem, (5, x.shape[2]), (2, 1), use_bias=False, name=f"{name}.linear")(x)
    x = _norm(x, f"{name}.nonlinear.batchnorm")
    for block, (n_layers, dilation) in enumerate(plan.blocks, 1):
        for layer in range(1, n_layers + 1):
            name = f"xvector.block{block}.tdnnd{layer}"
            x = layers.Concatenate()([x, _dense_layer(x, name, plan, dilation)])
        name = f"xvector.transit{block}"
        x = _norm(x, f"{name}.nonlinear.batchnorm")
        x = _conv(x, f"{name}.linear", x.shape[-1] // 2, (1, 1))
    return keras.Model(entry, _norm(x, "xvector.out_nonlinear.batchnorm"))


def _back(plan: CamPlusPlan, shape: tuple[int, ...]) -> keras.Model:
    """Return the network from frames to the embedding of unit norm."""
    entry = keras.Input(shape[1:], batch_size=1, name="frames")
    mean = ops.mean(entry, axis=1, keepdims=True)
    square = ops.sum(ops.square(entry - mean), axis=1, keepdims=True) / (shape[1] - 1)
    x = ops.concatenate([mean, ops.sqrt(square)], axis=-1)
    x = _conv(x, "xvector.dense.linear", plan.embedding, (1, 1))
    x = _norm(x, "xvector.dense.nonlinear.batchnorm", affine=False)
    x = ops.reshape(x, (1, plan.embedding))
    return keras.Model(entry, x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), -1, keepdims=True), 1e-12)))


def _residual(x: Any, name: str, channels: int, stride: int) -> Any:
    """Return two convolutions beside a shortcut; `stride` thins out frequency alone."""
    y = _norm(_conv(x, f"{name}.conv1", channels, (3, 3), (1, stride)), f"{name}.bn1")
    y = _norm(_conv(y, f"{name}.conv2", channels, (3, 3)), f"{name}.bn2", relu=False)
    if stride > 1:
        x = _norm(
            _conv(x, f"{name}.shortcut.0", channels, (1, 1), (1, stride)), f"{name}.shortcut.1", relu=False
        )
    return layers.ReLU()(layers.Add()([y, x]))


def _dense_layer(x: Any, name: str, plan: CamPlusPlan, dilation: int) -> Any:
    """Return what a densely connected time-delay layer adds to its input."""
    x = _norm(x, f"{name}.nonlinear1.batchnorm")
    x = _norm(_conv(x, f"{name}.linear1", plan.bottleneck, (1, 1)), f"{name}.nonlinear2.batchnorm")
    name = f"{name}.cam_layer"
    y = _conv(x, f"{name}.linear_local", plan.growth, (3, 1), dilation=dilation)
    whole = ops.mean(x, axis=1, keepdims=True)
    if x.shape[1] <= plan.segment:  # what is near is the whole
        return y * _mask(whole + whole, name, plan)
    starts = range(0, x.shape[1], plan.segment)
    near = [ops.mean(x[:, at : at + plan.segment], axis=1, keepdims=True) for at in starts]
    mask = _mask(ops.concatenate(near, axis=1) + whole, name, plan)
    parts = [y[:, at : at + plan.segment] * mask[:, i : i + 1] for i, at in enumerate(starts)]
    return ops.concatenate(parts, axis=1)


def _mask(context: Any, name: str, plan: CamPlusPlan) -> Any:
    x = layers.ReLU()(_conv(context, f"{name}.linear1", plan.bottleneck // 2, (1, 1), bias=True))
    return ops.sigmoid(_conv(x, f"{name}.linear2", plan.growth, (1, 1), bias=True))


def _conv(
    x: Any,
    name: str,
    filters: int,
    kernel: tuple[int, int],
    strides: tuple[int, int] = (1, 1),
    *,
    dilation: int = 1,
    bias: bool = False,
) -> Any:
    """Return a convolution that pads both ends alike; a stride's "same" padding would not."""
    if strides[1] > 1 and kernel[1] > 1:
        x = layers.ZeroPadding2D((1, 1))(x)
        padding = "valid"
    else:
        padding = "same"
    return layers.Conv2D(
        filters, kernel, strides, padding, dilation_rate=(dilation, 1), use_bias=bias, name=name
    )(x)


def _norm(x: Any, name: str, *, relu: bool = True, affine: bool = True) -> Any:
    x = layers.BatchNormalization(epsilon=_EPSILON, center=affine, scale=affine, name=name)(x)
    return layers.ReLU()(x) if relu and affine else x


def _parameters(layer: Any) -> dict[str, str]:
    """Return a layer's weights: attribute -> name in the checkpoint."""
    names: dict[str, str] = {}
    if isinstance(layer, layers.Conv2D):
        names = {"kernel": "weight"} | ({"bias": "bias"} if layer.use_bias else {})
    elif isinstance(layer, layers.BatchNormalization):
        names = {"moving_mean": "running_mean", "moving_variance": "running_var"}
        if layer.scale:
            names |= {"gamma": "weight", "beta": "bias"}
    return {kind: f"{layer.name}.{name}" for kind, name in names.items()}


def _assign(variable: Any, value: FloatArray, what: str) -> None:
    """Set a variable; kernels arrive as [out, in (frequency), (frequency,) time]."""
    shape = tuple(variable.shape)
    if len(shape) == 4:
        time, frequency, channels, filters = shape
        if value.size == variable.numpy().size and value.shape[0] == filters and value.shape[-1] == time:
            value = value.reshape(filters, channels, frequency, time).transpose(3, 2, 1, 0)
    if value.shape != shape:
        raise ModelError(f"{what} has shape {value.shape}: not the CAM++ checkpoint that is known")
    if not np.isfinite(value).all():
        raise ModelError(f"{what} holds numbers that are not finite: the checkpoint is damaged")
    variable.assign(value)
