"""Small pictures as PNG (ISO/IEC 15948): one byte per pixel, an index into a palette; zlib is all it takes."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE_KIND = 3


def indexed_png(pixels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return a picture as the bytes of a PNG file.

    Parameters
    ----------
    pixels
        uint8[height, width], at least one pixel, rows from the top; each below the palette's length.
    palette
        uint8[colours, 3], red, green and blue of at most 256 colours.
    """
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE_KIND, 0, 0, 0)
    # Each row begins with the number of its filter: none, for indices have no meaningful differences.
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
