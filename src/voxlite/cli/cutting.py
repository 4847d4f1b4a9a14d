"""Copies stretches of a recording into files, in one pass and block by block.

One pass instead of seeking: lossy decoders seek inexactly, and a stretch must be the very samples that were judged.
Integers are made here from float32, which carries 16 and 24-bit sound exactly: libsndfile's own conversion would
shift loud samples by one step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from voxlite.audio import Recording
    from voxlite.values import FloatArray

_FLAC_CHANNELS = 8
_WAV_BYTES = (1 << 32) - (1 << 16)  # the size fields of a WAV file have 32 bits
_BYTES = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4}


class Container(str, Enum):
    """What pieces are written as."""

    WAV = "wav"
    FLAC = "flac"


@dataclass(frozen=True)
class Cut:
    """A stretch of the recording, seconds, and the file it goes to; equal targets in a row are joined."""

    start_s: float
    end_s: float
    target: Path


def cut_recording(source: str, cuts: Sequence[Cut], container: Container) -> None:
    """Write stretches of a recording, with its rate and channels, to their files.

    Parameters
    ----------
    source
        The recording.
    cuts
        Ascending, free of overlap; existing files are replaced.
    container
        What to write.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    VoxliteError
        If the container cannot hold it, or a file cannot be written.
    """
    from voxlite.audio import open_recording

    if not cuts:
        return
    with open_recording(source) as recording:
        writer = _Writer(recording, container, cuts)
        try:
            position = 0
            for block in recording.blocks():
                writer.take(block, position)
                position += len(block)
            writer.close()
        except BaseException:
            writer.discard()
            raise


class _Writer:
    """Sends blocks to the files of the cuts that they meet."""

    def __init__(self, recording: Recording, container: Container, cuts: Sequence[Cut]) -> None:
        self._rate_hz, self._channels = recording.rate_hz, recording.channels
        if container is Container.FLAC and self._channels > _FLAC_CHANNELS:
            raise VoxliteError(
                f"{recording.path}: FLAC holds at most {_FLAC_CHANNELS} channels, this has {self._channels}: "
                "use --format wav"
            )
        self._subtype = _subtype(recording.subtype, container)
        frames = sum(cut.end_s - cut.start_s for cut in cuts) * self._rate_hz
        large = frames * self._channels * _BYTES[self._subtype] > _WAV_BYTES
        self._format = "FLAC" if container is Container.FLAC else ("RF64" if large else "WAV")
        self._cuts = [
            (round(c.start_s * self._rate_hz), round(c.end_s * self._rate_hz), c.target) for c in cuts
        ]
        self._next = 0
        self._target: Path | None = None
        self._file: Any = None

    def take(self, block: FloatArray, position: int) -> None:
        """Write what the cuts want of a block, float32[n, channels], that begins at frame `position`."""
        while self._next < len(self._cuts):
            start, end, target = self._cuts[self._next]
            if start >= position + len(block):
                return
            part = block[max(0, start - position) : max(0, end - position)]
            if len(part):
                self._open(target)
                with _explained(target):
                    self._file.write(_integers(part) if self._subtype != "FLOAT" else part)
            if end > position + len(block):
                return
            self._next += 1

    def _open(self, target: Path) -> None:
        import soundfile

        if target == self._target:
            return
        self.close()
        # as bytes: soundfile knows no names that the locale cannot spell
        name = os.fsencode(target) if os.name == "posix" else target
        with _explained(target):
            self._file = soundfile.SoundFile(
                name, "w", self._rate_hz, self._channels, self._subtype, format=self._format
            )
        self._target = target

    def close(self) -> None:
        """Finish the file that is being written."""
        if self._file is not None:
            with _explained(self._target):
                self._file.close()
        self._file, self._target = None, None

    def discard(self) -> None:
        """Remove the file that is being written: half a piece is none."""
        target = self._target
        try:
            self.close()
        except VoxliteError:
            self._file = None
        if target is not None:
            target.unlink(missing_ok=True)


@contextmanager
def _explained(target: Path | None) -> Iterator[None]:
    """Raise what libsndfile says about writing a file as a VoxliteError that names it."""
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as error:
        why = str(error.error_string).strip().rstrip(".")
        raise VoxliteError(
            f"{target}: cannot be written ({why}): check its folder, the permissions and the space left"
        ) from error


def _subtype(subtype: str, container: Container) -> str:
    """Return the coding that keeps the recording's bits; lossy and 8-bit sound becomes 16-bit."""
    if container is Container.FLAC:
        return "PCM_24" if subtype in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE") else "PCM_16"
    return {"PCM_24": "PCM_24", "PCM_32": "PCM_32", "FLOAT": "FLOAT", "DOUBLE": "FLOAT"}.get(
        subtype, "PCM_16"
    )


def _integers(samples: FloatArray) -> Any:
    """Return int32 at full scale 2^31; louder than full scale is clipped."""
    import numpy as np

    scaled = np.round(samples.astype(np.float64) * 2.0**31)
    return np.clip(scaled, -(2**31), 2**31 - 1).astype(np.int32)
