"""What happens to sound between a mouth and a file: rooms, bandwidths, codecs, levels, speed.

Everything here is applied to voices and to other sounds with the same probabilities, so that no rate, bandwidth,
codec, level or digital silence separates the classes. Rooms are image-source simulations (Allen and Berkley 1979,
through pyroomacoustics) and the corpus's measured responses.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from voxlite.values import FloatArray

_CODECS = (  # container, subtype, rate the codec runs at
    ("WAV", "GSM610", 8_000),
    ("WAV", "ULAW", 8_000),
    ("WAV", "ALAW", 8_000),
    ("WAV", "IMA_ADPCM", 16_000),
    ("OGG", "VORBIS", 16_000),
    ("MP3", "MPEG_LAYER_III", 16_000),
    ("OGG", "OPUS", 8_000),
    ("OGG", "OPUS", 16_000),
)

_N_ROOMS = 160


def rms(samples: FloatArray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(samples)) + 1e-20))


def active_rms(samples: FloatArray, frame: int = 400) -> float:
    """Return the RMS of the louder part: the mean power of frames within 20 dB of the loudest."""
    n = len(samples) // frame
    if n < 2:
        return rms(samples)
    power = np.mean(np.square(samples[: n * frame].reshape(n, frame)), axis=1)
    return float(np.sqrt(power[power >= power.max() * 0.01].mean() + 1e-20))


def change_speed(samples: FloatArray, factor: float) -> FloatArray:
    """Resample by `factor` (above one: faster and higher) by linear interpolation."""
    n = max(2, int(len(samples) / factor))
    return np.asarray(np.interp(np.arange(n) * factor, np.arange(len(samples)), samples), np.float32)


def snippet(rng: np.random.Generator, samples: FloatArray, rate_hz: int) -> FloatArray:
    """Cut 0.1 to 0.5 s around a random loud moment, with 5 ms fades: a syllable, a letter, a single knock."""
    n = int(rng.uniform(0.1, 0.5) * rate_hz)
    if len(samples) <= n:
        return samples
    frame = rate_hz // 100
    energy = np.square(samples[: len(samples) // frame * frame].reshape(-1, frame)).sum(axis=1) + 1e-12
    centre = int(rng.choice(len(energy), p=_shares(energy))) * frame
    start = int(np.clip(centre - rng.uniform(0.2, 0.8) * n, 0, len(samples) - n))
    cut = samples[start : start + n].copy()
    fade = np.linspace(0, 1, rate_hz // 200, dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[-len(fade) :] *= fade[::-1]
    return cut


def _shares(energy: FloatArray) -> FloatArray:
    exact = energy.astype(np.float64)
    return np.asarray(exact / exact.sum())


def random_response(rng: np.random.Generator, n_bins: int, rate_hz: int) -> FloatArray:
    """Return the magnitude of a random channel, float32[n_bins]: tilt, a few resonances, band edges.

    One channel in five is the telephone's 300..3400 Hz.
    """
    hz = np.linspace(0, rate_hz / 2, n_bins, dtype=np.float32)
    octaves = np.log2(np.maximum(hz, 20) / 1000).astype(np.float32)
    gain_db = np.float32(rng.uniform(-4, 4)) * octaves
    for _ in range(int(rng.integers(0, 5))):
        centre, width = rng.uniform(-4, 3), rng.uniform(0.15, 1.0)
        gain_db += np.float32(rng.uniform(-12, 8)) * np.exp(-np.square((octaves - centre) / width))
    low_hz, high_hz = rng.uniform(0, 250), rng.uniform(3000, 8000)
    kind = rng.random()
    if kind < 0.2:
        low_hz, high_hz = rng.uniform(150, 350), rng.uniform(3200, 3900)
    elif kind < 0.6:
        high_hz = 8000.0
    steep = np.float32(rng.uniform(24, 150))
    gain_db -= steep * np.maximum(0, np.log2(max(low_hz, 1) / np.maximum(hz, 1)))
    gain_db -= steep * 4 * np.maximum(0, np.log2(np.maximum(hz, 1) / high_hz))
    return np.asarray(10 ** (np.maximum(gain_db, -90) / 20), np.float32)


def convolve(samples: FloatArray, response: FloatArray | None, channel: FloatArray | None) -> FloatArray:
    """Pass sound through a room and a channel in one transform.

    Parameters
    ----------
    samples
        float32[n].
    response
        Impulse response float32[m], its direct sound at sample 0; None for an anechoic path.
    channel
        Magnitudes float32[bins] from `random_response`, interpolated to the transform's bins; None for flat.
    """
    n = len(samples)
    size = 1 << (n + (0 if response is None else len(response)) - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    if response is not None:
        spectrum *= np.fft.rfft(response, size)
    if channel is not None:
        at = np.linspace(0, len(channel) - 1, len(spectrum))
        spectrum *= np.interp(at, np.arange(len(channel)), channel)
    return np.fft.irfft(spectrum, size)[:n].astype(np.float32)


def codec_round_trip(rng: np.random.Generator, samples: FloatArray, rate_hz: int) -> FloatArray:
    """Encode and decode with a random telephone, web or music codec; the result is as long as the input."""
    import soxr

    container, subtype, codec_hz = _CODECS[rng.integers(len(_CODECS))]
    peak = max(1.0, float(np.abs(samples).max()))
    data = soxr.resample(samples / peak, rate_hz, codec_hz, "MQ")
    file = io.BytesIO()
    keywords = {"compression_level": float(rng.uniform(0.3, 0.99))} if container in ("OGG", "MP3") else {}
    soundfile.write(file, data, codec_hz, format=container, subtype=subtype, **keywords)
    file.seek(0)
    decoded, got_hz = soundfile.read(file, dtype="float32")
    back = soxr.resample(decoded, got_hz, rate_hz, "MQ")[: len(samples)] * np.float32(peak)
    return np.pad(back, (0, len(samples) - len(back))).astype(np.float32)


def whisper(rng: np.random.Generator, samples: FloatArray, size: int = 512) -> FloatArray:
    """Turn speech into a whisper: each frame's smooth spectral envelope shapes noise instead of the glottis."""
    hop = size // 2
    window = np.hanning(size).astype(np.float32)
    padded = np.pad(samples, (0, size + hop))
    view = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window
    log_spectrum = np.log(np.abs(np.fft.rfft(view)) + 1e-6)
    cepstrum = np.fft.irfft(log_spectrum)
    cepstrum[:, 28:-27] = 0
    envelope = np.exp(np.fft.rfft(cepstrum).real)
    tilt = np.linspace(0.3, 1.0, envelope.shape[1])  # whispers lack the glottal source's low frequencies
    noise = np.fft.rfft(rng.standard_normal(view.shape, np.float32) * window)
    shaped = np.fft.irfft(noise * envelope * tilt).astype(np.float32)
    out = np.zeros(len(padded) + size, np.float32)
    for index, frame in enumerate(shaped):
        out[index * hop : index * hop + size] += frame
    return np.asarray(out[: len(samples)] * np.float32(rms(samples) / rms(out[: len(samples)])))


def finish(rng: np.random.Generator, samples: FloatArray, rate_hz: int) -> FloatArray:
    """Apply what a recorder adds last: a codec, a level, clipping, gating to digital zero, few bits."""
    if rng.random() < 0.15:
        samples = codec_round_trip(rng, samples, rate_hz)
    level = active_rms(samples)
    if level > 1e-8:
        samples = samples * np.float32(10 ** (rng.uniform(-54, -6) / 20) / level)
    if rng.random() < 0.06:
        samples = samples * np.float32(rng.uniform(2, 12))
    samples = np.clip(samples, -1, 1)
    choice = rng.random()
    if choice < 0.15:
        samples = gate_to_zero(samples, rng.uniform(35, 55))
    elif choice < 0.2:
        samples = (np.round(samples * 127) / 127).astype(np.float32)
    elif choice < 0.6:
        samples = (np.round(samples * 32767) / 32767).astype(np.float32)
    return samples


def gate_to_zero(samples: FloatArray, below_peak_db: float, frame: int = 160) -> FloatArray:
    """Set frames that lie far below the loudest one to digital zero, as many recordings' editors did."""
    n = -(-len(samples) // frame)
    padded = np.pad(samples, (0, n * frame - len(samples))).reshape(n, frame)
    level = np.abs(padded).max(axis=1)
    keep = level > level.max() * 10 ** (-below_peak_db / 20)
    keep = keep | np.roll(keep, 1) | np.roll(keep, -1)
    return np.asarray((padded * keep[:, None]).reshape(-1)[: len(samples)])


def simulate_rooms(seed: int, n: int, rate_hz: int) -> list[FloatArray]:
    """Return impulse responses of random shoebox rooms, each float32[m] with its direct sound at sample 0."""
    import pyroomacoustics

    rng = np.random.default_rng(seed)
    rooms: list[FloatArray] = []
    while len(rooms) < n:
        size = rng.uniform((2, 2, 2.2), (12, 10, 4.5))
        seconds = float(rng.uniform(0.12, 0.9))
        try:
            absorption, order = pyroomacoustics.inverse_sabine(seconds, size)
        except ValueError:
            continue  # the drawn time is impossible in the drawn room
        room = pyroomacoustics.ShoeBox(
            size, fs=rate_hz, materials=pyroomacoustics.Material(absorption), max_order=min(order, 14)
        )
        room.add_source(rng.uniform(0.3, size - 0.3))
        room.add_microphone(rng.uniform(0.3, size - 0.3))
        room.compute_rir()
        rooms.append(trim_response(np.asarray(room.rir[0][0], np.float32), rate_hz))
    return rooms


def trim_response(response: FloatArray, rate_hz: int, longest_s: float = 1.0) -> FloatArray:
    """Start an impulse response at its direct sound, limit its length, and give it unit energy."""
    start = int(np.argmax(np.abs(response) > 0.3 * np.abs(response).max()))
    cut = response[start : start + int(longest_s * rate_hz)].astype(np.float32)
    return np.asarray(cut / np.float32(np.sqrt(np.sum(np.square(cut))) + 1e-12))


def save_rooms(path: Path, rooms: Sequence[FloatArray]) -> None:
    """Keep a bank of responses for the worker processes (plain arrays, no pickle)."""
    np.savez(path, **{f"room{index:04d}": room for index, room in enumerate(rooms)})  # type: ignore[arg-type]


def cached_rooms(cache: Path, seed: int, rate_hz: int) -> Path:
    """Return the file of simulated rooms in the cache, made first where it is missing."""
    path = cache / "rooms.npz"
    if not path.is_file():
        save_rooms(path, simulate_rooms(seed, _N_ROOMS, rate_hz))
    return path


def load_rooms(path: Path) -> list[FloatArray]:
    """Read what `save_rooms` wrote."""
    with np.load(path, allow_pickle=False) as bank:
        return [bank[name] for name in sorted(bank.files)]
