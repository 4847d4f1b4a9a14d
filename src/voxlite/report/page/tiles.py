"""Heat maps as tiles: PNG pictures in data URIs, narrow enough for the textures of every phone."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voxlite.report.page.png import indexed_png
from voxlite.values import FloatArray

TILE_COLUMNS = 2_000
N_COLOURS = 64
"""Eyes see no more in a heat map, and a picture of 64 colours is a third smaller than one of 256."""
_VIRIDIS = "440154 482878 3e4a89 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725"
"""Ten evenly spaced colours of viridis (Smith and van der Walt, CC0), the map of the other pictures."""


@dataclass(frozen=True)
class Tile:
    """A part of a heat map.

    Parameters
    ----------
    first, n
        First column, and how many.
    uri
        The picture.
    """

    first: int
    n: int
    uri: str


def heat_tiles(values: FloatArray, low: float, high: float) -> tuple[Tile, ...]:
    """Return a heat map cut into tiles, in order of time.

    Parameters
    ----------
    values
        float32[columns, rows], the first row at the bottom of the picture.
    low, high
        Values of the darkest and the brightest colour, high above low.

    Notes
    -----
    A tile has one column of its successor, which is drawn above it: so no seam shows, however the map is stretched.
    """
    scaled = np.clip((values - low) / (high - low), 0, 1) * (N_COLOURS - 1)
    pixels = np.round(scaled).astype(np.uint8).T[::-1]
    tiles = []
    for first in range(0, pixels.shape[1], TILE_COLUMNS):
        part = pixels[:, first : first + TILE_COLUMNS + 1]
        code = base64.b64encode(indexed_png(part, viridis())).decode("ascii")
        tiles.append(Tile(first, part.shape[1], f"data:image/png;base64,{code}"))
    return tuple(tiles)


@lru_cache(maxsize=1)
def viridis() -> NDArray[np.uint8]:
    """Return the colours from dark to bright, uint8[N_COLOURS, 3]."""
    anchors = np.array([list(bytes.fromhex(code)) for code in _VIRIDIS.split()], np.float64)
    places = np.linspace(0, len(anchors) - 1, N_COLOURS)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, axis=1)).astype(np.uint8)
