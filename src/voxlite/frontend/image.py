"""The feature image: static, delta and delta-delta planes, scaled with fixed constants and resized.

Plane 0, static. Log-mel is mapped linearly so that ln(log_floor) is 0 and the power of a full-scale constant,
2 ln(sum of the window), is 1: nothing in -1..1 is more powerful in a single bin. Coefficient 0 is the mean log-mel
energy times sqrt(mel_bands) and takes the same map; coefficient j is 1/2 + c_j / (2 r_j) with r_j = 4 sqrt(mel_bands)
j^(-3/4), the decay that real recordings show.

Planes 1 and 2, delta and delta-delta. 1/2 + d / (2 a r) with a = 0.15 and 0.035 and r = r_j, or 10 for log-mel and
10 sqrt(mel_bands) for coefficient 0: about one value in a hundred of real recordings lies outside and is clipped.

The constants never look at the clip: a quiet recording gives a dark image, and the same frames give the same pixels
in every recording. Rows are coefficients or bands from low to high, columns are time.

Resizing is bilinear with half-pixel centres: output pixel i looks at (i + 1/2) n_in / n_out - 1/2, edges repeat. When
an axis shrinks, the triangle widens by the same factor, so that no frame is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from voxlite.errors import FeatureError
from voxlite.frontend.cepstrum import cepstrum, deltas
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.features import log_mel_features
from voxlite.frontend.spectrum import hamming_window
from voxlite.values import FloatArray

if TYPE_CHECKING:
    from voxlite.audio.audio import Audio

_DEFAULT = FrontEndConfig()
_CEPSTRUM_RANGE, _CEPSTRUM_DECAY = 4.0, 0.75
_LEVEL_RANGE = 10.0
_DELTA_SHARE = (0.15, 0.035)


def mfcc_image(audio: Audio, config: FrontEndConfig = _DEFAULT) -> FloatArray:
    """Return a recording's features as an image for an image network.

    Parameters
    ----------
    audio
        The recording, at any rate; all of it is squeezed or stretched to the image's width.
    config
        The front end; `kind` chooses coefficients ("mfcc") or log-mel energies ("logmel").

    Returns
    -------
    FloatArray
        float32[image_height, image_width, 3], 0..1: static, delta, delta-delta.

    Raises
    ------
    FeatureError
        If the configuration leaves a mel band without a DFT bin.

    Examples
    --------
    >>> from voxlite.audio.audio import Audio
    >>> mfcc_image(Audio(np.zeros(16_000, np.float32), 16_000)).shape
    (299, 299, 3)
    """
    planes = feature_planes(log_mel_features(audio, config), config)
    return resize(planes, config.image_height, config.image_width)


def feature_planes(log_mel: FloatArray, config: FrontEndConfig) -> FloatArray:
    """Return the scaled planes before resizing, float32[coefficients or mel_bands, frames, 3], 0..1.

    Parameters
    ----------
    log_mel
        float32[frames, mel_bands], natural logarithms.
    config
        The front end.
    """
    features = cepstrum(log_mel, config) if config.kind == "mfcc" else log_mel
    first = deltas(features, config.delta_width)
    second = deltas(first, config.delta_width)
    offset, scale = plane_maps(config, features.shape[1])
    planes = np.stack([features, first, second], axis=-1) * scale + offset
    image = np.clip(planes, 0.0, 1.0).transpose(1, 0, 2)
    return np.ascontiguousarray(image, dtype=np.float32)


def plane_maps(config: FrontEndConfig, rows: int) -> tuple[FloatArray, FloatArray]:
    """Return offset and scale that bring static, delta and delta-delta values to 0..1, each float32[rows, 3]."""
    offset, scale, spread = _constants(config, rows)
    half = np.full(rows, 0.5, np.float32)
    first, second = (np.asarray(1 / (2 * share * spread), np.float32) for share in _DELTA_SHARE)
    return np.stack([offset, half, half], axis=-1), np.stack([scale, first, second], axis=-1)


def _constants(config: FrontEndConfig, rows: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return offset and scale of the static plane and the range of the deltas, each float32[rows]."""
    floor = float(np.log(config.log_floor))
    ceiling = 2.0 * float(np.log(hamming_window(config.window_samples).sum(dtype=np.float64)))
    if config.kind == "logmel":
        offset, scale = np.full(rows, -floor / (ceiling - floor)), np.full(rows, 1 / (ceiling - floor))
        spread = np.full(rows, _LEVEL_RANGE)
    else:
        root = float(np.sqrt(config.mel_bands))
        spread = _CEPSTRUM_RANGE * root * np.maximum(np.arange(rows), 1.0) ** -_CEPSTRUM_DECAY
        offset, scale = np.full(rows, 0.5), 1 / (2 * spread)
        offset[0], scale[0] = -floor / (ceiling - floor), 1 / (root * (ceiling - floor))
        spread[0] = _LEVEL_RANGE * root
    return offset.astype(np.float32), scale.astype(np.float32), spread.astype(np.float32)


def resize(image: FloatArray, height: int, width: int) -> FloatArray:
    """Return an image at another size, float32[height, width, planes].

    Parameters
    ----------
    image
        float32[rows, columns, planes].
    height, width
        Size of the result, pixels.

    Raises
    ------
    FeatureError
        If the image is empty or has no planes, or the size is below one pixel.
    """
    if image.ndim != 3 or 0 in image.shape:
        raise FeatureError(f"resize wants float32[rows, columns, planes], got shape {image.shape}")
    if height < 1 or width < 1:
        raise FeatureError(f"resize: {height} x {width} is less than one pixel")
    # the shorter way first: rows shrink or grow independently of columns
    columns = _resize_first_axis(image.transpose(1, 0, 2), width).transpose(1, 0, 2)
    return np.ascontiguousarray(_resize_first_axis(columns, height))


def _resize_first_axis(image: FloatArray, size: int) -> FloatArray:
    """Return the image with `size` entries along its first axis."""
    result = np.empty((size, *image.shape[1:]), np.float32)
    for i, (low, weights) in enumerate(_triangles(len(image), size)):
        result[i] = np.tensordot(weights, image[low : low + len(weights)], axes=1)
    return result


def resize_matrix(n: int, size: int) -> FloatArray:
    """Return the weights that turn `n` pixels of an axis into `size`, float32[size, n]; each row sums to one."""
    matrix = np.zeros((size, n), np.float32)
    for row, (low, weights) in zip(matrix, _triangles(n, size), strict=True):
        row[low : low + len(weights)] = weights
    return matrix


def _triangles(n: int, size: int) -> Iterator[tuple[int, FloatArray]]:
    """Yield for each of `size` output pixels its first input pixel of `n` and the weights from there on."""
    reach = max(1.0, n / size)  # half the base of the triangle, input pixels
    for i in range(size):
        centre = (i + 0.5) * n / size - 0.5
        low, high = max(0, int(np.ceil(centre - reach))), min(n - 1, int(np.floor(centre + reach)))
        weights = np.maximum(0.0, 1.0 - np.abs(np.arange(low, high + 1) - centre) / reach)
        yield low, (weights / weights.sum()).astype(np.float32)
