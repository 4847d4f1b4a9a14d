"""The short clips for tests and first tries: one source each, at the rate and bandwidth it came with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import sample_sound as sound
from sample_sources import GAME_WORDS, Shelf


@dataclass(frozen=True)
class Clip:
    """A clip cut out of one or more sources put one after the other.

    Parameters
    ----------
    name
        File name under samples/.
    sources
        Keys of `sample_sources.SOURCES`, in order; a key may repeat.
    rate_hz
        Sampling rate of the clip.
    from_s, length_s
        The part used.
    peak
        Peak of the clip, full scale 1.
    gap_s
        Digital silence between the sources.
    """

    name: str
    sources: tuple[str, ...]
    rate_hz: int
    from_s: float = 0.0
    length_s: float = 4.0
    peak: float = 0.5
    gap_s: float = 0.0


CLIPS = (
    Clip("voice-fr-telephone.flac", ("fr-intro",), 8_000, from_s=0.70, length_s=3.0),
    Clip("voice-es-telephone.flac", ("es-options",), 8_000, from_s=0.50, length_s=3.5),
    Clip("voice-en-radio.flac", ("en-radio-man",), 8_000, from_s=10.00, length_s=3.2),
    Clip("voice-en-wideband.flac", ("front-center", "rear-left"), 48_000, gap_s=0.3),
    Clip("noise-typing.flac", ("key", "key", "key", "key-enter") * 2, 16_000, gap_s=0.08),
    Clip("noise-traffic.flac", ("traffic",), 16_000, length_s=3.0, peak=0.2),
    Clip("noise-ring.flac", ("old-phone", "old-phone"), 16_000, gap_s=0.4),
    Clip("noise-printer.flac", ("printer",), 16_000, from_s=2.0, length_s=3.0, peak=0.2),
    Clip("music.flac", ("music-calm",), 32_000, from_s=30.0, length_s=4.0),
)

_PEOPLE = (("woman", "female2"), ("man", "male2"))
SPEAKERS = (
    *(
        Clip(f"speaker-armelle-{number}.flac", (key,), 8_000, from_s=0.3, length_s=length_s)
        for number, (key, length_s) in enumerate(
            (("fr-dir-intro", 4.5), ("fr-queue-youarenext", 4.0), ("fr-vm-newuser", 3.5)), 1
        )
    ),
    *(
        Clip(f"speaker-july-{number}.flac", (key,), 8_000, from_s=0.3, length_s=length_s)
        for number, (key, length_s) in enumerate(
            (("es-conf-usermenu", 4.5), ("es-dir-intro", 4.0), ("es-queue-periodic-announce", 3.5)), 1
        )
    ),
    *(
        Clip(
            f"speaker-{name}-{number}.flac",
            tuple(f"game-{voice}-{word}" for word in words),
            16_000,
            gap_s=0.1,
        )
        for name, voice in _PEOPLE
        for number, words in enumerate(GAME_WORDS[voice], 1)
    ),
)
"""Three recordings each of four people, for `voxlite demo speaker`."""

ORIGINALS = {
    "original-44100-stereo.wav": "key-enter",
    "original-44100-stereo.ogg": "en-game-man",
    "original-8000-unsigned-8bit.wav": "ring-back-8-bit",
    "original-8000-mulaw.wav": "en-cross",
}
"""Files copied as they are: formats a reader has to cope with."""


def build_clip(clip: Clip, shelf: Shelf) -> sound.Samples:
    """Return a clip's samples, float64[n] at its own rate, faded at both ends."""
    gap = np.zeros(round(clip.gap_s * clip.rate_hz))
    pieces: list[sound.Samples] = []
    for key in clip.sources:
        pieces += [sound.edges(sound.read(shelf.path(key), clip.rate_hz)), gap]
    whole = np.concatenate(pieces[:-1])
    first = round(clip.from_s * clip.rate_hz)
    part = sound.edges(whole[first : first + round(clip.length_s * clip.rate_hz)])
    return part * (clip.peak / np.abs(part).max())
