"""The front end against librosa with matched settings.

librosa centres a window shorter than its FFT, so its frame t covers the samples t * hop + 56 .. t * hop + 456: the
signal gets 56 zeros in front (and behind) to line the frames up. A window elsewhere in the FFT changes phases alone.
"""

from __future__ import annotations

import numpy as np
import pytest

from voxlite.audio.audio import Audio
from voxlite.frontend import FrontEndConfig, cepstrum, deltas, log_mel, mel_bank, mfcc

librosa = pytest.importorskip("librosa")

pytestmark = pytest.mark.usefixtures("both_paths")

CONFIG = FrontEndConfig()
RATE_HZ = CONFIG.rate_hz


def settings(config):
    return {
        "sr": config.rate_hz,
        "n_fft": config.fft_size,
        "hop_length": config.hop_samples,
        "win_length": config.window_samples,
        "window": "hamming",
        "center": False,
        "power": 2.0,
        "n_mels": config.mel_bands,
        "fmin": config.low_hz,
        "fmax": config.high_hz,
        "htk": True,
        "norm": None,
    }


def golden_mel(samples, config=CONFIG):
    margin = (config.fft_size - config.window_samples) // 2
    padded = np.pad(samples, margin).astype(np.float32)
    return librosa.feature.melspectrogram(y=padded, **settings(config)).T


def signals():
    rng = np.random.default_rng(7)
    t = np.arange(RATE_HZ) / RATE_HZ
    sine = np.sin(2 * np.pi * 440 * t)
    return {
        "white noise": 0.1 * rng.standard_normal(RATE_HZ),
        "silence": np.zeros(RATE_HZ),
        "sine": 0.5 * sine,
        "clipping": np.clip(4 * sine, -1, 1),
        "sweep": 0.3 * np.sin(2 * np.pi * (50 * t + 3_900 * t**2)),
        "click": np.eye(1, RATE_HZ, 8_000)[0],
        "quiet noise": 1e-4 * rng.standard_normal(RATE_HZ),
        "low noise": np.cumsum(rng.standard_normal(RATE_HZ)) / 500,
    }


def check(samples, config=CONFIG):
    samples = np.asarray(samples, np.float32)
    wanted, got = golden_mel(samples, config), log_mel(samples, config)
    assert got.shape == wanted.shape
    power = np.exp(got.astype(np.float64)) - config.log_floor
    # what float32 resolves: near the floor, where logarithms lie 2e-6 apart, and leakage far below a frame's peak
    resolution = 4e-6 * config.log_floor + 1e-9 * wanted.max(axis=1, keepdims=True, initial=0)
    assert (np.abs(power - wanted) <= 1e-3 * wanted + resolution).all()
    np.testing.assert_allclose(got, np.log(wanted + config.log_floor), rtol=0, atol=1e-3)
    coefficients = librosa.feature.mfcc(S=got.T, n_mfcc=config.coefficients, dct_type=2, norm="ortho").T
    np.testing.assert_allclose(cepstrum(got, config), coefficients, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", signals())
def test_synthetic_sound_agrees(name):
    check(signals()[name])


@pytest.mark.parametrize(
    "config",
    [
        FrontEndConfig(rate_hz=8_000, fft_size=256, mel_bands=24, coefficients=13, low_hz=100, high_hz=3_800),
        FrontEndConfig(rate_hz=32_000, fft_size=1_024, mel_bands=80, low_hz=20, high_hz=16_000, hop_s=0.005),
        FrontEndConfig(window_s=0.032, low_hz=0, high_hz=8_000, mel_bands=40),
    ],
    ids=["8 kHz", "32 kHz", "window as long as the FFT"],
)
def test_other_settings_agree(config, rng):
    check(0.1 * rng.standard_normal(config.rate_hz), config)


def test_the_repositorys_recordings_agree(samples_dir):
    soundfile = pytest.importorskip("soundfile")
    paths = sorted(samples_dir.glob("*.flac"))
    if not paths:
        pytest.skip("needs the recordings in samples/")
    for path in paths:
        samples, rate_hz = soundfile.read(path, dtype="float32", frames=30 * 48_000)
        mono = samples if samples.ndim == 1 else samples.mean(axis=1)
        check(Audio(librosa.resample(mono, orig_sr=rate_hz, target_sr=RATE_HZ), RATE_HZ).samples)


def test_the_mel_bank_agrees():
    golden = librosa.filters.mel(
        sr=RATE_HZ,
        n_fft=CONFIG.fft_size,
        n_mels=CONFIG.mel_bands,
        fmin=CONFIG.low_hz,
        fmax=CONFIG.high_hz,
        htk=True,
        norm=None,
    ).T
    np.testing.assert_allclose(mel_bank(CONFIG), golden, rtol=0, atol=1e-5)


def test_a_whole_mfcc_agrees(rng):
    """One call on each side; librosa's decibels, within the 80 dB it keeps, become natural logarithms."""
    audio = Audio((0.1 * rng.standard_normal(2 * RATE_HZ)).astype(np.float32), RATE_HZ)
    padded = np.pad(audio.samples, 56)
    matched = settings(CONFIG) | {"norm": "ortho", "mel_norm": None}  # here `norm` is the DCT's
    golden = librosa.feature.mfcc(y=padded, n_mfcc=40, dct_type=2, **matched).T * (np.log(10) / 10)
    np.testing.assert_allclose(mfcc(audio), golden, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("width", [3, 5, 9])
def test_deltas_agree(width, rng):
    features = rng.standard_normal((30, 7)).astype(np.float32)
    golden = librosa.feature.delta(features.T, width=width, mode="nearest").T
    np.testing.assert_allclose(deltas(features, width), golden, rtol=0, atol=1e-5)
