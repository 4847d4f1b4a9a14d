"""The compiled kernel of the front end (native/ in the sources), found at run time; nothing here is needed to work.

Where the library beside this file is missing, does not load or is of another version, `plan_for` returns None and the
callers take the NumPy path, which agrees within rounding. The environment variable VOXLITE_NATIVE says "off" for the
NumPy path or names an instruction set ("avx512", "avx2", "neon", "baseline", "scalar"); it is read at the first use.

The binding is ctypes: the library knows nothing of Python, so one file serves every version of it, needs a compiler
alone to be made for another machine, and runs without Python's lock.
"""

from __future__ import annotations

import ctypes
import os
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from voxlite.errors import FeatureError
from voxlite.frontend.checks import require_bands, require_samples
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.constants import dct_matrix, frame_geometry, hamming_window, mel_bank, twiddle_factors
from voxlite.values import FloatArray

VARIABLE = "VOXLITE_NATIVE"
LIBRARY = Path(__file__).with_name("_native.dll" if sys.platform == "win32" else "_native.so")
_ABI = 1  # VOXLITE_ABI in native/frontend.h
_FFT_SIZES = (16, 65_536)
_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_size_t
_SIGNATURES = {
    "voxlite_isa": (ctypes.c_char_p, [_SIZE]),
    "voxlite_plan_new": (_POINTER, [ctypes.c_char_p, *[_SIZE] * 5, *[_POINTER] * 4, ctypes.c_float]),
    "voxlite_plan_free": (None, [_POINTER]),
    "voxlite_log_mel": (ctypes.c_int, [_POINTER, _POINTER, _SIZE, _POINTER, _SIZE]),
    "voxlite_mfcc": (ctypes.c_int, [_POINTER, _POINTER, _SIZE, _POINTER, _SIZE]),
    "voxlite_cepstrum": (ctypes.c_int, [_POINTER, _POINTER, _POINTER, _SIZE]),
}


@dataclass(frozen=True)
class Kernel:
    """What was found: the library, and its instruction sets that this processor runs, the one in use first.

    Without a library, `isas` is empty and `detail` says why; `wanted` tells that VOXLITE_NATIVE chose.
    """

    library: ctypes.CDLL | None
    isas: tuple[str, ...]
    detail: str = ""
    wanted: bool = False


@lru_cache(maxsize=1)
def kernel() -> Kernel:
    """Return the kernel that this process uses.

    Raises
    ------
    FeatureError
        If VOXLITE_NATIVE names an instruction set that is not at hand.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked == "off":
        return Kernel(None, (), f"off by {VARIABLE}", wanted=True)
    found = load(LIBRARY)
    if not asked:
        return found
    if asked not in found.isas:
        at_hand = ", ".join(found.isas) or f"none ({found.detail})"
        raise FeatureError(f"{VARIABLE}={asked}: want off or one of the instruction sets at hand: {at_hand}")
    others = (name for name in found.isas if name != asked)
    return Kernel(found.library, (asked, *others), wanted=True)


def load(path: Path) -> Kernel:
    """Load a library and check that it is this version's."""
    if not path.is_file():
        return Kernel(None, (), f"no compiled kernel in this installation ({path.name})")
    try:
        library = ctypes.CDLL(str(path))
        version = library.voxlite_abi()
        if version != _ABI:
            return Kernel(
                None, (), f"{path.name} is of another version ({version}, not {_ABI}): install again"
            )
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        return Kernel(None, (), f"{path.name} does not load: {' '.join(str(error).split())}")
    isas: list[str] = []
    while (name := library.voxlite_isa(len(isas))) is not None:
        isas.append(name.decode())
    return Kernel(library, tuple(isas))


@lru_cache(maxsize=32)
def plan_for(config: FrontEndConfig, isa: str | None = None) -> Plan | None:
    """Return the compiled front end for a configuration, None where the NumPy path is to be taken.

    Parameters
    ----------
    config
        The front end.
    isa
        An instruction set; the fastest at hand if None.

    Raises
    ------
    FeatureError
        If the instruction set is not at hand.
    """
    here = kernel()
    if isa is not None and isa not in here.isas:
        raise FeatureError(f"instruction set {isa!r} is not at hand: {', '.join(here.isas) or here.detail}")
    low, high = _FFT_SIZES
    normal = np.float32(config.log_floor) >= np.finfo(np.float32).tiny  # the kernel's logarithm wants that
    fits = low <= config.fft_size <= high and normal and config.recipe == "plain"
    if here.library is None or not fits:
        return None
    try:
        return Plan(here.library, config, isa or here.isas[0])
    except FeatureError:  # no bin in a band: log_mel_numpy says so, and a cepstrum alone needs no bank
        return None


class Plan:
    """The compiled front end of one configuration; may be used from many threads at once.

    Methods agree with the NumPy path within rounding and give a frame the same bits whatever its neighbours are.
    """

    def __init__(self, library: ctypes.CDLL, config: FrontEndConfig, isa: str) -> None:
        self.config = config
        self.isa = isa
        self._library = library
        self._geometry = frame_geometry(config)
        window, hop = self._geometry.window, self._geometry.hop
        sizes = config.fft_size, window, hop, config.mel_bands, config.coefficients
        constants = [
            np.ascontiguousarray(array)
            for array in (
                hamming_window(window),
                twiddle_factors(config.fft_size),
                mel_bank(config),
                dct_matrix(config.mel_bands, config.coefficients),
            )
        ]
        pointers = [array.ctypes.data for array in constants]  # the library copies what it needs
        self._plan = library.voxlite_plan_new(isa.encode(), *sizes, *pointers, config.log_floor)
        if not self._plan:
            raise MemoryError(f"no memory for the front end's tables ({config.fft_size} points)")
        weakref.finalize(self, library.voxlite_plan_free, self._plan)

    def log_mel(self, samples: FloatArray) -> FloatArray:
        """Return log-mel energies, float32[frames, mel_bands], as `voxlite.frontend.log_mel`."""
        return self._features(self._library.voxlite_log_mel, samples, self.config.mel_bands)

    def mfcc(self, samples: FloatArray) -> FloatArray:
        """Return what `cepstrum(log_mel(samples))` returns, bit for bit, at once: float32[frames, coefficients]."""
        return self._features(self._library.voxlite_mfcc, samples, self.config.coefficients)

    def cepstrum(self, log_mel: FloatArray) -> FloatArray:
        """Return cepstral coefficients of float32[frames, mel_bands], as `voxlite.frontend.cepstrum`."""
        require_bands(log_mel, self.config)
        rows = np.require(log_mel, np.float32, ["C", "A"])
        out = np.empty((len(rows), self.config.coefficients), np.float32)
        self._check(self._library.voxlite_cepstrum(self._plan, rows.ctypes.data, out.ctypes.data, len(rows)))
        return out

    def _features(self, function: Callable[..., int], samples: FloatArray, columns: int) -> FloatArray:
        require_samples(samples)
        plain = np.require(samples, np.float32, ["C", "A"])
        out = np.empty((self._geometry.count(len(plain)), columns), np.float32)
        self._check(function(self._plan, plain.ctypes.data, len(plain), out.ctypes.data, len(out)))
        return out

    @staticmethod
    def _check(status: int) -> None:
        if status:
            raise MemoryError("no memory for the front end's working arrays")
