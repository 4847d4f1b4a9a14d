"""The feature image as part of a network: log-mel in, image out, in `keras.ops`, from the NumPy reference's constants.

Every step of `voxlite.frontend.image` but the clipping is linear, so the cepstrum, the deltas and the resizing are
products with constant matrices: D = deltas(I) along time, the DCT along bands, the triangles of `resize_matrix` along
both. Built-in operators in every runtime; about 15 million multiplications for 299 x 299 pixels, little beside an
image network's billions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from voxlite.frontend.cepstrum import deltas
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import dct_matrix
from voxlite.frontend.image import plane_maps, resize_matrix


def image_graph(log_mel: Any, config: FrontEndConfig, height: int, width: int) -> Any:
    """Return the feature images of log-mel frames as backend tensors.

    Parameters
    ----------
    log_mel
        float32[batch, frames, mel_bands] with known frames, natural logarithms.
    config
        The front end; `kind` chooses coefficients or log-mel energies.
    height, width
        Size of the images, pixels.

    Returns
    -------
    tensor
        float32[batch, height, width, 3], 0..1, as `voxlite.frontend.image.mfcc_image` makes them.
    """
    frames = log_mel.shape[1]
    rows = config.coefficients if config.kind == "mfcc" else config.mel_bands
    offset, scale = plane_maps(config, rows)
    slope = deltas(np.eye(frames, dtype=np.float32), config.delta_width)
    static = ops.matmul(log_mel, dct_matrix(config.mel_bands, rows)) if config.kind == "mfcc" else log_mel
    first = ops.matmul(slope, static)
    tall, wide = resize_matrix(rows, height).T, resize_matrix(frames, width)
    planes = []
    for k, plane in enumerate((static, first, ops.matmul(slope, first))):
        plane = ops.clip(plane * scale[:, k] + offset[:, k], 0.0, 1.0)
        planes.append(ops.matmul(ops.matmul(wide, plane), tall))  # [batch, width, height]
    return ops.transpose(ops.stack(planes, axis=-1), (0, 2, 1, 3))
