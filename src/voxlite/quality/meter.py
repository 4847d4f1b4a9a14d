"""`QualityMeter`: every figure of a recording in one pass over its raw blocks.

The samples pushed are gathered into stretches on a fixed grid that depends only on the rate and the number
of channels, so the result is the same, to the bit, for any sizes of the blocks pushed. A stretch is a whole
number of hops of about 100 ms and at most a few megabytes; what is kept from it is one power per hop, the
running sums and the drop-outs.
"""

from __future__ import annotations

import copy
from math import log10

import numpy as np
from numpy.typing import NDArray

from voxlite.audio.audio import MAX_RATE_HZ, MIN_RATE_HZ
from voxlite.errors import AudioError
from voxlite.quality.clipping import ClippingCounter
from voxlite.quality.drop_outs import DropOutFinder, context_samples, merge_gaps
from voxlite.quality.kweighting import KWeighting
from voxlite.quality.loudness import channel_weights, integrated_loudness_lufs
from voxlite.quality.measures import DropOut, QualityMeasures
from voxlite.quality.spectrum import SpectrumMeter
from voxlite.values import FloatArray

MAX_LISTED_DROP_OUTS = 20
MIN_LOUDNESS_S = 0.4

_STRETCH_SAMPLES = 1 << 17
_STRETCH_MIN_FRAMES = 1 << 15
_LOUDEST = 1e6
"""Floating-point files may hold any finite number; beyond 120 dB over full scale its size means nothing."""


def hop_and_block(rate_hz: int) -> tuple[int, int]:
    """Return the samples per hop (100 ms, up to 1 % less at odd rates) and per filter block, which divides it.

    Examples
    --------
    >>> hop_and_block(16_000), hop_and_block(11_025)
    ((1600, 32), (1102, 29))
    """
    tenth = rate_hz // 10
    block = min(range(24, 41), key=lambda size: (tenth % size, abs(size - 32)))
    return tenth - tenth % block, block


class QualityMeter:
    """Measures a recording while it is decoded.

    Parameters
    ----------
    rate_hz
        Samples per second, 4 000 to 192 000.
    channels
        Channels of every block, at least 1.

    Raises
    ------
    AudioError
        If the rate or the number of channels is out of range.

    Examples
    --------
    >>> meter = QualityMeter(16_000, 1)
    >>> meter.push(np.full((16_000, 1), 0.5, dtype=np.float32))
    >>> meter.result().dc_offset
    0.5
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise AudioError(f"sampling rate {rate_hz} Hz is outside {MIN_RATE_HZ}..{MAX_RATE_HZ} Hz")
        if channels < 1:
            raise AudioError(f"a recording has at least 1 channel, got {channels}")
        self.rate_hz, self.channels = int(rate_hz), int(channels)
        self._hop, self._block = hop_and_block(self.rate_hz)
        frames = max(_STRETCH_SAMPLES // self.channels, _STRETCH_MIN_FRAMES)
        self._stretch = max(frames // self._hop, 1) * self._hop
        self._past = 2 * context_samples(self.rate_hz)
        self._buffer = np.zeros((self.channels, self._past + self._stretch), dtype=np.float32)
        self._filled = 0
        self._n_done = 0
        self._filter = KWeighting.design(self.rate_hz, self._block)
        self._filter_state = np.zeros((self.channels, 4))
        self._weights = channel_weights(self.channels)
        self._hop_powers: list[NDArray[np.float64]] = []
        self._sums = np.zeros(self.channels)
        self._squares = np.zeros(self.channels)
        self._peaks = np.zeros(self.channels, dtype=np.float32)
        self._spectrum = SpectrumMeter(self.rate_hz, self._hop)
        self._tops = [ClippingCounter(1.0) for _ in range(self.channels)]
        self._bottoms = [ClippingCounter(-1.0) for _ in range(self.channels)]
        self._finders = [DropOutFinder(self.rate_hz, self._hop) for _ in range(self.channels)]

    def push(self, block: FloatArray) -> None:
        """Take the next samples.

        Parameters
        ----------
        block
            float32[n, channels] (or [n] for one channel), full scale -1..1, any n.

        Raises
        ------
        AudioError
            If the shape does not fit, or a sample is NaN or infinite.
        """
        samples = np.asarray(block, dtype=np.float32)
        if samples.ndim == 1 and self.channels == 1:
            samples = samples[:, None]
        if samples.ndim != 2 or samples.shape[1] != self.channels:
            raise AudioError(f"a block is float32[n, {self.channels}] here, got shape {samples.shape}")
        at = 0
        while at < len(samples):
            n = min(len(samples) - at, self._stretch - self._filled)
            begin = self._past + self._filled
            self._buffer[:, begin : begin + n] = samples[at : at + n].T
            self._filled += n
            at += n
            if self._filled == self._stretch:
                self._measure()

    def result(self) -> QualityMeasures:
        """Return the figures of everything pushed so far; more may be pushed afterwards.

        Raises
        ------
        AudioError
            If a sample is NaN or infinite.
        """
        final = copy.deepcopy(self)
        if final._filled:
            final._measure()
        return final._measures()

    def _measure(self) -> None:
        """Measure the stretch in the buffer, filled up with zeros to whole hops, and empty it."""
        n_valid, hop = self._filled, self._hop
        used = -(-n_valid // hop) * hop
        self._buffer[:, self._past + n_valid : self._past + used] = 0.0
        buffer = self._buffer[:, : self._past + used]
        samples = buffer[:, self._past :]
        highs, lows = self._extremes(samples)
        hop_peaks = np.maximum(highs, -lows)
        np.maximum(self._peaks, hop_peaks.max(axis=1), out=self._peaks)
        self._squares += _dot(samples.reshape(self.channels, -1, hop)).sum(axis=1)
        self._weigh(samples, n_valid)
        self._spectrum.push(samples, n_valid)
        for c in range(self.channels):
            self._tops[c].push(samples[c, :n_valid], highs[c], hop)
            self._bottoms[c].push(samples[c, :n_valid], -lows[c], hop)
            self._finders[c].push(buffer[c], self._n_done, hop_peaks[c])
        self._buffer[:, : self._past] = self._buffer[:, used : used + self._past].copy()
        self._n_done += n_valid
        self._filled = 0

    def _extremes(self, samples: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the highest and lowest sample of every hop, float32[channels, hops]; refuse bad numbers."""
        hops = samples.reshape(self.channels, -1, self._hop)
        highs, lows = hops.max(axis=-1), hops.min(axis=-1)
        bad = ~(np.isfinite(highs) & np.isfinite(lows))
        if bad.any():
            at_s = (self._n_done + int(np.flatnonzero(bad.any(axis=0))[0]) * self._hop) / self.rate_hz
            raise AudioError(
                f"a sample near {at_s:.1f} s is NaN or infinite: the recording is damaged, export it again"
            )
        if max(highs.max(), -lows.min()) > _LOUDEST:
            np.clip(samples, -_LOUDEST, _LOUDEST, out=samples)
            np.clip(highs, -_LOUDEST, _LOUDEST, out=highs)
            np.clip(lows, -_LOUDEST, _LOUDEST, out=lows)
        return highs, lows

    def _weigh(self, samples: FloatArray, n_valid: int) -> None:
        """K-weight a stretch and keep the power of its whole hops; the plain sums come with it."""
        blocks = samples.reshape(self.channels, -1, self._block)
        filtered, self._filter_state, sums = self._filter.apply(blocks, self._filter_state)
        self._sums += sums.sum(axis=1)
        powers = _dot(filtered.reshape(self.channels, -1, self._hop)).astype(np.float64) / self._hop
        self._hop_powers.append((self._weights @ powers)[: n_valid // self._hop])

    def _measures(self) -> QualityMeasures:
        n, n_all = self._n_done, max(self._n_done * self.channels, 1)
        duration_s = n / self.rate_hz
        powers = np.concatenate([*self._hop_powers, np.zeros(0)])
        gaps = merge_gaps([gap for finder in self._finders for gap in finder.gaps])
        means = self._sums / max(n, 1)
        alive = self._peaks > 0.0
        return QualityMeasures(
            duration_s=duration_s,
            rate_hz=self.rate_hz,
            channels=self.channels,
            rms_dbfs=_dbfs(float(np.sqrt(self._squares.sum() / n_all))),
            peak_dbfs=_dbfs(float(self._peaks.max())),
            loudness_lufs=integrated_loudness_lufs(powers) if duration_s >= MIN_LOUDNESS_S else None,
            clipped_share=sum(counter.count for counter in (*self._tops, *self._bottoms)) / n_all,
            dc_offset=float(means[np.abs(means).argmax()]),
            bandwidth_hz=self._spectrum.bandwidth_hz(duration_s),
            n_drop_outs=len(gaps),
            drop_outs=tuple(
                DropOut(begin / self.rate_hz, length / self.rate_hz)
                for begin, length in gaps[:MAX_LISTED_DROP_OUTS]
            ),
            dead_channels=tuple((np.flatnonzero(~alive) + 1).tolist()) if alive.any() else (),
        )


def _dot(rows: FloatArray) -> FloatArray:
    """Return the sum of squares over the last axis."""
    squares: FloatArray = np.einsum("...i,...i->...", rows, rows)
    return squares


def _dbfs(amplitude: float) -> float | None:
    return 20.0 * log10(amplitude) if amplitude > 0.0 else None
