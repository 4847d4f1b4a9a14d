"""Reading, levelling and marking the source sounds of the samples: 16 kHz mono float64, 10 ms frames.

Activity: level of 10 ms frames; a stretch counts from where it rises over `low_db` if it reaches `core_db`
somewhere, pauses up to `MIN_GAP_S` belong to it. Voice uses thresholds relative to its own loud frames, noise an
absolute one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = RATE_HZ // 100
MIN_GAP_S = 0.3
MIN_VOICE_FRAMES = 8
MIN_CONSONANT_FRAMES, MAX_CONSONANT_GAP = 3, 12
NOISE_FLOOR_DB = -55.0

Samples = NDArray[np.float64]
Spans = list[tuple[int, int]]
"""Half-open ranges of 10 ms frames."""


def read(path: Path, rate_hz: int = RATE_HZ) -> Samples:
    """Return a sound file mixed down and resampled; raw GSM 06.10 (`.gsm`) is taken as 8 kHz mono."""
    if path.suffix == ".gsm":
        samples, file_hz = soundfile.read(
            path, format="RAW", subtype="GSM610", samplerate=8_000, channels=1, always_2d=True
        )
    else:
        samples, file_hz = soundfile.read(path, always_2d=True)
    mono = samples.mean(axis=1)
    # Rumble nobody hears must not count as level. The offset compensation of a GSM encoder starts with a step that
    # takes 0.3 s to fade, so such files lose all under the telephone band and their first 20 ms.
    mono = _high_pass(mono, file_hz, 120.0 if path.suffix == ".gsm" else 20.0)
    if path.suffix == ".gsm":
        mono[: file_hz // 50] = 0.0
    return mono if file_hz == rate_hz else soxr.resample(mono, file_hz, rate_hz, quality="VHQ")


def _high_pass(samples: Samples, rate_hz: int, low_hz: float) -> Samples:
    """Return the sound with nothing up to `low_hz` and everything from twice that on."""
    padded = np.concatenate([samples, np.zeros(rate_hz // 10)])
    spectrum = np.fft.rfft(padded)
    hz = np.fft.rfftfreq(len(padded), 1.0 / rate_hz)
    spectrum *= 0.5 - 0.5 * np.cos(np.pi * np.clip(hz / low_hz - 1.0, 0.0, 1.0))
    return np.fft.irfft(spectrum, len(padded))[: len(samples)]


def frame_db(samples: Samples) -> Samples:
    """Return the level of every whole 10 ms frame in dBFS (a full-scale square wave is 0)."""
    n_frames = len(samples) // FRAME
    power = np.square(samples[: n_frames * FRAME]).reshape(n_frames, FRAME).mean(axis=1)
    return 10.0 * np.log10(power + 1e-12)


def active_db(samples: Samples, spans: Spans) -> float:
    """Return the level over the given frames only, dBFS."""
    power = np.concatenate([np.square(samples[a * FRAME : b * FRAME]) for a, b in spans])
    return float(10.0 * np.log10(power.mean() + 1e-12))


def _runs(flags: NDArray[np.bool_]) -> Spans:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _merge(spans: Spans, max_gap: int) -> Spans:
    merged: Spans = []
    for start, end in spans:
        if merged and start - merged[-1][1] <= max_gap:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def voice_spans(samples: Samples, low_db: float = 30.0, core_db: float = 16.0) -> Spans:
    """Return where a clean recording holds its voice.

    Parameters
    ----------
    samples
        A clean announcement, float64[n].
    low_db, core_db
        How far under the loud frames (95th percentile) a voice may fall at its edges, and what a stretch has to
        reach somewhere to be voice by itself: breaths and clicks do not.

    Returns
    -------
    Spans
        Ascending; pauses between them are longer than `MIN_GAP_S`.
    """
    # Breath on the microphone and handling rumble lie low, a voice always has something over 300 Hz.
    level = frame_db(_high_pass(samples, RATE_HZ, 150.0))
    loud, floor = np.percentile(level, 95), np.percentile(level, 5)
    low = max(loud - low_db, min(floor + 8.0, loud - core_db))
    stretches = _merge(_runs(level > low), 2)
    voiced = [
        (a, b) for a, b in stretches if level[a:b].max() >= loud - core_db and b - a >= MIN_VOICE_FRAMES
    ]
    # A soft consonant stands alone beside its vowel, so a weak stretch close to a voiced one belongs to it.
    kept = [
        (a, b)
        for a, b in stretches
        if b - a >= MIN_CONSONANT_FRAMES
        and any(a - d <= MAX_CONSONANT_GAP and c - b <= MAX_CONSONANT_GAP for c, d in voiced)
    ]
    return _merge(kept, round(MIN_GAP_S * 100))


def noise_spans(samples: Samples) -> Spans:
    """Return where a sound, already at its level in the recording, is louder than `NOISE_FLOOR_DB`."""
    return _merge(_runs(frame_db(samples) > NOISE_FLOOR_DB), round(MIN_GAP_S * 100))


def gate(samples: Samples, spans: Spans) -> Samples:
    """Return the sound with everything outside the spans faded out within one frame."""
    mask = np.zeros(len(samples))
    for start, end in spans:
        mask[start * FRAME : end * FRAME] = 1.0
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(FRAME) + 0.5) / FRAME)
    for start, end in spans:
        before = mask[max(0, (start - 1) * FRAME) : start * FRAME]
        before[:] = np.maximum(before, ramp[FRAME - len(before) :])
        after = mask[end * FRAME : (end + 1) * FRAME]
        after[:] = np.maximum(after, ramp[::-1][: len(after)])
    return samples * mask


def loop(samples: Samples, n_samples: int, cross_s: float = 0.25) -> Samples:
    """Return a steady sound repeated to `n_samples`, joined with equal-power cross-fades."""
    cross = round(cross_s * RATE_HZ)
    turn = np.sin(0.5 * np.pi * (np.arange(cross) + 0.5) / cross)
    piece = samples.copy()
    piece[:cross] *= turn
    piece[-cross:] *= turn[::-1]
    step = len(piece) - cross
    out = np.zeros(n_samples + len(piece) + step)
    for at in range(-step, n_samples, step):
        begin = max(0, at)
        out[begin : at + len(piece)] += piece[begin - at :]
    return out[:n_samples]


def edges(samples: Samples, fade_s: float = 0.02) -> Samples:
    """Return the sound with a short raised-cosine fade at both ends, against clicks."""
    n = min(round(fade_s * RATE_HZ), len(samples) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    out = samples.copy()
    out[:n] *= ramp
    out[len(out) - n :] *= ramp[::-1]
    return out


def scaled(samples: Samples, spans: Spans, level_db: float) -> Samples:
    """Return the sound with `level_db` dBFS over its spans."""
    return samples * 10.0 ** ((level_db - active_db(samples, spans)) / 20.0)
