"""The K-weighting of ITU-R BS.1770-4 at any rate, as a filter that works on blocks by matrix products.

The recommendation tabulates two second-order sections at 48 kHz: a high shelf (the head) and a high-pass (the
"RLB" curve). Both are bilinear transforms of analogue prototypes; with K = tan(pi f0 / rate):

    shelf      b = (Vh + Vb K/Q + K^2,  2 (K^2 - Vh),  Vh - Vb K/Q + K^2) / a0
    high-pass  b = g (1, -2, 1) / a0
    both       a0 = 1 + K/Q + K^2,  a1 = 2 (K^2 - 1) / a0,  a2 = (1 - K/Q + K^2) / a0

The constants below give the table back at 48 kHz. The table's high-pass leaves out the division by a0, which
is a gain of 0.04 dB there; that gain g is kept at every rate, so that one sound has one loudness whatever
its rate.

A recursive filter in plain NumPy would be a loop over samples. As a state-space system (A, B, C, D) taken L
samples at a time it is y = X T + S O and s' = s A^L + x U: matrix products over all blocks at once, and the
states by a scan that doubles its reach, log2(memory of the filter / L) products.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tan

import numpy as np
from numpy.typing import NDArray

from voxlite.values import FloatArray

_SHELF_HZ, _SHELF_GAIN_DB, _SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
_SHELF_EXPONENT = 0.4996667741545416
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
_TABLE_RATE_HZ = 48_000
_NEGLIGIBLE = 1e-12

Section = tuple[tuple[float, float, float], tuple[float, float]]
DoubleArray = NDArray[np.float64]


def k_weighting_sections(rate_hz: float) -> tuple[Section, Section]:
    """Return the two second-order sections ((b0, b1, b2), (a1, a2)), shelf first, for a rate in Hz.

    Examples
    --------
    >>> (b, a), _ = k_weighting_sections(48_000)
    >>> round(b[0], 6), round(a[0], 6)
    (1.535125, -1.690659)
    """
    k = tan(pi * _SHELF_HZ / rate_hz)
    high = 10.0 ** (_SHELF_GAIN_DB / 20.0)
    band = high**_SHELF_EXPONENT
    a0, feedback = _denominator(k, _SHELF_Q)
    shelf = (
        (high + band * k / _SHELF_Q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - band * k / _SHELF_Q + k * k) / a0,
    )
    table_a0, _ = _denominator(tan(pi * _HIGH_PASS_HZ / _TABLE_RATE_HZ), _HIGH_PASS_Q)
    low_a0, low_feedback = _denominator(tan(pi * _HIGH_PASS_HZ / rate_hz), _HIGH_PASS_Q)
    gain = table_a0 / low_a0
    return (shelf, feedback), ((gain, -2.0 * gain, gain), low_feedback)


def _denominator(k: float, q: float) -> tuple[float, tuple[float, float]]:
    """Return a0 and (a1, a2) / a0 of a bilinear second-order section."""
    a0 = 1.0 + k / q + k * k
    return a0, (2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)


def _state_space(section: Section) -> tuple[DoubleArray, DoubleArray, DoubleArray, float]:
    """Return A[2, 2], B[2], C[2], D of one section (transposed direct form two)."""
    (b0, b1, b2), (a1, a2) = section
    a = np.array([[-a1, 1.0], [-a2, 0.0]])
    return a, np.array([b1 - a1 * b0, b2 - a2 * b0]), np.array([1.0, 0.0]), b0


def _cascade(rate_hz: float) -> tuple[DoubleArray, DoubleArray, DoubleArray, float]:
    """Return A[4, 4], B[4], C[4], D of both sections in a row; white noise gives states of unit power."""
    (a1, b1, c1, d1), (a2, b2, c2, d2) = map(_state_space, k_weighting_sections(rate_hz))
    a = np.block([[a1, np.zeros((2, 2))], [np.outer(b2, c1), a2]])
    b = np.concatenate([b1, b2 * d1])
    c = np.concatenate([d2 * c1, c2])
    # The direct form's states near DC are large numbers that cancel, at 192 kHz beyond what float32 holds.
    # In the coordinates where the controllability Gramian is the identity they do not.
    gramian, power = np.outer(b, b), a.copy()
    while np.abs(power).max() > _NEGLIGIBLE:
        gramian = gramian + power @ gramian @ power.T
        power = power @ power
    scale = np.linalg.cholesky(gramian)
    inverse = np.linalg.inv(scale)
    return inverse @ a @ scale, inverse @ b, c @ scale, d1 * d2


@dataclass(frozen=True)
class KWeighting:
    """The filter for one rate and block length; holds no state of its own.

    Parameters
    ----------
    direct
        float32[L, L], output of a block from its own input.
    observe
        float32[4, L], output of a block from the state before it.
    drive
        float32[L, 5], what a block adds to the state after it (4) and the plain sum of its samples (1), which
        comes with the same product.
    carry
        float64[4, 4] each, the state's decay over 1, 2, 4, ... blocks until nothing is left.
    """

    direct: FloatArray
    observe: FloatArray
    drive: FloatArray
    carry: tuple[DoubleArray, ...]

    @classmethod
    def design(cls, rate_hz: float, block: int) -> KWeighting:
        """Build the matrices for a rate in Hz and blocks of `block` samples."""
        a, b, c, d = _cascade(rate_hz)
        powers = [np.eye(4)]
        for _ in range(block):
            powers.append(powers[-1] @ a)
        response = np.array([d] + [c @ p @ b for p in powers[: block - 1]])
        lag = np.arange(block)[None, :] - np.arange(block)[:, None]
        direct = np.where(lag >= 0, response[np.abs(lag)], 0.0)
        drive = np.array([[*(powers[block - 1 - i] @ b), 1.0] for i in range(block)])
        observe = np.array([c @ p for p in powers[:block]]).T
        carry, step = [], powers[block].T
        while np.abs(step).max() > _NEGLIGIBLE:
            carry.append(step)
            step = step @ step
        return cls(
            direct=direct.astype(np.float32),
            observe=observe.astype(np.float32),
            drive=drive.astype(np.float32),
            carry=tuple(carry),
        )

    def apply(self, blocks: FloatArray, state: DoubleArray) -> tuple[FloatArray, DoubleArray, DoubleArray]:
        """Filter consecutive blocks.

        Parameters
        ----------
        blocks
            float32[channels, n, L].
        state
            float64[channels, 4], zeros at the start of a recording.

        Returns
        -------
        filtered
            float32[channels, n, L].
        state
            float64[channels, 4], to go on from.
        sums
            float64[channels, n], sum of the unfiltered samples of each block.
        """
        driven = blocks @ self.drive
        n = blocks.shape[1]
        states = np.empty((len(blocks), n + 1, 4))
        states[:, 0] = state
        states[:, 1:] = driven[..., :4]
        reach = 1
        for decay in self.carry:
            if reach > n:
                break
            states[:, reach:] += states[:, :-reach] @ decay
            reach *= 2
        filtered = blocks @ self.direct
        filtered += states[:, :-1].astype(np.float32) @ self.observe
        return filtered, states[:, -1].copy(), driven[..., 4].astype(np.float64)
