"""Clipping: samples in flat tops at the highest (or lowest) level of the recording.

A sample is clipped when it lies in a run of at least three equal samples within 0.2 dB of the highest level
that its channel reaches on its side of zero, and the wave arrives at or leaves that run by a step of at
least four quantisation steps. Full scale is not needed: a recording clipped and then turned down is flat all
the same. The step rule tells a clipped top from the crest of a slow wave, where neighbouring samples round
to one value and then leave it by one or two quantisation steps. The quantisation step is read from the sound
around: the smallest difference between neighbours, at most 2**-13 unless all samples are on the grid of 8 bits.

The highest level is known only at the end, so the counts are kept by level, and those that a higher level
makes irrelevant are dropped on the way.
"""

from __future__ import annotations

from math import log10

import numpy as np
from numpy.typing import NDArray

from voxlite.values import FloatArray

MIN_RUN_SAMPLES = 3
NEAR_TOP_DB = 0.2
MIN_STEPS = 4.0
MIN_TOP = 0.01
"""Flat tops are not looked for below -40 dBFS: there they are quantisation."""

_BINS_PER_DB = 100
_EIGHT_BIT = 128.0
_COARSEST_STEP = 2.0**-13
_NEAR_TOP = 10.0 ** (-NEAR_TOP_DB / 20.0)


class ClippingCounter:
    """Counts the clipped samples of one channel on one side of zero.

    Parameters
    ----------
    sign
        1.0 for the tops, -1.0 for the bottoms.
    """

    def __init__(self, sign: float) -> None:
        self._sign = sign
        self._top = 0.0
        self._counts: dict[int, int] = {}

    def push(self, samples: FloatArray, hop_tops: FloatArray, hop: int) -> None:
        """Take the next stretch, its maximum per hop and the hop's length in samples.

        Parameters
        ----------
        samples
            float32[n]; runs do not reach over the borders of a stretch.
        hop_tops
            float32[n / hop rounded up], highest sample of each hop times `sign`.
        hop
            Samples per hop.
        """
        self._top = max(self._top, float(hop_tops.max(initial=0.0)))
        near = _NEAR_TOP * self._top
        loud = np.flatnonzero(hop_tops >= near)
        if self._top < MIN_TOP or not len(loud):
            return
        # One hop more on each side, so that a run across hops keeps both its ends.
        first, last = max(int(loud[0]) - 1, 0) * hop, (int(loud[-1]) + 2) * hop
        part = samples[first:last] * np.float32(self._sign)
        for level, count in _flat_tops(part, near):
            key = round(20 * _BINS_PER_DB * log10(level))
            self._counts[key] = self._counts.get(key, 0) + count
        lowest = self._lowest_key()
        if any(key < lowest for key in self._counts):
            self._counts = {key: n for key, n in self._counts.items() if key >= lowest}

    @property
    def count(self) -> int:
        """Samples clipped so far."""
        lowest = self._lowest_key() if self._counts else 0
        return sum(n for key, n in self._counts.items() if key >= lowest)

    def _lowest_key(self) -> int:
        return round(_BINS_PER_DB * (20 * log10(self._top) - NEAR_TOP_DB))


def _flat_tops(samples: FloatArray, near: float) -> list[tuple[float, int]]:
    """Return (level, samples) of each flat top at or above `near` that the wave meets with a step."""
    hot = np.flatnonzero(samples >= near)
    values = samples[hot]
    new_run = np.ones(len(hot), dtype=bool)
    new_run[1:] = (np.diff(hot) != 1) | (values[1:] != values[:-1])
    starts = np.flatnonzero(new_run)
    lengths = np.diff(np.append(starts, len(hot)))
    long = lengths >= MIN_RUN_SAMPLES
    if not long.any():
        return []
    begin, lengths = hot[starts[long]], lengths[long]
    levels = samples[begin]
    before = levels - samples[np.maximum(begin - 1, 0)]
    after = levels - samples[np.minimum(begin + lengths, len(samples) - 1)]
    step = np.maximum(np.abs(before), np.abs(after))
    clipped = step >= MIN_STEPS * _quantisation_step(samples)
    kept, kept_lengths = levels[clipped].tolist(), lengths[clipped].tolist()
    return list(zip(kept, kept_lengths, strict=True))


def _quantisation_step(samples: NDArray[np.float32]) -> float:
    """Return the smallest difference between unequal neighbours, within what formats have."""
    if np.array_equal(samples * _EIGHT_BIT, np.round(samples * _EIGHT_BIT)):
        return 1.0 / _EIGHT_BIT
    steps = np.abs(np.diff(samples))
    # A steady tone repeats a few values, whose differences say nothing about the quantisation.
    return float(steps.min(where=steps > 0.0, initial=_COARSEST_STEP))
