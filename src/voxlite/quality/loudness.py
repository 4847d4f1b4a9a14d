"""Integrated loudness by ITU-R BS.1770-4: the mean K-weighted power of the 400 ms blocks that pass two gates.

    l_j = -0.691 + 10 log10(sum_c G_c z_cj)        z_cj: mean square of channel c in block j (every 100 ms)
    gates: l_j > -70 LUFS, then l_j > (loudness of those) - 10 LU

Channel weights G: 1 for every channel; in 5 channels (L R C Ls Rs) and 6 (L R C LFE Ls Rs) the surrounds
count 1.41 and the LFE nothing, as the recommendation lays them out. Quad and anything above six is taken as
plain channels of weight 1, because a file does not say where its loudspeakers stand.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

OFFSET_DB = -0.691
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
HOPS_PER_BLOCK = 4


def channel_weights(channels: int) -> NDArray[np.float64]:
    """Return the weights G, float64[channels]."""
    weights = np.ones(channels)
    if channels == 5:
        weights[3:] = 1.41
    elif channels == 6:
        weights[3:] = (0.0, 1.41, 1.41)
    return weights


def integrated_loudness_lufs(hop_powers: NDArray[np.float64]) -> float | None:
    """Gate and average.

    Parameters
    ----------
    hop_powers
        float64[n], weighted K-filtered mean square of each 100 ms, channels summed, from the start of the
        recording.

    Returns
    -------
    float or None
        LUFS; None below 400 ms of sound or when no block is louder than -70 LUFS.

    Examples
    --------
    >>> round(integrated_loudness_lufs(np.full(10, 0.01)), 3)
    -20.691
    """
    if len(hop_powers) < HOPS_PER_BLOCK:
        return None
    # Not by a running sum: its rounding would leave a residue of loud passages in the silence after them.
    powers = sliding_window_view(hop_powers, HOPS_PER_BLOCK).mean(axis=-1)
    powers = powers[powers > _power(ABSOLUTE_GATE_LUFS)]
    if not len(powers):
        return None
    powers = powers[powers > powers.mean() * 10.0 ** (RELATIVE_GATE_LU / 10.0)]
    return OFFSET_DB + 10.0 * float(np.log10(powers.mean()))


def _power(loudness_lufs: float) -> float:
    """Return the weighted mean square of a loudness."""
    return float(10.0 ** ((loudness_lufs - OFFSET_DB) / 10.0))
