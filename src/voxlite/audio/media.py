"""Recordings that libsndfile does not know (mp4, m4a, aac, webm, amr, wma): PyAV, the extra `media`.

The first audio stream is read; pictures are skipped without decoding. Samples come out as the codec made them
and are scaled to -1..1 here, so no filter graph runs and the rate is the file's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from voxlite.audio.recording import Recording
from voxlite.errors import AudioError, MissingExtraError
from voxlite.values import FloatArray


def _import_av(suffix: str) -> Any:
    try:
        import av
        import av.error
    except ImportError:
        what = f"reading {suffix} files" if suffix else "reading this media format"
        raise MissingExtraError(what, "media") from None
    return av


class MediaRecording(Recording):
    """A recording that PyAV decodes.

    Parameters
    ----------
    name
        What errors call it.
    source
        A seekable binary file at its start; closed with the recording.
    suffix
        The file's extension with its dot, for the error when the extra is missing; may be empty.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    AudioError
        If it is not a media file, has no sound in it, or its rate or channels are out of range.
    """

    def __init__(self, name: str, source: IO[bytes], suffix: str = "") -> None:
        self._av = _import_av(suffix)
        self._source = source
        try:
            self._container = self._av.open(source, mode="r", metadata_errors="ignore")
        except (self._av.error.FFmpegError, ValueError) as error:
            raise AudioError(
                f"{name}: not audio, or its header is damaged ({_reason(error)}): "
                "export it again, as WAV or FLAC"
            ) from None
        try:
            if not self._container.streams.audio:
                raise AudioError(
                    f"{name}: no sound in it, only {self._container.format.name}: choose another file"
                )
            stream = self._container.streams.audio[0]
            codec = stream.codec_context
            claimed = float(stream.duration * stream.time_base) if stream.duration else 0.0
            super().__init__(
                name,
                int(codec.sample_rate or 0),
                int(codec.channels or 0),
                str(self._container.format.name).upper(),
                str(codec.name).upper(),
                round(max(0.0, claimed) * int(codec.sample_rate or 0)),
            )
        except AudioError:
            self._container.close()
            raise

    def close(self) -> None:
        """Release the file."""
        self._container.close()
        self._source.close()

    def _decode(self, block_frames: int) -> Iterator[FloatArray]:
        waiting: list[FloatArray] = []
        n_waiting = 0
        for part in self._frames():
            waiting.append(part)
            n_waiting += len(part)
            if n_waiting >= block_frames:
                joined = np.concatenate(waiting)
                whole = n_waiting - n_waiting % block_frames
                for first in range(0, whole, block_frames):
                    yield joined[first : first + block_frames].copy()
                waiting, n_waiting = [joined[whole:]], n_waiting - whole
        if n_waiting:
            yield np.concatenate(waiting)

    def _frames(self) -> Iterator[FloatArray]:
        n_decoded = 0
        try:
            for frame in self._container.decode(audio=0):
                if frame.sample_rate != self.rate_hz or frame.layout.nb_channels != self.channels:
                    self.damage = "decoding stopped: the rate or the channels change midway"
                    return
                part = _to_float(frame, self.channels)
                n_decoded += len(part)
                yield part
        except self._av.error.FFmpegError as error:
            if n_decoded == 0:
                raise AudioError(
                    f"{self.path}: the sound in it cannot be decoded ({_reason(error)}): export it again"
                ) from None
            self.damage = f"decoding stopped: {_reason(error)}"


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())


def _to_float(frame: Any, channels: int) -> FloatArray:
    """Return an `av.AudioFrame` as float32[n, channels], full scale -1..1."""
    samples = frame.to_ndarray()
    interleaved = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        scaled = (interleaved.astype(np.float32) - 128) / np.float32(128)
    elif np.issubdtype(samples.dtype, np.integer):
        scaled = interleaved.astype(np.float32) / np.float32(-float(np.iinfo(samples.dtype).min))
    else:
        scaled = interleaved
    return np.ascontiguousarray(scaled, np.float32)
