"""Effective bandwidth of noise, tones and band-limited sound at several rates."""

import numpy as np
import pytest
import soxr

from voxlite.quality import QualityMeter
from voxlite.quality.spectrum import bandwidth_hz


def measured_hz(samples, rate_hz):
    samples = np.asarray(samples, dtype=np.float32)
    meter = QualityMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.push(samples)
    return meter.result().bandwidth_hz


def voice_like(rate_hz, seconds=4, seed=2):
    """Noise that falls 9 dB per octave above 500 Hz, at -26 dBFS in bursts."""
    rng = np.random.default_rng(seed)
    n = rate_hz * seconds
    frequencies = np.fft.rfftfreq(n, 1 / rate_hz)
    shape = (1.0 + (frequencies / 500.0) ** 2) ** -0.75
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n)
    return 0.05 * noise / noise.std() * (1.0 + np.sin(2 * np.pi * 3 * np.arange(n) / rate_hz))


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 16_000, 44_100, 48_000, 192_000])
def test_white_noise_has_all(rate_hz):
    assert measured_hz(np.random.default_rng(0).normal(0, 0.1, rate_hz), rate_hz) == rate_hz / 2


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("noise_dbfs", [-200.0, -85.0])
def test_a_resampled_telephone_recording_stays_one(rate_hz, noise_dbfs):
    narrow = soxr.resample(voice_like(8_000), 8_000, rate_hz)
    noise = np.random.default_rng(1).normal(0, 10 ** (noise_dbfs / 20), len(narrow))
    samples = np.round((narrow + noise) * 32_768) / 32_768
    assert 3_400 <= measured_hz(samples, rate_hz) <= 4_100


@pytest.mark.parametrize("edge_hz", [3_400, 5_000, 7_000])
def test_a_filtered_recording_ends_at_its_filter(edge_hz):
    samples = voice_like(16_000)
    spectrum = np.fft.rfft(samples)
    spectrum[int(edge_hz * len(samples) / 16_000) :] *= 0.003
    assert measured_hz(np.fft.irfft(spectrum), 16_000) == pytest.approx(edge_hz, abs=150)


@pytest.mark.parametrize("rate_hz", [16_000, 32_000])
def test_a_full_band_voice_is_not_cut_short(rate_hz):
    assert measured_hz(voice_like(rate_hz), rate_hz) > 0.9 * rate_hz / 2


def test_a_tone_is_where_it_is():
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * np.arange(32_000) / 16_000)
    assert measured_hz(tone, 16_000) == pytest.approx(1_000, abs=200)


def test_a_tone_on_a_noise_floor_has_the_floor():
    tone = 0.3 * np.sin(2 * np.pi * 2_000 * np.arange(32_000) / 16_000)
    noise = np.random.default_rng(0).normal(0, 0.01, 32_000)
    assert measured_hz(tone + noise, 16_000) == 8_000


def test_the_widest_channel_counts():
    rng = np.random.default_rng(0)
    narrow = soxr.resample(rng.normal(0, 0.1, 16_000), 8_000, 16_000)
    assert measured_hz(np.stack([narrow, rng.normal(0, 0.1, 32_000)], axis=1), 16_000) == 8_000


def test_short_sounds():
    noise = np.random.default_rng(0).normal(0, 0.1, 400)
    assert measured_hz(noise[:150], 16_000) is None
    assert measured_hz(noise[:200], 16_000) > 7_500
    assert measured_hz(noise, 16_000) > 7_500


def test_rounding_noise_alone_is_no_band():
    assert bandwidth_hz(np.full(257, 2.0**-32), 16_000) is None
    assert bandwidth_hz(np.zeros(257), 16_000) is None
    assert bandwidth_hz(np.ones(2), 16_000) is None
