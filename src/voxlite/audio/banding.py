"""Band-limiting: a second-order Butterworth high-pass at 20 Hz that removes DC and rumble.

    H(z) = b0 (1 - z^-1)^2 / ((1 - p z^-1)(1 - p* z^-1))
    k = tan(pi 20 / rate),   b0 = 1 / (1 + sqrt(2) k + k^2)

(bilinear transform of the analogue prototype). In partial fractions it needs one complex state w:

    y[n] = b0 x[n] + 2 Re(R w[n]),   w[n+1] = p w[n] + x[n],   R = b0 (p - 1)^2 / (p - p*)

whose update is a rotation with shrinkage, so float32 rounding never builds up. A recursion sample by sample
is slow in NumPy; here it runs over an absolute grid of tiles, each a few small matrix products on three
levels (samples in a row, rows in a group, groups in a tile). A tile that is not full yet is computed with
zeros in the future, which the causal matrices multiply by zero. So each output is made by the same
instructions whatever the size of a push, nothing is held back, and the values are equal bit by bit for any
chunking.

The upper edge, min(20 kHz, Nyquist), needs no filter: nothing here runs above 32 kHz, whose Nyquist frequency
of 16 kHz lies below it, and the resampler has removed what was above.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from voxlite.errors import AudioError
from voxlite.values import FloatArray

LOW_EDGE_HZ = 20.0
MAX_BAND_RATE_HZ = 32_000

_ROW = 32  # samples in a row
_ROWS = 16  # rows in a group
_GROUPS = 32  # groups in a tile
_TILE = _ROW * _ROWS * _GROUPS
_STACK = 64
"""Rows in one product: too few for a linear-algebra library to wake its threads, which costs a hundred times the
product where other programs keep the cores busy, and rounds by the number of cores."""
_SILENT_STATE = 1e-12  # -240 dB: a fainter memory is dropped, so that silence becomes exactly zero

ComplexArray = NDArray[np.complex64]


class _Matrices(NamedTuple):
    """The filter on its grid; state is w scaled by |1 - p| so that full scale stays near one."""

    row: FloatArray  # [_ROW, _ROW], samples -> outputs of the row, upper triangular
    enter: FloatArray  # [_ROW, 2], samples -> state that the row adds at its end, real and imaginary
    leave: FloatArray  # [2, _ROW], state at the row's start -> outputs
    rows: ComplexArray  # [_ROWS, _ROWS + 1], row ends -> states at the starts of the rows and the group's end
    rows_decay: ComplexArray  # [_ROWS], the group's starting state -> row starts
    groups: ComplexArray  # [_GROUPS, _GROUPS + 1], the same one level up
    groups_decay: ComplexArray  # [_GROUPS + 1]


def biquad(rate_hz: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the filter as one second-order section, (b0, b1, b2) and (1, a1, a2), for other implementations.

    Its poles lie so close to one that a recursion needs float64.
    """
    b0, pole = _design(rate_hz)
    return (b0, -2 * b0, b0), (1.0, -2 * pole.real, abs(pole) ** 2)


def _design(rate_hz: int) -> tuple[float, complex]:
    """Return the gain b0 and the pole p."""
    k = float(np.tan(np.pi * LOW_EDGE_HZ / rate_hz))
    b0 = 1 / (1 + 2**0.5 * k + k * k)
    real = (1 - k * k) * b0
    return b0, complex(real, float(np.sqrt((1 - 2**0.5 * k + k * k) * b0 - real * real)))


@lru_cache(maxsize=16)
def _matrices(rate_hz: int) -> _Matrices:
    b0, pole = _design(rate_hz)
    scale = abs(1 - pole)
    residue = b0 * (pole - 1) ** 2 / (pole - pole.conjugate()) / scale
    n = np.arange(_ROW)
    lag = n[None, :] - n[:, None]
    echo = np.where(lag > 0, 2 * np.real(residue * scale * pole ** np.maximum(lag - 1, 0)), 0.0)
    enter = scale * pole ** (_ROW - 1 - n)
    leave = 2 * residue * pole**n
    per_row, per_group = pole**_ROW, pole ** (_ROW * _ROWS)
    return _Matrices(
        row=np.asarray(echo + b0 * np.eye(_ROW), np.float32),
        enter=np.stack([enter.real, enter.imag], axis=1).astype(np.float32),
        leave=np.stack([leave.real, -leave.imag]).astype(np.float32),
        rows=_carry(per_row, _ROWS),
        rows_decay=(per_row ** np.arange(_ROWS)).astype(np.complex64),
        groups=_carry(per_group, _GROUPS),
        groups_decay=(per_group ** np.arange(_GROUPS + 1)).astype(np.complex64),
    )


def _carry(decay: complex, count: int) -> ComplexArray:
    """Return the matrix that turns what each of `count` units adds into the states before and after them."""
    age = np.arange(count + 1)[None, :] - 1 - np.arange(count)[:, None]
    return np.asarray(np.where(age >= 0, decay ** np.maximum(age, 0), 0), np.complex64)


class BandLimiter:
    """High-pass at 20 Hz for chunks of any size; as many samples come out as went in, at once.

    Parameters
    ----------
    rate_hz
        Sampling rate, 4 000..32 000.

    Raises
    ------
    AudioError
        If the rate is out of range.

    Notes
    -----
    -3 dB at 20 Hz, -24 dB at 5 Hz, -0.05 dB at 60 Hz; DC vanishes. Samples must be finite. Digital silence
    stays exactly zero, and is so again within a second of a sound's end.
    """

    def __init__(self, rate_hz: int) -> None:
        if not 4_000 <= rate_hz <= MAX_BAND_RATE_HZ:
            raise AudioError(f"band-limiting at {rate_hz} Hz: the rate must be 4000..{MAX_BAND_RATE_HZ} Hz")
        self.rate_hz = rate_hz
        self._matrices = _matrices(rate_hz)
        self._tile = np.zeros(_TILE, np.float32)
        self._result = np.empty(_TILE, np.float32)
        self._echo = np.empty((_ROWS * _GROUPS, _ROW), np.float32)
        self._filled = 0
        self._state = np.complex64(0)

    def push(self, samples: FloatArray) -> FloatArray:
        """Take float32[n]; return float32[n], band-limited."""
        samples = np.ascontiguousarray(samples, np.float32)
        out = np.empty(len(samples), np.float32)
        done = 0
        while done < len(samples):
            n = min(_TILE - self._filled, len(samples) - done)
            chunk, place = samples[done : done + n], out[done : done + n]
            if n == _TILE:
                self._advance(self._filter(chunk, place))
            else:
                self._push_part(chunk, place)
            done += n
        return out

    def _push_part(self, chunk: FloatArray, place: FloatArray) -> None:
        """Add a chunk to the tile that is being filled and put its filtered samples into `place`."""
        first, last = self._filled, self._filled + len(chunk)
        self._tile[first:last] = chunk
        end_state = self._filter(self._tile, self._result)
        place[:] = self._result[first:last]
        self._filled = last
        if last == _TILE:
            self._advance(end_state)
            self._tile[:] = 0
            self._filled = 0

    def _advance(self, state: np.complex64) -> None:
        self._state = state if abs(state) > _SILENT_STATE else np.complex64(0)

    def _filter(self, tile: FloatArray, result: FloatArray) -> np.complex64:
        """Filter a tile, float32[_TILE], into `result`; return the state behind it."""
        m = self._matrices
        x, y = tile.reshape(-1, _ROW), result.reshape(-1, _ROW)
        np.matmul(x.reshape(-1, _STACK, _ROW), m.row, out=y.reshape(-1, _STACK, _ROW))
        added = np.matmul(x, m.enter).view(np.complex64).reshape(_GROUPS, _ROWS)
        local = np.matmul(added, m.rows)  # [_GROUPS, _ROWS + 1]
        group_states = np.matmul(local[:, _ROWS], m.groups) + self._state * m.groups_decay
        row_states = local[:, :_ROWS] + group_states[:_GROUPS, None] * m.rows_decay
        np.matmul(row_states.view(np.float32).reshape(-1, 2), m.leave, out=self._echo)
        y += self._echo
        return cast(np.complex64, group_states[_GROUPS])

    def flush(self) -> FloatArray:
        """End the sound; nothing is held back, so float32[0]. Starts anew."""
        self.reset()
        return np.zeros(0, np.float32)

    def reset(self) -> None:
        """Forget everything; the next `push` starts a new sound."""
        self._tile[:] = 0
        self._filled = 0
        self._state = np.complex64(0)
