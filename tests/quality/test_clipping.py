"""Clipping: flat tops at any level, and no others."""

import numpy as np
import pytest

from voxlite.quality import QualityMeter


def clipped_share(samples, rate_hz=16_000):
    samples = np.asarray(samples, dtype=np.float32)
    meter = QualityMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.push(samples)
    return meter.result().clipped_share


def quantised(samples, bits=16):
    scale = 2.0 ** (bits - 1)
    return np.clip(np.round(samples * scale), -scale, scale - 1) / scale


def sine(frequency_hz, rate_hz=16_000, seconds=2.0):
    return np.sin(2 * np.pi * frequency_hz * np.arange(int(rate_hz * seconds)) / rate_hz)


def low_passed_noise(seconds=3, seed=0):
    n = 16_000 * seconds
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    spectrum[n // 16 :] = 0.0
    noise = np.fft.irfft(spectrum, n)
    return noise / np.abs(noise).max()


def runs_at_top(samples, top):
    """Count, sample by sample, what lies in runs of three or more at +-top."""
    count = 0
    for side in (samples >= top, samples <= -top):
        length = 0
        for flag in [*side.tolist(), False]:
            if flag:
                length += 1
            else:
                count += length if length >= 3 else 0
                length = 0
    return count


@pytest.mark.parametrize("gain", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("overdrive", [1.3, 2.0, 5.0])
def test_share_of_overdriven_noise(gain, overdrive):
    clipped = np.clip(low_passed_noise() * overdrive, -1.0, 1.0)
    expected = runs_at_top(clipped, 1.0) / len(clipped)
    assert expected > 1e-4
    assert clipped_share(quantised(clipped * gain * 0.99)) == pytest.approx(expected, rel=0.02)


def test_only_one_side():
    samples = np.clip(low_passed_noise() * 3.0, -9.0, 0.6)
    expected = np.mean(samples == 0.6)
    assert clipped_share(samples) == pytest.approx(expected, rel=0.05)


def test_one_of_two_channels():
    noise = low_passed_noise()
    samples = np.stack([0.3 * noise, np.clip(4.0 * noise, -1.0, 1.0)], axis=1)
    assert clipped_share(samples) == pytest.approx(0.5 * clipped_share(samples[:, 1]), rel=1e-6)


@pytest.mark.parametrize("frequency_hz", [20, 50, 100, 440, 1_000, 3_999])
@pytest.mark.parametrize("amplitude", [0.02, 0.3, 0.9999])
@pytest.mark.parametrize("bits", [8, 16])
def test_pure_tones_are_not_clipped(frequency_hz, amplitude, bits):
    for rate_hz in (16_000, 48_000):
        assert clipped_share(quantised(sine(frequency_hz, rate_hz) * amplitude, bits), rate_hz) < 5e-4


def test_a_clipped_tone_is():
    assert clipped_share(quantised(np.clip(1.5 * sine(300), -1, 1))) == pytest.approx(0.535, abs=0.02)


def test_unclipped_noise_silence_and_constants_are_not():
    noise = low_passed_noise()
    assert clipped_share(quantised(0.9 * noise)) == 0.0
    assert clipped_share(quantised(0.003 * noise)) == 0.0
    assert clipped_share(np.full(5_000, 0.5)) == 0.0
    assert clipped_share(np.full(5_000, -1.0)) == 0.0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("frequency_hz", [50, 1_000])
def test_square_waves_are(frequency_hz, bits):
    square = np.where(np.arange(32_000) // (8_000 // frequency_hz) % 2, 0.5, -0.5)
    assert clipped_share(quantised(square, bits)) > 0.99


def test_a_recording_that_gets_louder_forgets_its_lower_tops():
    noise = np.clip(3.0 * low_passed_noise(10), -1, 1)
    rising = np.concatenate([gain * noise for gain in (0.25, 0.5, 1.0)])
    assert clipped_share(rising) == pytest.approx(clipped_share(noise) / 3, rel=1e-3)


def test_flat_tops_below_the_highest_level_do_not_count():
    noise = low_passed_noise()
    samples = np.concatenate([np.clip(2.0 * noise, -1, 1) * 0.5, 0.99 * noise])
    assert clipped_share(samples) == 0.0
    assert clipped_share(samples[: len(noise)]) > 0.001
