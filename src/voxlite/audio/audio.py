"""`Audio`: the one value that carries a sampling rate."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np

from voxlite.errors import AudioError
from voxlite.values import FloatArray

MIN_RATE_HZ = 4_000
MAX_RATE_HZ = 192_000


@dataclass(frozen=True)
class Audio:
    """Mono sound in memory.

    Parameters
    ----------
    samples
        float32[n], full scale -1..1 (louder is kept, never wrapped); any array-like of finite numbers is
        converted. At least one sample.
    rate_hz
        Samples per second, 4 000 to 192 000.

    Raises
    ------
    AudioError
        If the samples are empty, not one-dimensional, NaN or infinite, or the rate is out of range.
    """

    samples: FloatArray
    rate_hz: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples)
        if samples.ndim != 1:
            raise AudioError(
                f"Audio wants one channel, float32[n], got shape {samples.shape}: "
                "mix down first or use Audio.read"
            )
        if samples.size == 0:
            raise AudioError("the audio is empty (0 samples): nothing to analyse")
        if not np.issubdtype(samples.dtype, np.floating):
            raise AudioError(
                f"Audio wants floating-point samples in -1..1, got {samples.dtype}: "
                "divide integers by full scale"
            )
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        if not np.isfinite(samples).all():
            at = int(np.flatnonzero(~np.isfinite(samples))[0])
            raise AudioError(f"sample {at} is NaN or infinite: the recording is damaged, export it again")
        rate_hz = int(self.rate_hz)
        if rate_hz != self.rate_hz or not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise AudioError(f"sampling rate {self.rate_hz} Hz is outside {MIN_RATE_HZ}..{MAX_RATE_HZ} Hz")
        object.__setattr__(self, "samples", samples)
        object.__setattr__(self, "rate_hz", rate_hz)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz

    @classmethod
    def read(cls, path: str | PathLike[str], rate_hz: int | None = None) -> Audio:
        """Read a recording: decoded in blocks, mixed down, resampled, band-limited.

        Parameters
        ----------
        path
            A sound file in any supported format.
        rate_hz
            Rate of the result, at most 32 000; None keeps the file's own rate up to 32 kHz.

        Raises
        ------
        AudioError
            If the file is missing, empty, not audio, damaged, or holds NaN or infinite samples.
        MissingExtraError
            If the format needs the `media` extra.

        Examples
        --------
        >>> audio = Audio.read("samples/call.flac", rate_hz=16_000)  # doctest: +SKIP
        """
        from voxlite.audio.reading import read_audio

        return read_audio(path, rate_hz)
