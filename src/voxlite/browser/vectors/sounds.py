"""The sounds of the browser client's vectors: real recordings, and made-up ones that take a client other ways."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxlite.audio import Audio, open_recording
from voxlite.bundle.sounds import synthetic_sounds
from voxlite.values import FloatArray

_SAMPLES = Path(__file__).parents[4] / "samples"
_RECORDINGS = (
    "voice-en-wideband.flac",
    "voice-fr-telephone.flac",
    "speaker-man-1.flac",
    "noise-typing.flac",
    "original-44100-stereo.wav",
    "original-8000-unsigned-8bit.wav",
)
_MADE_UP = ("silence", "short", "white-noise", "sine", "moving-noise", "buzz", "telephone")


@dataclass(frozen=True)
class RawSound:
    """A sound as it was recorded.

    Parameters
    ----------
    name
        Of the files that hold it: letters, digits, hyphens.
    rate_hz
        Samples per second and channel.
    samples
        float32[n, channels].
    """

    name: str
    rate_hz: int
    samples: FloatArray


def raw_sounds() -> list[RawSound]:
    """Return all sounds, always the same.

    Raises
    ------
    AudioError
        If a sample recording cannot be read: they lie in a checkout, not in a wheel.
    """
    made_up = {sound.name: sound.audio for sound in synthetic_sounds()}
    found = [RawSound(name, made_up[name].rate_hz, made_up[name].samples[:, None]) for name in _MADE_UP]
    for file in _RECORDINGS:
        with open_recording(str(_SAMPLES / file)) as recording:
            samples = np.concatenate(list(recording.blocks()))
            found.append(RawSound(Path(file).stem, recording.rate_hz, samples))
    return [*found, _brief(made_up["telephone"]), _damaged()]


def _brief(voice: Audio) -> RawSound:
    """Return 0.2 s out of a voice: nothing is decided on so little."""
    begin = voice.rate_hz // 2
    return RawSound("brief", voice.rate_hz, voice.samples[begin : begin + voice.rate_hz // 5, None])


def _damaged() -> RawSound:
    """Return three channels: one clipped, with gaps and an offset, one faint, one dead."""
    rng = np.random.default_rng(5)
    rate_hz = 22_050
    t = np.arange(int(2.1 * rate_hz)) / rate_hz
    tone = 0.02 + 0.9 * np.sin(2 * np.pi * 190 * t) * (1 + 0.5 * np.sin(2 * np.pi * 3 * t))
    hiss = 1e-3 * rng.standard_normal(len(t))
    clipped = np.where(np.abs(tone) < 0.7, tone + hiss, np.clip(tone, -0.7, 0.7))
    for begin, length in ((4_000, 400), (9_000, 2_205), (15_000, 80), (20_000, 12_000), (40_000, 111)):
        clipped[begin : begin + length] = 0.0
    faint = 0.003 * rng.standard_normal(len(t))
    samples = np.stack([clipped, faint, np.zeros(len(t))], axis=1)
    return RawSound("damaged", rate_hz, samples.astype(np.float32))
