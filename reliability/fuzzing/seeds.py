"""Whole files of every kind, from which the mutated ones are made; the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from reliability.fuzzing.mutations import Edit, draw, draw_json, put
from reliability.writers import PASSPHRASE, batch, opened
from voxlite.audio import read_audio
from voxlite.runtime import shipped_models
from voxlite.voiceprints import export_prints

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_RATE_HZ = 16_000


@dataclass(frozen=True)
class Seed:
    """A whole file.

    Parameters
    ----------
    kind
        What handles it: "sound", "model", "metadata", "store", "export", "truth", "trials" or "bundle".
    name
        With the ending that the file carries.
    data
        Its content.
    lies
        Edits made by hand, by name: claims of the header that no random edit is likely to make.
    document
        JSON in the file whose values are mutated instead of its bytes; empty where there is none.
    """

    kind: str
    name: str
    data: bytes
    lies: tuple[tuple[str, list[Edit]], ...] = ()
    document: bytes = b""

    def edits(self, rng: random.Random) -> list[Edit]:
        """Return edits drawn for this file: of its bytes, or of the JSON document in it, in as many bytes."""
        if not self.document or rng.random() < 0.1:
            return draw(self.data, rng)
        for _ in range(20):
            made = draw_json(self.document.decode(), rng).encode()
            if len(made) <= len(self.document):
                break
        made = made[: len(self.document)].ljust(len(self.document))
        return [["put", self.data.find(self.document), made.hex()]]


def seeds(folder: Path) -> list[Seed]:
    """Return all seeds; those that PyAV reads are left out where it is not installed."""
    made = [*_sounds(), *_media(), *_models(), *_texts()]
    return [*made, *_stores(folder)]


def _sound() -> Any:
    voice = read_audio(SAMPLES / "voice-en-radio.flac", _RATE_HZ).samples[: _RATE_HZ * 3 // 2]
    return np.concatenate([np.zeros(_RATE_HZ // 4, np.float32), voice])


def _sounds() -> Iterator[Seed]:
    sound = _sound()
    rows = [
        ("pcm16.wav", "WAV", "PCM_16"), ("pcm24.wav", "WAV", "PCM_24"), ("float.wav", "WAV", "FLOAT"),
        ("double.wav", "WAV", "DOUBLE"), ("u8.wav", "WAV", "PCM_U8"), ("mulaw.wav", "WAV", "ULAW"),
        ("ima.wav", "WAV", "IMA_ADPCM"), ("ms.wav", "WAV", "MS_ADPCM"), ("gsm.wav", "WAV", "GSM610"),
        ("wavex.wav", "WAVEX", "PCM_16"), ("rf64.wav", "RF64", "PCM_16"), ("w64.w64", "W64", "PCM_16"),
        ("aiff.aiff", "AIFF", "PCM_16"), ("au.au", "AU", "PCM_16"), ("caf.caf", "CAF", "PCM_16"),
        ("alac.caf", "CAF", "ALAC_16"), ("flac.flac", "FLAC", "PCM_16"), ("vorbis.ogg", "OGG", "VORBIS"),
        ("opus.opus", "OGG", "OPUS"), ("mp3.mp3", "MP3", "MPEG_LAYER_III"), ("voc.voc", "VOC", "PCM_16"),
        ("nist.sph", "NIST", "PCM_16"), ("ircam.sf", "IRCAM", "PCM_16"), ("svx.iff", "SVX", "PCM_16"),
    ]  # fmt: skip
    for name, container, coding in rows:
        out = BytesIO()
        soundfile.write(out, sound, _RATE_HZ, coding, format=container)
        yield Seed("sound", name, out.getvalue(), _lies(name))


def _lies(name: str) -> tuple[tuple[str, list[Edit]], ...]:
    """Return headers that claim 800 MHz, 117 channels, 10^12 frames, a negative or an impossible size."""
    wav = {
        "800 MHz": put(24, "<I", 800_000_000),
        "no rate": put(24, "<I", 0),
        "117 channels": put(22, "<H", 117),
        "32 channels": put(22, "<H", 32),
        "no channels": put(22, "<H", 0),
        "no block": put(32, "<H", 0),
        "no bits": put(34, "<H", 0),
        "a negative size": put(40, "<i", -1000),
        "a negative format": put(16, "<i", -1),
        "another coding": put(20, "<H", 0x55),
    }
    lies: dict[str, dict[str, list[Edit]]] = {
        "pcm16.wav": wav,
        "rf64.wav": {"10^12 frames": put(28, "<Q", 2 * 10**12) + put(36, "<Q", 10**12)},
        "au.au": {
            "800 MHz": put(16, ">I", 800_000_000),
            "117 channels": put(20, ">I", 117),
            "a size of 4 GiB": put(8, ">I", 2**32 - 2),
            "sound before the file": put(4, ">i", -64),
        },
        "aiff.aiff": {"10^9 frames": put(22, ">I", 10**9), "117 channels": put(20, ">H", 117)},
        "w64.w64": {"10^12 bytes": put(16, "<Q", 10**12), "a negative size": put(16, "<q", -1)},
        "caf.caf": {
            "a rate that is no number": put(20, ">Q", 0x7FF8 << 48),
            "117 channels": put(44, ">I", 117),
        },
        "flac.flac": {"10^10 frames": put(22, ">I", 2**32 - 1), "no rate": put(18, ">I", 0)},
    }
    always = {"nothing": [["cut", 0]], "one byte": [["cut", 1]], "a header alone": [["cut", 44]]}
    return tuple((always | lies.get(name, {})).items())


def _media() -> Iterator[Seed]:
    if find_spec("av") is None:
        return
    for name, container, codec, rate_hz in (
        ("aac.m4a", "mp4", "aac", 16_000), ("aac.aac", "adts", "aac", 16_000), ("opus.webm", "webm", "libopus", 48_000),
        ("amr.amr", "amr", "libopencore_amrnb", 8_000), ("wma.wma", "asf", "wmav2", 16_000),
        ("alac.mp4", "mp4", "alac", 16_000),
    ):  # fmt: skip
        data = _encoded(container, codec, rate_hz)
        if data is not None:
            yield Seed("sound", name, data, (("nothing", [["cut", 0]]), ("a header alone", [["cut", 40]])))


def _encoded(container: str, codec: str, rate_hz: int) -> bytes | None:
    """Return the sound in a media container, None where this PyAV has no encoder for it."""
    import av
    import av.error

    out = BytesIO()
    samples = read_audio(SAMPLES / "voice-en-radio.flac", min(rate_hz, 32_000)).samples[:24_000]
    try:
        with av.open(out, "w", format=container) as target:
            stream: Any = target.add_stream(codec, rate=rate_hz, layout="mono")
            frame = av.AudioFrame.from_ndarray((samples[None] * 32_767).astype(np.int16), "s16", "mono")
            frame.sample_rate = min(rate_hz, 32_000)
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                target.mux(packet)
    except (av.error.FFmpegError, ValueError):
        return None
    return out.getvalue()


def _models() -> Iterator[Seed]:
    from voxlite.runtime.metadata import METADATA_NAME, read_part

    for model in shipped_models():
        content = model.path.read_bytes()
        text = read_part(content, METADATA_NAME, str(model.path)) or b""
        if model.metadata.task in ("voice", "speaker", "gender"):
            yield Seed("model", f"{model.metadata.task}.tflite", content)
            yield Seed("metadata", f"{model.metadata.task}.tflite", content, document=text)


def _texts() -> Iterator[Seed]:
    yield Seed("truth", "call.truth.csv", (SAMPLES / "call.truth.csv").read_bytes())
    yield Seed(
        "trials", "trials.txt", b"same one.wav two.wav\ndifferent one.wav three.wav\n1 a.wav b.wav\n" * 3
    )


def _stores(folder: Path) -> Iterator[Seed]:
    store, export = folder / "seed.vault", folder / "seed.voiceprints"
    with opened(store) as vault:
        for name in ("Ada", "Bob", "Cleo"):
            vault.add(*batch(name))
        export_prints(vault, export, PASSPHRASE, iterations=1_000)
    yield Seed("store", "voices.vault", store.read_bytes())
    yield Seed("export", "voices.voiceprints", export.read_bytes())
    store.unlink()
    export.unlink()
