"""Integrated loudness against pyloudnorm and against the tables and test signals of BS.1770."""

import numpy as np
import pyloudnorm
import pytest

from voxlite.quality import QualityMeter, integrated_loudness_lufs
from voxlite.quality.kweighting import KWeighting, k_weighting_sections
from voxlite.quality.loudness import channel_weights
from voxlite.quality.meter import hop_and_block

RATES_HZ = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000)


def measure(samples, rate_hz):
    samples = np.asarray(samples, dtype=np.float32)
    meter = QualityMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.push(samples)
    return meter.result()


def speechlike(rate_hz, channels, seconds=10, seed=3):
    """Red-tilted noise in syllables of 200 ms and pauses 45 dB down, float32[n, channels]."""
    rng = np.random.default_rng(seed)
    n = rate_hz * seconds
    spectrum = np.fft.rfft(rng.standard_normal((n, channels)), axis=0)
    frequencies = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum *= (1.0 / (1.0 + (frequencies / 500.0) ** 2) * (frequencies > 80.0))[:, None]
    noise = np.fft.irfft(spectrum, n, axis=0)
    times_s = np.arange(n) / rate_hz
    talking = np.sin(2 * np.pi * 0.3 * times_s) > -0.3
    level = np.where(talking, 0.3 + np.abs(np.sin(2 * np.pi * 2.5 * times_s)), 0.005)
    return (0.05 * noise / noise.std() * level[:, None]).astype(np.float32)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("channels", [1, 2])
def test_agrees_with_pyloudnorm(rate_hz, channels):
    samples = speechlike(rate_hz, channels)
    golden = pyloudnorm.Meter(rate_hz).integrated_loudness(samples.astype(np.float64))
    assert measure(samples, rate_hz).loudness_lufs == pytest.approx(golden, abs=0.1)


def test_five_channels_agree_with_pyloudnorm():
    samples = speechlike(16_000, 5)
    golden = pyloudnorm.Meter(16_000).integrated_loudness(samples.astype(np.float64))
    assert measure(samples, 16_000).loudness_lufs == pytest.approx(golden, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_reference_sine_has_its_level(rate_hz):
    # BS.1770: 997 Hz at full scale in one channel reads -3.01 LKFS; the bilinear shelf bends at low rates.
    sine = np.sin(2 * np.pi * 997 * np.arange(rate_hz * 5) / rate_hz)
    assert measure(sine, rate_hz).loudness_lufs == pytest.approx(
        -3.01, abs=0.05 if rate_hz >= 16_000 else 0.25
    )


def test_coefficients_are_the_table_of_the_recommendation():
    (shelf_b, shelf_a), (high_b, high_a) = k_weighting_sections(48_000)
    assert shelf_b == pytest.approx((1.53512485958697, -2.69169618940638, 1.19839281085285), abs=1e-9)
    assert shelf_a == pytest.approx((-1.69065929318241, 0.73248077421585), abs=1e-9)
    assert high_b == pytest.approx((1.0, -2.0, 1.0), abs=1e-9)
    assert high_a == pytest.approx((-1.99004745483398, 0.99007225036621), abs=1e-9)


@pytest.mark.parametrize("rate_hz", [4_000, 7_919, 16_000, 192_000])
def test_block_filter_is_the_recursion(rate_hz):
    hop, block = hop_and_block(rate_hz)
    rng = np.random.default_rng(5)
    samples = rng.normal(0.3, 0.1, size=hop).astype(np.float32)
    expected = samples.astype(np.float64)
    for (b0, b1, b2), (a1, a2) in k_weighting_sections(rate_hz):
        output, s1, s2 = np.empty(len(expected)), 0.0, 0.0
        for i, x in enumerate(expected.tolist()):
            y = b0 * x + s1
            s1, s2 = b1 * x - a1 * y + s2, b2 * x - a2 * y
            output[i] = y
        expected = output
    design = KWeighting.design(rate_hz, block)
    half = hop // block // 2 * block
    first, state, sums = design.apply(samples[:half].reshape(1, -1, block), np.zeros((1, 4)))
    second, _, _ = design.apply(samples[half:].reshape(1, -1, block), state)
    filtered = np.concatenate([first.ravel(), second.ravel()])
    np.testing.assert_allclose(filtered, expected, atol=2e-6)
    np.testing.assert_allclose(sums.sum(), samples[:half].sum(dtype=np.float64), rtol=1e-5)


@pytest.mark.parametrize("rate_hz", [*RATES_HZ, 4_000, 4_001, 7_919, 192_000, 191_999])
def test_hops_are_whole_blocks_of_about_100_ms(rate_hz):
    hop, block = hop_and_block(rate_hz)
    assert hop % block == 0
    assert 0.097 * rate_hz <= hop <= 0.1 * rate_hz


def test_quiet_passages_are_gated():
    loud = 0.1 * np.sin(2 * np.pi * 997 * np.arange(16_000 * 4) / 16_000)
    quiet = np.concatenate([loud, 0.001 * loud])
    assert measure(quiet, 16_000).loudness_lufs == pytest.approx(-23.0, abs=0.25)


@pytest.mark.parametrize("rate_hz", [16_000, 96_000])
def test_an_offset_costs_no_accuracy(rate_hz):
    samples = speechlike(rate_hz, 1)[:, 0] * np.float32(0.1) + np.float32(0.5)
    golden = pyloudnorm.Meter(rate_hz).integrated_loudness(samples.astype(np.float64))
    assert measure(samples, rate_hz).loudness_lufs == pytest.approx(golden, abs=0.1)


def test_none_below_400_ms_and_at_the_absolute_gate():
    sine = 0.1 * np.sin(2 * np.pi * 997 * np.arange(6_400) / 16_000)
    assert measure(sine[:6_399], 16_000).loudness_lufs is None
    assert measure(sine, 16_000).loudness_lufs == pytest.approx(-23.0, abs=0.3)
    assert measure(sine * 1e-3, 16_000).loudness_lufs is None
    assert integrated_loudness_lufs(np.zeros(0)) is None


def test_surround_weights():
    assert channel_weights(4).tolist() == [1.0] * 4
    assert channel_weights(5).tolist() == [1.0, 1.0, 1.0, 1.41, 1.41]
    assert channel_weights(6).tolist() == [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    assert channel_weights(32).tolist() == [1.0] * 32
