"""The recording inside its page: embedded as it is, embedded as FLAC, linked, or left out."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
import pytest
import soundfile

from voxlite.audio import open_recording
from voxlite.report.page import media
from voxlite.report.page.media import MOST_EMBEDDED_BYTES, page_audio

RATE_HZ = 16_000


def sound(seconds: float = 1.0, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (round(seconds * RATE_HZ), channels))


def content_of(uri: str) -> tuple[str, bytes]:
    head, code = uri.split(",", 1)
    assert head.startswith("data:")
    assert head.endswith(";base64")
    return head[len("data:") : -len(";base64")], base64.b64decode(code)


@pytest.mark.parametrize(
    ("name", "subtype", "kind"),
    [
        ("a.wav", "PCM_16", "audio/wav"),
        ("a.wav", "PCM_U8", "audio/wav"),
        ("a.wav", "FLOAT", "audio/wav"),
        ("a.flac", "PCM_24", "audio/flac"),
        ("a.ogg", "VORBIS", "audio/ogg"),
        ("a.opus", "OPUS", "audio/ogg"),
        ("a.mp3", "MPEG_LAYER_III", "audio/mpeg"),
    ],
)
def test_what_browsers_play_is_embedded_byte_for_byte(tmp_path, name, subtype, kind):
    path = tmp_path / name
    soundfile.write(path, sound(channels=2), RATE_HZ, subtype, format="OGG" if name == "a.opus" else None)
    audio = page_audio(str(path), tmp_path / "a.html")
    assert audio.embedded
    assert content_of(audio.uri) == (kind, path.read_bytes())
    assert "as it was" in audio.note


@pytest.mark.parametrize(
    ("name", "subtype", "channels"),
    [("a.wav", "ULAW", 1), ("a.wav", "IMA_ADPCM", 1), ("a.aiff", "PCM_16", 2), ("a.wav", "PCM_16", 9)],
)
def test_anything_else_becomes_flac(tmp_path, name, subtype, channels):
    path = tmp_path / name
    soundfile.write(path, sound(channels=channels), RATE_HZ, subtype)
    audio = page_audio(str(path), tmp_path / "a.html")
    kind, content = content_of(audio.uri)
    samples, rate_hz = soundfile.read(io.BytesIO(content))
    n_samples = soundfile.info(path).frames  # block codecs pad
    assert (kind, rate_hz, samples.shape) == ("audio/flac", RATE_HZ, (n_samples,))
    assert content[:4] == b"fLaC"
    assert "FLAC" in audio.note


def test_too_loud_samples_do_not_wrap_around(tmp_path):
    path = tmp_path / "a.aiff"
    loud = 4 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
    soundfile.write(path, loud, RATE_HZ, "FLOAT")
    samples, _ = soundfile.read(io.BytesIO(content_of(page_audio(str(path), tmp_path / "a.html").uri)[1]))
    np.testing.assert_allclose(samples[2_000:], np.clip(loud, -1, 1)[2_000:], atol=0.35)


def test_above_the_limit_a_recording_is_linked_from_where_its_page_lies(tmp_path):
    (tmp_path / "calls").mkdir()
    path = tmp_path / "calls" / "a b#?%é<i>.wav"
    soundfile.write(path, np.zeros(MOST_EMBEDDED_BYTES // 2), RATE_HZ, "PCM_16")
    assert path.stat().st_size > MOST_EMBEDDED_BYTES
    audio = page_audio(str(path), tmp_path / "pages" / "a.html")
    assert not audio.embedded
    assert not set(audio.uri) & set(" #?<>\"'")
    assert ":" not in audio.uri
    found = Path(
        os.path.normpath(os.fsencode(tmp_path / "pages") + b"/" + unquote_to_bytes(audio.uri)).decode()
    )
    assert found == path
    assert "not in this page" in audio.note


def test_a_name_like_a_scheme_is_still_a_file(tmp_path, monkeypatch):
    path = tmp_path / "javascript:alert(1).wav"
    soundfile.write(path, sound(), RATE_HZ, "PCM_16")
    monkeypatch.setattr(media, "MOST_EMBEDDED_BYTES", 1_000)
    assert page_audio(str(path), tmp_path / "a.html").uri == "javascript%3Aalert%281%29.wav"


def test_a_long_recording_that_browsers_do_not_play_is_linked_and_told(tmp_path, monkeypatch):
    path = tmp_path / "a.aiff"
    soundfile.write(path, sound(20), RATE_HZ, "PCM_16")
    monkeypatch.setattr(media, "MOST_EMBEDDED_BYTES", 100_000)
    audio = page_audio(str(path), tmp_path / "a.html")
    assert audio.uri == "a.aiff"
    assert "may not play its format" in audio.note


def test_a_copy_that_will_be_gone_is_never_linked(tmp_path, monkeypatch):
    path = tmp_path / "stdin"
    soundfile.write(path, sound(), RATE_HZ, "PCM_16", format="WAV")
    assert page_audio(str(path), tmp_path / "a.html", may_link=False).embedded
    monkeypatch.setattr(media, "MOST_EMBEDDED_BYTES", 1_000)
    audio = page_audio(str(path), tmp_path / "a.html", may_link=False)
    assert audio.uri == ""
    assert "not kept" in audio.note


def test_media_that_soundfile_does_not_know(tmp_path):
    av = pytest.importorskip("av", reason="needs the media extra")
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound().T.astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with open_recording(path) as recording:
        assert recording.format in media._PLAYED
    assert content_of(page_audio(str(path), tmp_path / "a.html").uri) == ("audio/mp4", path.read_bytes())


def test_another_drive_is_linked_in_full(tmp_path, monkeypatch):
    def no_way(*_):
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(media.os.path, "relpath", no_way)
    assert media._link("/calls/a.wav", tmp_path / "a.html") == "file:///calls/a.wav"
