"""The front end as part of a network: waveform in, log-mel out, in `keras.ops`, from the NumPy reference's constants.

A DFT of N = r N1 points, split once (Cooley and Tukey 1965) with n = r n1 + n2 and k = k1 + N1 k2:

    X[k1 + N1 k2] = sum_n2 exp(-2 pi i n2 k2 / r)  ( sum_n1 w[n] x[n] exp(-2 pi i n2 k1 / N) exp(-2 pi i n1 k1 / N1) )

The inner sums, with window and twiddle factors folded into their weights, are one depthwise convolution over the
signal laid out in rows of r samples: its stride is the hop, so frames never exist in memory. The outer sums are one
small matrix product. For a real signal k1 = 0..N1/2 is enough: the bins N - k have the same power. A mel bank whose
rows follow that order, a floor and a logarithm finish. Only convolution, product, reshape, transpose and log: built-in
operators in every runtime, a fifth of the arithmetic of a plain windowed DFT, and constants of a few tens of kB.

The "kaldi" recipe needs two steps more. Its window begins with a zero, so pre-emphasis of a frame is pre-emphasis of
the whole signal; a frame's mean m then stands in the emphasised frame as (1 - 0.97) m, and since everything up to the
power is linear, that much of the window's own inner sums is taken from the frame's.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np
from keras import ops

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import KALDI_EMPHASIS, KALDI_SCALE, frame_window, mel_bank
from voxlite.values import FloatArray


@lru_cache(maxsize=32)
def radix(config: FrontEndConfig) -> int:
    """Return r, the power of two that divides the hop and costs the fewest products per frame."""
    size, hop = config.fft_size, config.hop_samples
    choices = [r for r in (1 << k for k in range(size.bit_length() - 1)) if hop % r == 0]

    def products(r: int) -> int:
        first, rows = size // r, -(-config.window_samples // r)
        return rows * r * (first + 2) + (first // 2 + 1) * (2 * r) ** 2

    return min(choices, key=products)


@lru_cache(maxsize=32)
def constants(config: FrontEndConfig) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the convolution kernel, the outer DFT and the mel bank in the order of the split.

    Returns
    -------
    tuple
        float32[rows, 1, r, 2 (N1/2+1)] (real parts before imaginary ones), float32[2r, 2r] (pairs of real and
        imaginary on the input side, all real before all imaginary parts on the output side), and
        float32[(N1/2+1) r, mel_bands].
    """
    size, window = config.fft_size, config.window_samples
    r = radix(config)
    first, rows = size // r, -(-window // r)
    bins = first // 2 + 1
    n1, n2, k1 = np.arange(rows)[:, None, None], np.arange(r)[None, :, None], np.arange(bins)[None, None, :]
    weights = np.zeros(rows * r)
    weights[:window] = frame_window(config)
    if config.recipe == "kaldi":
        weights *= KALDI_SCALE
    inner = np.exp(-2j * np.pi * (n1 * k1 / first + n2 * k1 / size)) * weights.reshape(rows, r, 1)
    kernel = np.stack([inner.real, inner.imag], axis=2).reshape(rows, 1, r, 2 * bins)
    outer = np.exp(-2j * np.pi * np.outer(np.arange(r), np.arange(r)) / r)
    product = np.zeros((r, 2, 2, r))  # [n2, part in, part out, k2]
    product[:, 0, 0], product[:, 1, 0] = outer.real, -outer.imag
    product[:, 0, 1], product[:, 1, 1] = outer.imag, outer.real
    k = (np.arange(bins)[:, None] + first * np.arange(r)).reshape(-1)
    k = np.where(k > size // 2, size - k, k)
    bank = np.zeros((bins * r, config.mel_bands), np.float32)
    _, where = np.unique(k, return_index=True)  # bins that appear twice count once
    bank[where] = mel_bank(config)[k[where]]
    return kernel.astype(np.float32), product.reshape(2 * r, 2 * r).astype(np.float32), bank


def log_mel_graph(waveform: Any, config: FrontEndConfig) -> Any:
    """Return log-mel energies of waveforms as backend tensors.

    Parameters
    ----------
    waveform
        float32[batch, n] with a known batch; n a multiple of `radix(config)`.
    config
        The front end.

    Returns
    -------
    tensor
        float32[batch, frames, mel_bands]; frames as in `voxlite.frontend.spectrum.log_mel`.

    Raises
    ------
    FeatureError
        If n is known and not such a multiple.
    """
    batch, n = waveform.shape[0], waveform.shape[1]
    kernel, product, bank = constants(config)
    r, bins = radix(config), kernel.shape[-1] // 2
    if n is not None and n % r:
        raise FeatureError(f"a graph's input of {n} samples must be a multiple of {r}")
    stride = config.hop_samples // r
    convolve = partial(
        ops.depthwise_conv, strides=(stride, stride), padding="valid", data_format="channels_last"
    )
    if config.recipe == "kaldi":
        waveform = waveform - ops.mean(
            waveform, axis=1, keepdims=True
        )  # leaves less to cancel: nothing else changes
        x = convolve(ops.reshape(_emphasised(waveform), (batch, -1, 1, r)), kernel)
        x = ops.reshape(x, (-1, 2 * r * bins)) - ops.matmul(
            _means(waveform, config), kernel.sum(axis=0).reshape(1, -1)
        )
    else:
        x = convolve(ops.reshape(waveform, (batch, -1, 1, r)), kernel)
    x = ops.transpose(
        ops.reshape(x, (-1, 2 * r, bins)), (0, 2, 1)
    )  # single numbers: runtimes have a kernel for it
    x = ops.matmul(ops.reshape(x, (-1, 2 * r)), product)
    x = ops.square(x)
    power = ops.reshape(x[:, :r] + x[:, r:], (batch, -1, bins * r))
    energy = ops.matmul(power, bank)
    if config.recipe == "kaldi":
        return ops.log(ops.maximum(energy, config.log_floor))
    return ops.log(energy + config.log_floor)


def _emphasised(waveform: Any) -> Any:
    """Return x[n] - 0.97 x[n-1], 0 before the first sample."""
    return waveform - KALDI_EMPHASIS * ops.pad(waveform[:, :-1], ((0, 0), (1, 0)))


def _means(waveform: Any, config: FrontEndConfig) -> Any:
    """Return what a frame's mean leaves behind pre-emphasis, float32[batch * frames, 1]."""
    r, window = radix(config), config.window_samples
    rows = -(-window // r)
    weights = np.zeros(rows * r, np.float32)
    weights[:window] = (1 - KALDI_EMPHASIS) / window
    x = ops.reshape(waveform, (waveform.shape[0], -1, 1, r))
    x = ops.conv(
        x,
        weights.reshape(rows, 1, r, 1),
        strides=(config.hop_samples // r, 1),
        padding="valid",
        data_format="channels_last",
    )
    return ops.reshape(x, (-1, 1))
