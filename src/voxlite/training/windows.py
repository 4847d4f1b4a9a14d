"""Fixed evaluation windows: the loudest second of each clip, clean, noisy, band-limited or cut short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from voxlite.training import augment
from voxlite.training.corpus import SOUND_KINDS, Clip, at_most, select
from voxlite.training.store import SampleStore
from voxlite.values import FloatArray

_SEARCH_STEP_S = 0.1
_NOISE_KINDS = ("nonhuman", "music")


@dataclass(frozen=True)
class Windows:
    """Labelled windows of equal length.

    Parameters
    ----------
    samples
        float32[n, window].
    is_voice
        bool[n].
    sources, kinds
        Where each window came from.
    """

    samples: FloatArray
    is_voice: np.ndarray
    sources: tuple[str, ...]
    kinds: tuple[str, ...]


def every(windows: Windows, n: int, first: int = 0) -> Windows:
    """Return each `n`-th window, from `first` on."""
    part = slice(first, None, n)
    return Windows(windows.samples[part], windows.is_voice[part], windows.sources[part], windows.kinds[part])


def loudest(samples: FloatArray, n: int, step: int) -> FloatArray:
    """Return the loudest `n` samples, searched every `step`, zero-padded at the end when there are fewer."""
    if len(samples) <= n:
        return np.pad(samples, (0, n - len(samples)))
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(0, len(samples) - n + 1, step)
    best = int(starts[np.argmax(energy[starts + n] - energy[starts])])
    return samples[best : best + n]


def protocol_clips(clips: Sequence[Clip], split: str, *, free_only: bool = False) -> list[Clip]:
    """Return the clips of the published protocol: at most 80 per (source, kind), 0.5 s or longer."""
    chosen = select(clips, split=split, kinds=("speech", *SOUND_KINDS), free_only=free_only)
    return [clip for clip in at_most(chosen, 80) if clip.duration_s >= 0.5]


def clean_windows(clips: Sequence[Clip], store: SampleStore, seconds: float = 1.0) -> Windows:
    """Return the loudest `seconds` of each clip."""
    n, step = int(seconds * store.rate_hz), int(_SEARCH_STEP_S * store.rate_hz)
    return Windows(
        samples=np.stack([loudest(store.samples(clip), n, step) for clip in clips]),
        is_voice=np.array([clip.kind == "speech" for clip in clips]),
        sources=tuple(clip.source for clip in clips),
        kinds=tuple(clip.kind for clip in clips),
    )


def with_noise(windows: Windows, snr_db: float, seed: int = 0) -> Windows:
    """Mix other windows of nonhuman sounds and music into the voices; the negatives stay as they are.

    The ratio is of the windows' mean powers.
    """
    rng = np.random.default_rng(seed)
    noises = np.flatnonzero([kind in ("nonhuman", "music") for kind in windows.kinds])
    audible = [i for i in noises if augment.rms(windows.samples[i]) > 1e-4]
    samples = windows.samples.copy()
    for index in np.flatnonzero(windows.is_voice):
        noise = windows.samples[audible[rng.integers(len(audible))]]
        ratio = 10 ** (-snr_db / 20) * augment.rms(samples[index]) / augment.rms(noise)
        samples[index] = samples[index] + noise * np.float32(ratio)
    return Windows(samples, windows.is_voice, windows.sources, windows.kinds)


def telephone(windows: Windows, rate_hz: int) -> Windows:
    """Pass every window through 8 kHz, 300..3400 Hz and mu-law."""
    rows = np.stack([by_telephone(row, rate_hz) for row in windows.samples])
    return Windows(rows, windows.is_voice, windows.sources, windows.kinds)


def by_telephone(samples: FloatArray, rate_hz: int) -> FloatArray:
    """Pass sound through 8 kHz, 300..3400 Hz and mu-law; it keeps its length."""
    import soxr

    size = len(samples)
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    band = ((hz >= 300) & (hz <= 3400)).astype(np.float32)
    limited = np.fft.irfft(np.fft.rfft(samples) * band, size).astype(np.float32)
    narrow = soxr.resample(limited, rate_hz, 8_000)
    level = np.log1p(255 * np.minimum(np.abs(narrow), 1)) / np.log(256)
    coded = np.sign(narrow) * np.round(level * 127) / 127
    decoded = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    wide = soxr.resample(decoded.astype(np.float32), 8_000, rate_hz)[:size]
    return np.pad(wide, (0, size - len(wide))).astype(np.float32)


def in_silence(windows: Windows, n: int, seed: int = 0) -> Windows:
    """Place each window at a random time into `n` samples of digital silence: a lone syllable, a single knock."""
    rng = np.random.default_rng(seed)
    samples = np.zeros((len(windows.samples), n), np.float32)
    for row, window in zip(samples, windows.samples, strict=True):
        at = int(rng.integers(0, n - len(window) + 1))
        row[at : at + len(window)] = window
    return Windows(samples, windows.is_voice, windows.sources, windows.kinds)


def noises_of(clips: Sequence[Clip], split: str) -> list[Clip]:
    """Return the clips of a split that may be mixed into voices."""
    return [clip for clip in clips if clip.split == split and clip.kind in _NOISE_KINDS]


def in_noises(
    sounds: Sequence[FloatArray], others: Sequence[FloatArray], snr_db: float, seed: int
) -> Iterator[FloatArray]:
    """Yield each sound with a random other one, repeated to its length, so far below its active level."""
    rng = np.random.default_rng(seed)
    audible = [other for other in others if len(other) > 800 and augment.rms(other) > 1e-4]
    for sound in sounds:
        other = np.resize(audible[rng.integers(len(audible))], len(sound))
        gain = augment.active_rms(sound) * 10 ** (-snr_db / 20) / max(augment.active_rms(other), 1e-8)
        yield sound + other * np.float32(gain)
