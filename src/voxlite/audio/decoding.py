"""Open a sound file or standard input and decode it in blocks.

libsndfile (through soundfile) reads WAV, FLAC, OGG Vorbis, Opus, MP3, AIFF, CAF, W64, AU and more; what it
does not know goes to PyAV (`voxlite.audio.media`, the `media` extra) if the name or the first bytes say that
it is a media file. Content decides before the name: a WAV file called .m4a is read as WAV.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import soundfile

from voxlite.audio.quiet import quiet_stderr
from voxlite.audio.recording import Recording
from voxlite.errors import AudioError
from voxlite.values import FloatArray

_SOUND = "wav wave bwf rf64 w64 flac ogg oga opus mp3 mp2 aif aiff aifc caf au snd sph nist voc ircam avr"
_MEDIA = (
    "mp4 m4a m4b m4v mov 3gp 3g2 aac webm mka mkv amr awb wma wmv asf avi flv ac3 eac3 dts ape wv tta mpg mpeg ts "
    "qcp spx ra rm"
)
SOUND_EXTENSIONS = frozenset(f".{name}" for name in _SOUND.split())
MEDIA_EXTENSIONS = frozenset(f".{name}" for name in _MEDIA.split())
_SPOOL_BYTES = 16 << 20  # standard input is kept in memory up to here, then on disk
# On Windows libsndfile has a C runtime, and descriptors, of its own.
_SHARES_DESCRIPTORS = os.name == "posix"
_SALVAGE_FRAMES = 1_024  # step with which a damaged file is read up to the damage


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Open a recording for reading; nothing is decoded yet.

    Parameters
    ----------
    path
        A sound file, or "-" for standard input (kept in memory up to 16 MiB, then in a temporary file).

    Returns
    -------
    Recording
        A context manager; its `blocks()` yields the sound.

    Raises
    ------
    AudioError
        If the path is missing, a folder, unreadable, empty, not audio, has a damaged header, or its rate or
        channels are out of range.
    MissingExtraError
        If the format needs the `media` extra and it is not installed.

    Examples
    --------
    >>> with open_recording("samples/call.flac") as recording:  # doctest: +SKIP
    ...     seconds = sum(len(block) for block in recording.blocks()) / recording.rate_hz
    """
    name = _printable(os.fspath(path))
    if name == "-":
        return _open_stream("standard input", _spool(sys.stdin.buffer), "")
    source = _open_file(name, path)
    try:
        status = os.fstat(source.fileno())
        if not stat.S_ISREG(status.st_mode):  # a named pipe cannot seek, decoders must
            with source:
                return _open_stream(name, _spool(source), Path(path).suffix)
        return _open_stream(name, source, Path(path).suffix)
    except BaseException:
        source.close()
        raise


def _printable(path: str) -> str:
    return path if path.isprintable() else repr(path)  # an error stays one line whatever the file is called


def _open_file(name: str, path: str | os.PathLike[str]) -> IO[bytes]:
    try:
        # Unbuffered: libsndfile moves the descriptor itself, a buffer would not notice.
        return Path(path).open("rb", buffering=0)
    except FileNotFoundError:
        raise AudioError(f"{name}: no such file: check the path") from None
    except IsADirectoryError:
        raise AudioError(f"{name}: a folder, not a recording: name the files in it") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        why = error.strerror if isinstance(error, OSError) else error
        raise AudioError(f"{name}: cannot be opened ({why}): check the path and its permissions") from None


def _spool(source: IO[bytes]) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115  closed by the recording
    while chunk := source.read(1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return cast("IO[bytes]", spool)


def _open_stream(name: str, source: IO[bytes], suffix: str) -> Recording:
    head = source.read(16)
    source.seek(0)
    try:
        if not head:
            raise AudioError(f"{name}: the file is empty (0 bytes): record or copy it again")
        try:
            return SoundFileRecording(name, source, noisy=_looks_like_mpeg(head))
        except soundfile.LibsndfileError as error:
            suffix = suffix.lower()
            if not (suffix in MEDIA_EXTENSIONS or _looks_like_media(head)):
                raise AudioError(
                    f"{name}: not audio, or its header is damaged ({_reason(error)}): "
                    "export it again, as WAV or FLAC"
                ) from None
        from voxlite.audio.media import MediaRecording

        source.seek(0)
        return MediaRecording(name, source, suffix)
    except BaseException:
        source.close()
        raise


def _reason(error: soundfile.LibsndfileError) -> str:
    return " ".join(str(error.error_string).split()).rstrip(".").removeprefix("Error : ")


def _looks_like_mpeg(head: bytes) -> bool:
    return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


def _looks_like_media(head: bytes) -> bool:
    """Tell by the first bytes what libsndfile never reads: MP4, Matroska, AMR, ASF, FLV, WavPack, AAC."""
    return (
        head[4:8] == b"ftyp"
        or head.startswith((b"\x1a\x45\xdf\xa3", b"#!AMR", b"\x30\x26\xb2\x75", b"FLV", b"wvpk"))
        or head[:2] in (b"\xff\xf1", b"\xff\xf9")
    )


class _Nameless:
    """A binary file without its name: soundfile would take headerless formats from the ending."""

    def __init__(self, source: IO[bytes]) -> None:
        self.read, self.seek, self.tell = source.read, source.seek, source.tell


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read from the start to the end.

    soundfile seeks to the place it is at after each read, which some codecs cannot (DWVW) or do slowly (MP3).
    """

    def seekable(self) -> bool:
        """Tell soundfile not to."""
        return False


class SoundFileRecording(Recording):
    """A recording that libsndfile decodes.

    Parameters
    ----------
    name
        What errors call it.
    source
        A seekable binary file at its start; closed with the recording.
    noisy
        Whether the decoder may print to standard error by itself (MPEG).

    Raises
    ------
    AudioError
        If the rate or the channels are out of range.
    soundfile.LibsndfileError
        If libsndfile does not know the content.
    """

    def __init__(self, name: str, source: IO[bytes], *, noisy: bool = False) -> None:
        self._source = source
        self._noisy = noisy
        self._file = self._reopen()
        try:
            super().__init__(
                name,
                int(self._file.samplerate),
                int(self._file.channels),
                str(self._file.format),
                str(self._file.subtype),
                max(0, int(self._file.frames)),
            )
        except AudioError:
            self._file.close()
            raise

    def _reopen(self) -> Any:
        self._source.seek(0)
        with quiet_stderr(self._noisy):
            if isinstance(self._source, tempfile.SpooledTemporaryFile) or not _SHARES_DESCRIPTORS:
                return _ForwardFile(_Nameless(self._source))
            # By descriptor, never by name: libsndfile would take headerless formats from the extension.
            os.lseek(self._source.fileno(), 0, os.SEEK_SET)
            return _ForwardFile(self._source.fileno(), closefd=False)

    def close(self) -> None:
        """Release the file."""
        with quiet_stderr(self._noisy):
            self._file.close()
        self._source.close()

    def _read(self, frames: int) -> FloatArray:
        with quiet_stderr(self._noisy):
            block = self._file.read(out=np.empty((frames, self.channels), np.float32))
        return cast(FloatArray, block)

    def _decode(self, block_frames: int) -> Iterator[FloatArray]:
        try:
            while len(block := self._read(block_frames)):
                yield block
        except soundfile.LibsndfileError as error:
            self.damage = f"decoding stopped: {_reason(error)}"
            yield from self._salvage()
            if self.frames_read == 0:
                raise AudioError(
                    f"{self.path}: the sound in it cannot be decoded ({_reason(error)}): export it again"
                ) from None

    def _salvage(self) -> Iterator[FloatArray]:
        """Yield what lies before the damage but after the last whole block: one that fails is lost whole."""
        try:
            self._file.close()
            self._file = self._reopen()
            self._file.seek(self.frames_read)
            while len(block := self._read(_SALVAGE_FRAMES)):
                yield block
        except soundfile.LibsndfileError:
            return
