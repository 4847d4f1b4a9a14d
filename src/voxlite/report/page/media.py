"""The recording inside its page: embedded up to `MOST_EMBEDDED_BYTES`, linked above.

What browsers play is embedded as it is; anything else is decoded and embedded as FLAC, mono, up to 32 kHz, read and
written block by block.
"""

from __future__ import annotations

import base64
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import soundfile

from voxlite.audio import Recording, open_recording, stream_audio, working_rate

MOST_EMBEDDED_BYTES = 10_000_000
_PCM = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")
_PLAYED = {
    "WAV": ("audio/wav", _PCM),
    "WAVEX": ("audio/wav", _PCM),
    "FLAC": ("audio/flac", ("PCM_S8", "PCM_16", "PCM_24")),
    "OGG": ("audio/ogg", ("VORBIS", "OPUS")),
    "MP3": ("audio/mpeg", ("MPEG_LAYER_III",)),
    "MOV,MP4,M4A,3GP,3G2,MJ2": ("audio/mp4", ("AAC", "MP3FLOAT", "MP3")),
    "MATROSKA,WEBM": ("audio/webm", ("OPUS", "VORBIS")),
    "AAC": ("audio/aac", ("AAC",)),
}
"""By container, as `Recording.format` names it: media type, and codings that Chromium, Firefox and Safari play."""
_MOST_CHANNELS = 8


@dataclass(frozen=True)
class PageAudio:
    """Where the player gets its sound.

    Parameters
    ----------
    uri
        A data URI or a relative address; empty where there is none.
    note
        In plain words, what is played and where it lies.
    embedded
        Whether the sound travels with the page.
    """

    uri: str
    note: str
    embedded: bool


def page_audio(path: str, page: Path, *, may_link: bool = True) -> PageAudio:
    """Return the sound for a page.

    Parameters
    ----------
    path
        The recording.
    page
        Where the page will lie; a link starts there.
    may_link
        Whether the recording stays where it is; False for a temporary copy.

    Raises
    ------
    AudioError, MissingExtraError
        As `open_recording`.
    """
    with open_recording(path) as recording:
        kind = _kind(recording)
        rate_hz = working_rate(recording.rate_hz)
    n_bytes = Path(path).stat().st_size
    limit = f"{MOST_EMBEDDED_BYTES // 1_000_000} MB"
    if kind and n_bytes <= MOST_EMBEDDED_BYTES:
        note = f"The recording itself is in this page, as it was ({_size(n_bytes)})."
        return PageAudio(_data_uri(kind, Path(path).read_bytes()), note, True)
    content = None if kind else _as_flac(path, rate_hz)
    if content:
        note = f"Browsers do not play this format: a copy as FLAC, mono, is in this page ({_size(len(content))})."
        return PageAudio(_data_uri("audio/flac", content), note, True)
    if not may_link:
        return PageAudio("", f"Sound from standard input is not kept where it exceeds {limit}.", False)
    note = f"The recording exceeds {limit} and is not in this page: keep both where they lie, or send both."
    if not kind:
        note += " Browsers may not play its format: convert it to FLAC or MP3 to listen."
    return PageAudio(_link(path, page), note, False)


def _kind(recording: Recording) -> str:
    """Return the media type of a recording that browsers play as it is, else ""."""
    kind, codings = _PLAYED.get(recording.format, ("", ()))
    return kind if recording.subtype in codings and recording.channels <= _MOST_CHANNELS else ""


def _as_flac(path: str, rate_hz: int) -> bytes | None:
    """Return a recording as FLAC, None as soon as it grows beyond what is embedded."""
    with tempfile.TemporaryFile(prefix="voxlite-") as file:
        with soundfile.SoundFile(file, "w", rate_hz, 1, "PCM_16", format="FLAC") as flac:
            for block in stream_audio(path, rate_hz):
                flac.write(block.clip(-1.0, 1.0))
                if file.tell() > MOST_EMBEDDED_BYTES:
                    return None
        file.seek(0)
        content = file.read()
    return content if len(content) <= MOST_EMBEDDED_BYTES else None


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _link(path: str, page: Path) -> str:
    """Return the address of a recording as seen from its page, relative where the system has one root."""
    there, here = Path(path).absolute(), page.absolute().parent
    try:
        relative = os.path.relpath(there, here)
    except ValueError:  # another drive on Windows
        return there.as_uri()
    return quote(os.fsencode(relative.replace(os.sep, "/")))


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{max(1, round(n_bytes / 1e3))} kB"
