"""The high-pass: its response, silence, and equality for every chunking."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from voxlite.audio import BandLimiter
from voxlite.audio.banding import biquad
from voxlite.errors import AudioError

NOISE = np.random.default_rng(7).standard_normal(40_000).astype(np.float32)


def sample_by_sample(x, rate_hz):
    """The textbook recursion in float64, direct form II transposed."""
    k = np.tan(np.pi * 20 / rate_hz)
    b0 = 1 / (1 + np.sqrt(2) * k + k * k)
    a1, a2 = 2 * (k * k - 1) * b0, (1 - np.sqrt(2) * k + k * k) * b0
    y, s1, s2 = np.empty(len(x)), 0.0, 0.0
    for n, value in enumerate(map(float, x)):
        y[n] = b0 * value + s1
        s1 = -2 * b0 * value - a1 * y[n] + s2
        s2 = b0 * value - a2 * y[n]
    return y


def push_all(limiter, samples, sizes):
    parts, first = [], 0
    for size in sizes:
        parts.append(limiter.push(samples[first : first + size]))
        assert len(parts[-1]) == len(samples[first : first + size])
        first += size
    return np.concatenate([*parts, limiter.push(samples[first:]), limiter.flush()])


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 16_000, 22_050, 32_000])
def test_equals_the_textbook_recursion(rate_hz):
    x = NOISE + np.float32(0.3)
    assert np.abs(BandLimiter(rate_hz).push(x) - sample_by_sample(x, rate_hz)).max() < 2e-6


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=8), st.sampled_from([4_000, 16_000, 32_000]))
def test_any_chunking_is_equal_bit_by_bit(sizes, rate_hz):
    whole = BandLimiter(rate_hz).push(NOISE)
    assert np.array_equal(push_all(BandLimiter(rate_hz), NOISE, sizes), whole)


def test_single_samples_are_equal_bit_by_bit():
    whole = BandLimiter(16_000).push(NOISE)
    assert np.array_equal(push_all(BandLimiter(16_000), NOISE[:300], [1] * 300), whole[:300])


def test_strided_input_is_taken():
    assert np.array_equal(BandLimiter(16_000).push(NOISE[::2]), BandLimiter(16_000).push(NOISE[::2].copy()))


@pytest.mark.parametrize(
    ("hz", "low_db", "high_db"), [(5, -26, -22), (20, -3.2, -2.8), (60, -0.1, 0.01), (7_000, -0.01, 0.01)]
)
def test_response(hz, low_db, high_db):
    t = np.arange(64_000) / 16_000
    y = BandLimiter(16_000).push(np.sin(2 * np.pi * hz * t).astype(np.float32))[32_000:]
    level_db = 20 * np.log10(np.sqrt(2) * np.sqrt(np.mean(np.square(y, dtype=np.float64))))
    assert low_db < level_db < high_db


def test_dc_is_removed():
    y = BandLimiter(16_000).push(np.full(32_000, 0.5, np.float32))
    assert np.abs(y[8_000:]).max() < 1e-6


def test_silence_is_exact_and_returns_exactly():
    limiter = BandLimiter(16_000)
    assert not limiter.push(np.zeros(50_000, np.float32)).any()
    limiter.push(NOISE[:10_000])
    after = limiter.push(np.zeros(64_000, np.float32))
    assert after[:10].any()
    assert not after[-30_000:].any()


def test_flush_and_reset_start_anew():
    limiter = BandLimiter(16_000)
    first = limiter.push(NOISE[:20_000])
    assert len(limiter.flush()) == 0
    assert np.array_equal(limiter.push(NOISE[:20_000]), first)
    limiter.reset()
    assert np.array_equal(limiter.push(NOISE[:20_000]), first)


@pytest.mark.parametrize("rate_hz", [3_999, 32_001])
def test_rate_out_of_range(rate_hz):
    with pytest.raises(AudioError, match=str(rate_hz)):
        BandLimiter(rate_hz)


@pytest.mark.parametrize("rate_hz", [4_000, 16_000, 32_000])
def test_the_section_for_other_implementations_is_the_same_filter(rate_hz):
    (b0, b1, b2), (a0, a1, a2) = biquad(rate_hz)
    assert a0 == 1
    y, x1, x2, y1, y2 = np.empty(4_000), 0.0, 0.0, 0.0, 0.0
    for n, x in enumerate(map(float, NOISE[:4_000])):
        y[n] = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x, x1, y[n], y1
    assert np.abs(BandLimiter(rate_hz).push(NOISE[:4_000]) - y).max() < 2e-6
