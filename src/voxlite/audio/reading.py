"""The way of every sound into voxlite: blocks -> mean of the channels -> resample -> band-limit.

Files, pipes, microphones and arrays all go through one `Conformer`, which gives the same samples however its
input is cut; so offline and live analysis see the same sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np

from voxlite.audio.audio import MAX_RATE_HZ, MIN_RATE_HZ, Audio
from voxlite.audio.banding import MAX_BAND_RATE_HZ, BandLimiter
from voxlite.audio.decoding import open_recording
from voxlite.audio.recording import MAX_LEVEL, Recording, within_level
from voxlite.audio.resampling import Resampler
from voxlite.errors import AudioError
from voxlite.values import FloatArray

Tap = Callable[[FloatArray], object]
"""Receives each decoded block, float32[n, channels], before anything is done to it; must not change it."""

_STEP_SAMPLES = 65_536  # an array in memory goes through the chain in such steps


def working_rate(file_hz: int, rate_hz: int | None = None) -> int:
    """Return the rate to work at: `rate_hz`, or the file's own up to 32 kHz if None.

    Raises
    ------
    AudioError
        If `rate_hz` is outside 4 000..32 000.
    """
    if rate_hz is None:
        return min(file_hz, MAX_BAND_RATE_HZ)
    if int(rate_hz) != rate_hz or not MIN_RATE_HZ <= rate_hz <= MAX_BAND_RATE_HZ:
        raise AudioError(f"rate_hz {rate_hz}: must be {MIN_RATE_HZ}..{MAX_BAND_RATE_HZ} Hz, choose 16000")
    return int(rate_hz)


def mix_down(block: FloatArray) -> FloatArray:
    """Return the mean of the channels, float32[n], of float32[n, channels]; a view if there is one."""
    channels = block.shape[1]
    if channels == 1:
        return block[:, 0]
    if channels > 4:
        return np.asarray(np.einsum("ij->i", block) * np.float32(1 / channels), np.float32)
    mixed = block[:, 0] + block[:, 1]  # column by column: NumPy's mean over a short axis is ten times slower
    for channel in range(2, channels):
        mixed += block[:, channel]
    mixed *= np.float32(1 / channels)
    return mixed


class Conformer:
    """Resampling and band-limiting of mono chunks of any size.

    Parameters
    ----------
    in_hz
        Rate of the input, 4 000..192 000.
    out_hz
        Rate of the output, 4 000..32 000.

    Raises
    ------
    AudioError
        If a rate is out of range.

    Notes
    -----
    `push` may return nothing for some time and `flush` returns the rest; together they are n * out_hz / in_hz
    samples, rounded, at least 1. Equal bit by bit for any chunking. Silence stays exactly zero.
    """

    def __init__(self, in_hz: int, out_hz: int) -> None:
        if not MIN_RATE_HZ <= in_hz <= MAX_RATE_HZ:
            raise AudioError(f"sampling rate {in_hz} Hz is outside {MIN_RATE_HZ}..{MAX_RATE_HZ} Hz")
        self.in_hz = in_hz
        self.out_hz = working_rate(in_hz, out_hz)
        self._resampler = Resampler(self.in_hz, self.out_hz)
        self._limiter = BandLimiter(self.out_hz)
        self._n_in = 0

    def push(self, samples: FloatArray) -> FloatArray:
        """Take floating-point [n], full scale -1..1; return what is ready, float32[m].

        Raises
        ------
        AudioError
            If the samples are not one-dimensional floats, or NaN, infinite or absurdly large.
        """
        samples = self._checked(samples)
        self._n_in += len(samples)
        return self._limiter.push(self._resampler.push(samples))

    def flush(self) -> FloatArray:
        """End the sound: return the rest, float32[m], and start anew."""
        rest = self._limiter.push(self._resampler.flush())
        self.reset()
        return rest

    def reset(self) -> None:
        """Forget everything; the next `push` starts a new sound."""
        self._resampler.reset()
        self._limiter.reset()
        self._n_in = 0

    def _checked(self, samples: FloatArray) -> FloatArray:
        samples = np.asarray(samples)
        if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
            raise AudioError(
                f"push wants mono floating-point samples in -1..1, got {samples.dtype} of shape "
                f"{samples.shape}: mix down and divide integers by full scale"
            )
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        if samples.size and not within_level(samples):
            at = self._n_in + int(np.flatnonzero(~(np.abs(samples) <= MAX_LEVEL))[0])
            raise AudioError(
                f"sample {at} ({at / self.in_hz:.3f} s) is NaN, infinite or absurdly large: "
                "the sound is damaged"
            )
        return samples


def stream_audio(
    source: str | os.PathLike[str] | Recording, rate_hz: int | None, tap: Tap | None = None
) -> Iterator[FloatArray]:
    """Decode a recording in blocks, ready for analysis; memory does not grow with its length.

    Parameters
    ----------
    source
        A path, "-" for standard input, or an opened `Recording` (which stays open).
    rate_hz
        Rate of the result, 4 000..32 000; None keeps the file's own up to 32 kHz.
    tap
        Called with each decoded block, float32[n, channels] at the file's rate, before mix-down.

    Yields
    ------
    float32[n]
        Mono, at `rate_hz`, band-limited; n varies and is never 0.

    Raises
    ------
    AudioError, MissingExtraError
        As `open_recording` and `Recording.blocks`; a rate out of range.
    """
    if isinstance(source, Recording):
        yield from _stream(source, rate_hz, tap)
        return
    with open_recording(source) as recording:
        yield from _stream(recording, rate_hz, tap)


def _stream(recording: Recording, rate_hz: int | None, tap: Tap | None) -> Iterator[FloatArray]:
    conformer = Conformer(recording.rate_hz, working_rate(recording.rate_hz, rate_hz))
    for block in recording.blocks():
        if tap is not None:
            tap(block)
        if len(ready := conformer.push(mix_down(block))):
            yield ready
    if len(rest := conformer.flush()):
        yield rest


def read_audio(path: str | os.PathLike[str], rate_hz: int | None = None) -> Audio:
    """Read a whole recording into memory: decoded in blocks, mixed down, resampled, band-limited.

    Parameters
    ----------
    path
        A sound file in any supported format, or "-" for standard input.
    rate_hz
        Rate of the result, 4 000..32 000; None keeps the file's own up to 32 kHz.

    Raises
    ------
    AudioError
        If the file is missing, empty, not audio, damaged, or holds NaN or infinite samples; a rate out of
        range.
    MissingExtraError
        If the format needs the `media` extra.
    """
    with open_recording(path) as recording:
        out_hz = working_rate(recording.rate_hz, rate_hz)
        return Audio(np.concatenate(list(stream_audio(recording, out_hz))), out_hz)


def conform(audio: Audio, rate_hz: int | None = None) -> Audio:
    """Send sound from memory through the same chain as a file.

    Parameters
    ----------
    audio
        Sound at any rate.
    rate_hz
        Rate of the result, 4 000..32 000; None keeps its own up to 32 kHz.

    Raises
    ------
    AudioError
        If the rate is out of range or samples are absurdly large.
    """
    conformer = Conformer(audio.rate_hz, working_rate(audio.rate_hz, rate_hz))
    steps = range(0, len(audio.samples), _STEP_SAMPLES)
    parts = [conformer.push(audio.samples[first : first + _STEP_SAMPLES]) for first in steps]
    return Audio(np.concatenate([*parts, conformer.flush()]), conformer.out_hz)
