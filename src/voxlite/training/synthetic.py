"""Sounds made by formula: what a detector meets besides recordings, and must never take for a voice.

Digital silence, coloured noise, hum, tones, chirps, DTMF (ITU-T Q.23), ring-back and busy tones (ITU-T E.180),
clicks and noise with a moving level.
"""

from __future__ import annotations

import numpy as np

from voxlite.values import FloatArray

_DTMF_LOW_HZ = (697.0, 770.0, 852.0, 941.0)
_DTMF_HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
_CALL_TONES = (  # frequencies in hertz, on and off in seconds
    ((425.0,), 1.0, 4.0),
    ((440.0, 480.0), 2.0, 4.0),
    ((400.0, 450.0), 0.4, 0.2),
    ((425.0,), 0.5, 0.5),
    ((480.0, 620.0), 0.25, 0.25),
    ((350.0, 440.0), 60.0, 0.0),
)


def coloured_noise(rng: np.random.Generator, n: int, slope: float) -> FloatArray:
    """Return noise with a power spectrum ~ f**-slope (0 white, 1 pink, 2 brown), float32[n], unit RMS."""
    spectrum = np.fft.rfft(rng.standard_normal(n, np.float32))
    frequency = np.arange(len(spectrum), dtype=np.float32)
    frequency[0] = 1.0
    noise = np.fft.irfft(spectrum * frequency ** np.float32(-slope / 2), n).astype(np.float32)
    return np.asarray(noise / np.float32(np.sqrt(np.mean(np.square(noise))) + 1e-12))


def _time(n: int, rate_hz: int) -> FloatArray:
    return np.asarray(np.arange(n, dtype=np.float32) / np.float32(rate_hz))


def tones(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return one to six steady tones, harmonic or not, perhaps slowly swelling, clipped, or switched on and off."""
    t = _time(n, rate_hz)
    base_hz = float(np.exp(rng.uniform(np.log(40), np.log(7900))))
    harmonic = rng.random() < 0.5
    out = np.zeros(n, np.float32)
    for k in range(1, 2 if rng.random() < 0.4 else int(rng.integers(2, 7))):
        hz = base_hz * k if harmonic else base_hz * (1 if k == 1 else rng.uniform(0.3, 3.0))
        if hz < rate_hz / 2:
            out += np.sin(2 * np.pi * np.float32(hz) * t + np.float32(rng.uniform(0, 6.28))) / k
    if rng.random() < 0.3:
        out *= 1 + np.float32(rng.uniform(0.2, 0.9)) * np.sin(
            2 * np.pi * np.float32(rng.uniform(0.5, 12)) * t
        )
    return out


def chirp(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return a sweep that rises or falls, once or repeatedly."""
    t = _time(n, rate_hz)
    a, b = np.exp(rng.uniform(np.log(80), np.log(7000), 2))
    period_s = rng.uniform(0.05, n / rate_hz)
    phase = (t % np.float32(period_s)) / np.float32(period_s)
    hz = a * (b / a) ** phase
    return np.sin(2 * np.pi * np.cumsum(hz) / rate_hz).astype(np.float32)


def call_tone(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return ring-back, busy or dial tone from a random point of its cadence."""
    frequencies_hz, on_s, off_s = _CALL_TONES[rng.integers(len(_CALL_TONES))]
    t = _time(n, rate_hz) + np.float32(rng.uniform(0, on_s + off_s))
    out = np.sum([np.sin(2 * np.pi * np.float32(hz) * t) for hz in frequencies_hz], axis=0)
    return np.asarray(out * ((t % (on_s + off_s)) < on_s), np.float32)


def dtmf(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return dialled digits with random lengths and gaps."""
    t = _time(n, rate_hz)
    out = np.zeros(n, np.float32)
    at = int(rng.integers(0, rate_hz // 5))
    while at < n:
        stop = at + int(rng.uniform(0.05, 0.3) * rate_hz)
        part = t[at:stop]
        low, high = rng.choice(_DTMF_LOW_HZ), rng.choice(_DTMF_HIGH_HZ)
        out[at:stop] = np.sin(2 * np.pi * np.float32(low) * part) + np.sin(
            2 * np.pi * np.float32(high) * part
        )
        at = stop + int(rng.uniform(0.03, 0.4) * rate_hz)
    return out


def clicks(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return decaying resonant clicks, regular or not: keys, ticks, knocks."""
    out = np.zeros(n, np.float32)
    length = int(rng.uniform(0.002, 0.08) * rate_hz)
    t = _time(length, rate_hz)
    hz, decay = rng.uniform(100, 6000), rng.uniform(40, 800)
    shape = np.exp(-np.float32(decay) * t) * np.sin(2 * np.pi * np.float32(hz) * t)
    shape += (
        np.exp(-np.float32(decay) * t)
        * rng.standard_normal(length, np.float32)
        * np.float32(rng.uniform(0, 1))
    )
    for at in rng.integers(0, max(1, n - length), int(rng.integers(1, 16))):
        out[at : at + length] += shape[: n - at]
    return out


def moving_noise(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return coloured noise whose level moves at 0.5..8 Hz: wind, waves, breathing machines."""
    points = max(2, int(n / rate_hz * rng.uniform(1, 16)))
    level = np.interp(np.arange(n), np.linspace(0, n, points), rng.uniform(0, 1, points)).astype(np.float32)
    return coloured_noise(rng, n, rng.uniform(0, 2)) * np.square(level)


def hum(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return mains hum at 50 or 60 Hz with falling harmonics."""
    t = _time(n, rate_hz)
    base_hz = np.float32(rng.choice((50.0, 60.0)))
    order = np.arange(1, int(rng.integers(3, 30)))
    weights = (rng.uniform(0.2, 1, len(order)) / order).astype(np.float32)
    return np.asarray(weights @ np.sin(2 * np.pi * base_hz * order[:, None] * t[None]), np.float32)


_MAKERS = (tones, chirp, call_tone, dtmf, clicks, moving_noise, hum)


def any_sound(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Return one synthetic sound, float32[n], peak at most one, or plain coloured noise."""
    if rng.random() < 0.3:
        out = coloured_noise(rng, n, rng.uniform(-0.5, 2.2))
    else:
        out = _MAKERS[rng.integers(len(_MAKERS))](rng, n, rate_hz)
    return np.asarray(out / np.float32(np.abs(out).max() + 1e-9))
