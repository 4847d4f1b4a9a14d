"""The resampler: length, alignment, no aliases, silence, and equality for every chunking."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from voxlite.audio import Resampler, resampled_length
from voxlite.errors import AudioError

NOISE = (0.1 * np.random.default_rng(3).standard_normal(60_000)).astype(np.float32)
PAIRS = [
    (4_000, 16_000), (8_000, 16_000), (11_025, 16_000), (15_999, 16_000), (16_000, 8_000), (22_050, 16_000),
    (44_100, 16_000), (48_000, 16_000), (96_000, 32_000), (192_000, 16_000), (192_000, 4_000), (47_999, 31_999),
]  # fmt: skip


def resample(samples, in_hz, out_hz, sizes=()):
    resampler, parts, first = Resampler(in_hz, out_hz), [], 0
    for size in sizes:
        parts.append(resampler.push(samples[first : first + size]))
        first += size
    return np.concatenate([*parts, resampler.push(samples[first:]), resampler.flush()])


def tone(hz, rate_hz, seconds=2.0):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PAIRS), st.lists(st.integers(0, 9_000), max_size=8))
def test_any_chunking_is_equal_bit_by_bit(pair, sizes):
    assert np.array_equal(resample(NOISE[:30_000], *pair, sizes), resample(NOISE[:30_000], *pair))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PAIRS), st.integers(0, 5_000))
def test_length_is_exact(pair, n):
    out = resample(NOISE[:n], *pair)
    assert len(out) == resampled_length(n, *pair)
    assert out.dtype == np.float32
    assert n == 0 or abs(len(out) - n * pair[1] / pair[0]) <= 1


@pytest.mark.parametrize("pair", PAIRS)
def test_tones_keep_their_place_and_level(pair):
    in_hz, out_hz = pair
    out = resample(tone(600, in_hz), in_hz, out_hz)[out_hz // 2 : out_hz]  # the ends ring
    turn = np.exp(-2j * np.pi * 600 * np.arange(out_hz // 2, out_hz) / out_hz)
    measured = np.vdot(np.conj(turn), out) * 4 / out_hz
    late_samples = (-np.pi / 2 - np.angle(measured)) * out_hz / (2 * np.pi * 600)
    assert abs(late_samples) < 0.51
    assert abs(measured) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("hz", "in_hz", "out_hz"),
    [(12_000, 48_000, 16_000), (9_000, 44_100, 16_000), (60_000, 192_000, 32_000), (5_000, 16_000, 8_000)],
)
def test_what_does_not_fit_vanishes(hz, in_hz, out_hz):
    out = resample(tone(hz, in_hz), in_hz, out_hz)[out_hz // 4 : -out_hz // 4]
    assert 20 * np.log10(np.abs(out).max() / 0.5) < -80


@pytest.mark.parametrize(("hz", "in_hz"), [(1_000, 4_000), (3_000, 8_000), (3_400, 8_000), (4_500, 11_025)])
def test_raising_the_rate_makes_no_images(hz, in_hz):
    out = resample(tone(hz, in_hz), in_hz, 16_000)[4_000:-4_000].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(out * np.kaiser(len(out), 20)))
    at_hz = np.fft.rfftfreq(len(out), 1 / 16_000)
    assert spectrum[np.abs(at_hz - hz) > 50].max() < 1e-4 * spectrum.max()


def test_live_delay_is_short():
    for in_hz in (4_000, 8_000, 11_025, 16_000, 44_100, 48_000, 192_000):
        resampler, fed, got, worst_s = Resampler(in_hz, 16_000), 0, 0, 0.0
        for _ in range(100):
            chunk = np.zeros(in_hz // 100, np.float32)
            fed, got = fed + len(chunk), got + len(resampler.push(chunk))
            worst_s = max(worst_s, fed / in_hz - got / 16_000)
        assert worst_s < 0.09, in_hz


@pytest.mark.parametrize("pair", PAIRS)
def test_silence_is_exact(pair):
    assert not resample(np.zeros(20_000, np.float32), *pair).any()


def test_equal_rates_pass_untouched():
    resampler = Resampler(16_000, 16_000)
    assert np.array_equal(resampler.push(NOISE), NOISE)
    assert len(resampler.flush()) == 0


@pytest.mark.parametrize("pair", [(8_000, 16_000), (48_000, 16_000)])
def test_flush_and_reset_start_anew(pair):
    resampler = Resampler(*pair)
    first = np.concatenate([resampler.push(NOISE), resampler.flush()])
    resampler.push(NOISE[:5_000])
    resampler.reset()
    again = np.concatenate([resampler.push(NOISE), resampler.flush()])
    assert np.array_equal(first, again)


def test_impossible_rates():
    with pytest.raises(AudioError, match="above 0"):
        Resampler(0, 16_000)
