"""Drop-outs: short gaps of digital zeros cut into active sound.

A gap counts when it lasts 5 to 500 ms, when the 5 ms before it and the 5 ms after it are both above -50
dBFS, and when at least one of its ends is abrupt: the last (or first) millisecond of sound is above -50 dBFS
and no weaker than a third of the 5 ms it belongs to. A gate that closes and opens with a fade makes no
drop-out, nor does the digital silence between two recordings.

Zeros are looked for on a grid of at most 2.5 ms first, which any 5 ms gap meets twice; only where it does,
and where the sound on both sides is loud enough to matter, are the samples between them read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.values import FloatArray

MIN_GAP_S = 0.005
MAX_GAP_S = 0.5
ACTIVE_DBFS = -50.0
CONTEXT_S = 0.005
EDGE_S = 0.001
ABRUPT_SHARE = 1.0 / 3.0

_ACTIVE = 10.0 ** (ACTIVE_DBFS / 20.0)


@dataclass(frozen=True)
class _Edge:
    """What the sound beside a gap is like, and where in the recording (a sample index)."""

    at: int
    active: bool
    abrupt: bool


def context_samples(rate_hz: int) -> int:
    """Return how many samples of sound on each side of a gap are looked at."""
    return max(4, round(CONTEXT_S * rate_hz))


class DropOutFinder:
    """Finds the drop-outs of one channel in consecutive stretches of it.

    Parameters
    ----------
    rate_hz
        Samples per second.
    hop
        Samples per hop of about 100 ms; a stretch is a whole number of hops.

    Attributes
    ----------
    gaps
        (first sample, samples) of each drop-out found so far.
    """

    def __init__(self, rate_hz: int, hop: int) -> None:
        self.gaps: list[tuple[int, int]] = []
        self._hop = hop
        self._context = context_samples(rate_hz)
        self._shortest = max(2, round(MIN_GAP_S * rate_hz))
        self._longest = round(MAX_GAP_S * rate_hz)
        self._edge_samples = max(4, round(EDGE_S * rate_hz))
        # A divisor of the hop, so that the grid goes on evenly from stretch to stretch.
        self._grid = max(d for d in range(1, self._shortest // 2 + 1) if hop % d == 0)
        self._open: _Edge | None = None
        self._previous_peak = 0.0

    def push(self, samples: FloatArray, start: int, hop_peaks: FloatArray) -> None:
        """Take the next stretch.

        Parameters
        ----------
        samples
            float32[2 * context + n]: the last `2 * context` samples of the stretch before, then n new ones, a
            whole number of hops. Gaps are looked for one context late, so that each has sound on both sides.
        start
            Index in the recording of the first new sample.
        hop_peaks
            float32[n / hop], highest absolute value in each hop of the new samples.
        """
        peaks = np.append(np.float32(self._previous_peak), hop_peaks)
        self._previous_peak = float(hop_peaks[-1])
        if self._open is None and peaks.max() < _ACTIVE:
            return
        first, last = self._context, len(samples) - self._context
        to_recording = start - 2 * self._context
        opened, self._open = self._open, None
        zero = samples[first : last : self._grid] == 0.0
        if opened is not None and not zero[0]:
            self._close(samples, opened, first, to_recording)
            opened = None
        candidates = self._candidates(zero, peaks, first, carried=opened is not None)
        if samples[last - 1] == 0 and not zero[-1]:  # a gap that began behind the last grid point
            at = first + (len(zero) - 1) * self._grid
            candidates.append((at, at))
        for begin, end in candidates:
            self._examine(samples, begin, end, to_recording, opened)

    def _candidates(
        self, zero: NDArray[np.bool_], peaks: FloatArray, first: int, *, carried: bool
    ) -> list[tuple[int, int]]:
        """Return (first, last) grid points, as indices of samples, of the zeros worth reading."""
        # A gap meets the grid twice, unless it goes on beyond the stretch.
        twice = zero[1:] & zero[:-1]
        if not (zero[0] or zero[-1] or twice.any()):
            return []
        padded = np.zeros(len(zero) + 2, dtype=bool)
        padded[1:-1] = zero
        change = np.flatnonzero(padded[1:] != padded[:-1])
        begin, end = change[::2], change[1::2] - 1
        maybe = (end > begin) | (begin == 0) | (end == len(zero) - 1)
        begin, end = begin[maybe], end[maybe]
        at_start, at_end = begin == 0, end == len(zero) - 1
        begin, end = begin * self._grid + first, end * self._grid + first
        reach = self._grid + self._context
        loud_before = np.maximum(self._peak(peaks, begin - reach), self._peak(peaks, begin)) >= _ACTIVE
        loud_after = np.maximum(self._peak(peaks, end), self._peak(peaks, end + reach)) >= _ACTIVE
        keep = (loud_before | (at_start & carried)) & (loud_after | at_end)
        return list(zip(begin[keep].tolist(), end[keep].tolist(), strict=True))

    def _peak(self, peaks: FloatArray, index: NDArray[np.intp]) -> FloatArray:
        """Return the peak of the hop that each sample lies in; `peaks` starts with the hop before."""
        hops = (index - 2 * self._context) // self._hop + 1
        return peaks[np.clip(hops, 0, len(peaks) - 1)]

    def _examine(
        self, samples: FloatArray, begin: int, end: int, to_recording: int, opened: _Edge | None
    ) -> None:
        """Find the exact gaps between the last non-zero sample before `begin` and the first after `end`."""
        first, last = self._context, len(samples) - self._context
        low, high = max(begin - self._grid + 1, first), min(end + self._grid, last)
        sound = np.concatenate([[low - 1], np.flatnonzero(samples[low:high]) + low, [high]])
        long = np.diff(sound) > self._shortest
        long[0] |= low == first
        long[-1] |= high == last
        for i in np.flatnonzero(long).tolist():
            gap_begin, gap_end = int(sound[i]) + 1, int(sound[i + 1])
            if opened is not None and gap_begin == first:
                edge = opened
            else:
                before = samples[gap_begin - self._context : gap_begin]
                edge = self._edge(before, before[-self._edge_samples :], gap_begin + to_recording)
            if not edge.active:
                continue
            if gap_end < last:
                self._close(samples, edge, gap_end, to_recording)
            elif gap_end + to_recording - edge.at <= self._longest:
                self._open = edge

    def _close(self, samples: FloatArray, before: _Edge, end: int, to_recording: int) -> None:
        """Judge a gap whose two ends are known."""
        length = end + to_recording - before.at
        sound = samples[end : end + self._context]
        after = self._edge(sound, sound[: self._edge_samples], end + to_recording)
        in_range = self._shortest <= length <= self._longest
        if in_range and before.active and after.active and (before.abrupt or after.abrupt):
            self.gaps.append((before.at, length))

    @staticmethod
    def _edge(sound: FloatArray, nearest: FloatArray, at: int) -> _Edge:
        level, edge = _rms(sound), _rms(nearest)
        return _Edge(at, level >= _ACTIVE, edge >= max(_ACTIVE, ABRUPT_SHARE * level))


def merge_gaps(gaps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of gaps (first sample, samples) of several channels, in order.

    Examples
    --------
    >>> merge_gaps([(100, 50), (10, 20), (120, 40)])
    [(10, 20), (100, 60)]
    """
    merged: list[tuple[int, int]] = []
    for begin, length in sorted(gaps):
        if merged and begin < sum(merged[-1]):
            start, old = merged[-1]
            merged[-1] = (start, max(old, begin + length - start))
        else:
            merged.append((begin, length))
    return merged


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
