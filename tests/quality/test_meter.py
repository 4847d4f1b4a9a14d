"""The meter as a whole: block sizes, levels, odd recordings, bad input."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.errors import AudioError
from voxlite.quality import QualityMeter
from voxlite.quality import meter as meter_module


def measure(samples, rate_hz=16_000):
    samples = np.asarray(samples, dtype=np.float32)
    meter = QualityMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.push(samples)
    return meter.result()


def troubled(rate_hz, channels, seconds=1.7):
    """A recording with everything in it: clipping, offset, drop-outs, a quiet part, float32[n, channels]."""
    rng = np.random.default_rng(11)
    n = int(rate_hz * seconds)
    samples = rng.normal(0.05, 0.2, (n, channels))
    samples[n // 4 : n // 4 + rate_hz // 50] = 0.0
    samples[n // 2 : n // 2 + rate_hz // 5] = 0.0
    samples[3 * n // 4 :] *= 0.01
    samples[n // 8 : n // 6] *= 6.0
    return np.clip(samples, -0.9, 0.9).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    rate_hz=st.sampled_from([4_000, 8_000, 11_025, 16_000]),
    channels=st.integers(1, 3),
    cuts=st.lists(st.floats(0, 1), max_size=8),
    stretch=st.sampled_from([2_000, 8_000, 1 << 17]),
)
def test_block_sizes_do_not_matter(rate_hz, channels, cuts, stretch):
    samples = troubled(rate_hz, channels)
    borders = sorted({0, len(samples), *(int(cut * len(samples)) for cut in cuts)})
    with pytest.MonkeyPatch.context() as patch:
        # Short stretches put more of the pushes, and more of the trouble, on a border.
        patch.setattr(meter_module, "_STRETCH_SAMPLES", stretch)
        patch.setattr(meter_module, "_STRETCH_MIN_FRAMES", 1)
        whole, parts = QualityMeter(rate_hz, channels), QualityMeter(rate_hz, channels)
        whole.push(samples)
        for begin, end in pairwise(borders):
            parts.push(samples[begin:end])
            parts.push(samples[:0])
        assert parts.result() == whole.result()


@pytest.mark.parametrize("rate_hz", [4_000, 16_000, 44_100])
def test_stretches_do_not_matter(rate_hz, monkeypatch):
    samples = troubled(rate_hz, 2)
    whole = measure(samples, rate_hz)
    assert whole.n_drop_outs == 2
    assert whole.clipped_share > 0.002
    monkeypatch.setattr(meter_module, "_STRETCH_SAMPLES", 1)
    monkeypatch.setattr(meter_module, "_STRETCH_MIN_FRAMES", 1)
    parts = measure(samples, rate_hz)
    assert parts.drop_outs == whole.drop_outs
    assert parts.loudness_lufs == pytest.approx(whole.loudness_lufs, abs=1e-4)
    assert parts.rms_dbfs == pytest.approx(whole.rms_dbfs, abs=1e-4)
    assert parts.bandwidth_hz == whole.bandwidth_hz
    # A run of equal samples that a border cuts may fall under three.
    assert parts.clipped_share == pytest.approx(whole.clipped_share, rel=0.02)


def test_result_may_be_asked_on_the_way():
    samples = troubled(16_000, 1)
    meter = QualityMeter(16_000, 1)
    meter.push(samples[:5_000])
    assert meter.result() == measure(samples[:5_000])
    assert meter.result() == meter.result()
    meter.push(samples[5_000:])
    assert meter.result() == measure(samples)


def test_levels():
    sine = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    measures = measure(0.5 * sine)
    assert measures.duration_s == 1.0
    assert measures.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert measures.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert measure(-2.0 * np.abs(sine)).peak_dbfs == pytest.approx(6.02, abs=0.01)


def test_offset_is_that_of_the_worst_channel():
    samples = np.random.default_rng(0).normal([0.001, -0.04, 0.02], 0.05, (16_000, 3))
    assert measure(samples).dc_offset == pytest.approx(-0.04, abs=0.002)


def test_dead_channels():
    samples = np.random.default_rng(0).normal(0, 0.05, (8_000, 3))
    assert measure(samples).dead_channels == ()
    samples[:, [0, 2]] = 0.0
    assert measure(samples).dead_channels == (1, 3)


@pytest.mark.parametrize("n", [0, 1, 1_000, 200_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_digital_silence_has_no_figures(n, channels):
    measures = measure(np.zeros((n, channels)))
    assert (measures.rms_dbfs, measures.peak_dbfs) == (None, None)
    assert (measures.loudness_lufs, measures.bandwidth_hz) == (None, None)
    assert (measures.clipped_share, measures.dc_offset, measures.n_drop_outs) == (0.0, 0.0, 0)
    assert measures.dead_channels == ()


@pytest.mark.parametrize(
    ("n", "rate_hz", "channels"),
    [
        (1, 16_000, 1),
        (2, 4_000, 1),
        (96, 16_000, 1),
        (300, 8_000, 2),
        (20_000, 16_000, 32),
        (60_000, 192_000, 2),
    ],
)
def test_short_and_odd_recordings(n, rate_hz, channels):
    samples = np.random.default_rng(1).normal(0, 0.1, (n, channels))
    measures = measure(samples, rate_hz)
    assert measures.duration_s == n / rate_hz
    assert measures.channels == channels
    assert measures.rms_dbfs == pytest.approx(10 * np.log10(np.mean(samples**2)), abs=0.01)
    assert measures.peak_dbfs == pytest.approx(20 * np.log10(np.abs(samples).max()), abs=0.01)
    json.dumps(measures.to_dict(), allow_nan=False)


def test_thirty_two_channels_at_the_highest_rate():
    samples = np.random.default_rng(1).normal(0, 0.01, (30_000, 32))
    measures = measure(samples, 192_000)
    assert measures.bandwidth_hz == 96_000.0
    assert measures.rms_dbfs == pytest.approx(-40.0, abs=0.1)


def test_absurdly_loud_samples_stay_finite():
    measures = measure(np.tile(np.float32([3e38, -3e38, 1e30, 0.0]), 4_000))
    assert measures.peak_dbfs == pytest.approx(120.0)
    json.dumps(measures.to_dict(), allow_nan=False)


def test_denormal_samples_are_no_level():
    measures = measure(np.full(16_000, 1e-42))
    assert measures.rms_dbfs is None
    json.dumps(measures.to_dict(), allow_nan=False)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_bad_numbers_are_refused(bad):
    samples = np.zeros(32_000)
    samples[24_100] = bad
    meter = QualityMeter(16_000, 1)
    meter.push(samples)
    with pytest.raises(AudioError, match=r"near 1\.5 s is NaN or infinite"):
        meter.result()


def test_wrong_shapes_are_refused():
    meter = QualityMeter(16_000, 2)
    for samples in (np.zeros(10), np.zeros((10, 3)), np.zeros((10, 2, 1))):
        with pytest.raises(AudioError, match=r"float32\[n, 2\]"):
            meter.push(samples)


@pytest.mark.parametrize(("rate_hz", "channels"), [(3_999, 1), (192_001, 1), (16_000, 0)])
def test_wrong_formats_are_refused(rate_hz, channels):
    with pytest.raises(AudioError):
        QualityMeter(rate_hz, channels)
