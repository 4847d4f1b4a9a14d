"""Live sound from a microphone through PortAudio: extra `mic`; the same chain as a file's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from voxlite.audio.reading import Conformer, Tap, working_rate
from voxlite.errors import AudioError, MissingExtraError
from voxlite.values import FloatArray


def _import_sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise MissingExtraError("live listening", "mic") from None
    except OSError as error:  # the package is there, the PortAudio library is not
        raise AudioError(
            f"live listening: the PortAudio library cannot be loaded ({error}): install libportaudio2"
        ) from None
    return sounddevice


def microphone(
    rate_hz: int = 16_000,
    device: int | str | None = None,
    block_s: float = 0.05,
    tap: Tap | None = None,
) -> Iterator[FloatArray]:
    """Listen to a microphone until the caller stops iterating; the device is closed then, or on `close()`.

    Parameters
    ----------
    rate_hz
        Rate of the result, 4 000..32 000. A device that cannot record at it records at its own and is
        resampled.
    device
        PortAudio's number or part of the name of the device; None takes the system's default.
    block_s
        Seconds per block, above 0 and at most 1; the delay grows with it.
    tap
        Called with each recorded block, float32[n, 1] at the device's rate.

    Yields
    ------
    float32[n]
        Mono, at `rate_hz`, band-limited.

    Raises
    ------
    AudioError
        If there is no such device, it cannot be opened or stops, or an argument is out of range.
    MissingExtraError
        If sounddevice is not installed.

    Examples
    --------
    >>> for block in microphone():  # doctest: +SKIP
    ...     segments = stream.push(block)
    """
    rate_hz = working_rate(rate_hz, rate_hz)
    if not 0 < block_s <= 1:
        raise AudioError(f"block_s {block_s}: must be above 0 and at most 1 second")
    sounddevice = _import_sounddevice()
    name = "the default microphone" if device is None else f"microphone {device!r}"
    try:
        device_hz = _device_rate(sounddevice, device, rate_hz)
        conformer = Conformer(device_hz, rate_hz)
        block_frames = max(1, round(block_s * device_hz))
        with sounddevice.InputStream(
            samplerate=device_hz, channels=1, dtype="float32", blocksize=block_frames, device=device
        ) as stream:
            while True:
                # Samples that an overflow lost are gone; what follows is still good, so listening goes on.
                block, _overflowed = stream.read(block_frames)
                block = np.ascontiguousarray(block, np.float32)
                if tap is not None:
                    tap(block)
                if len(ready := conformer.push(block[:, 0])):
                    yield ready
    except (sounddevice.PortAudioError, ValueError) as error:
        why = " ".join(str(error).split())
        raise AudioError(f"{name} cannot be used ({why}): connect one or choose another device") from None


def _device_rate(sounddevice: Any, device: int | str | None, rate_hz: int) -> int:
    """Return `rate_hz` if the device can record at it, else the device's own rate."""
    try:
        sounddevice.check_input_settings(device=device, channels=1, dtype="float32", samplerate=rate_hz)
    except sounddevice.PortAudioError:
        return round(float(sounddevice.query_devices(device, "input")["default_samplerate"]))
    return rate_hz
