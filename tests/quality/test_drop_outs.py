"""Drop-outs: gaps cut into sound, not pauses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.quality import QualityMeter
from voxlite.quality import meter as meter_module
from voxlite.quality.drop_outs import merge_gaps


def measured(samples, rate_hz=16_000):
    samples = np.asarray(samples, dtype=np.float32)
    meter = QualityMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.push(samples)
    return meter.result()


def gaps(samples, rate_hz=16_000):
    return [
        (round(gap.start_s * rate_hz), round(gap.duration_s * rate_hz))
        for gap in measured(samples, rate_hz).drop_outs
    ]


def noise(n=48_000, level=0.1, seed=0):
    return np.random.default_rng(seed).normal(0, level, n)


@settings(max_examples=40, deadline=None)
@given(
    rate_hz=st.sampled_from([4_000, 11_025, 16_000, 192_000]),
    start=st.floats(0.01, 0.7),
    length_s=st.floats(0.0051, 0.25),
)
def test_every_gap_is_found_to_the_sample(rate_hz, start, length_s):
    samples = noise(rate_hz)
    begin, length = int(start * rate_hz), int(np.ceil(length_s * rate_hz))
    samples[begin : begin + length] = 0.0
    assert gaps(samples, rate_hz) == [(begin, length)]


@settings(max_examples=40, deadline=None)
@given(start=st.integers(200, 7_000), length=st.integers(80, 5_000))
def test_borders_of_stretches_hide_nothing(start, length):
    samples = noise(16_000)
    samples[start : start + length] = 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meter_module, "_STRETCH_SAMPLES", 1)
        patch.setattr(meter_module, "_STRETCH_MIN_FRAMES", 1)
        assert gaps(samples) == [(start, length)]


@pytest.mark.parametrize("end", range(3_115, 3_125))
def test_a_gap_that_ends_on_a_border(end, monkeypatch):
    monkeypatch.setattr(meter_module, "_STRETCH_SAMPLES", 1)
    monkeypatch.setattr(meter_module, "_STRETCH_MIN_FRAMES", 1)
    samples = noise(16_000)
    samples[2_000:end] = 0.0
    assert gaps(samples) == [(2_000, end - 2_000)]


def test_several_gaps_near_each_other():
    samples = noise()
    for begin, length in [(1_600, 100), (1_720, 90), (9_000, 7_999), (30_000, 160)]:
        samples[begin : begin + length] = 0.0
    assert gaps(samples) == [(1_600, 100), (1_720, 90), (9_000, 7_999), (30_000, 160)]


@pytest.mark.parametrize("length", [70, 8_100, 20_000])
def test_too_short_and_too_long_are_none(length):
    samples = noise()
    samples[5_000 : 5_000 + length] = 0.0
    assert gaps(samples) == []


def test_a_gap_of_half_a_second_over_many_stretches():
    samples = noise(192_000 * 2)
    samples[100_000 : 100_000 + 90_000] = 0.0
    assert gaps(samples, 192_000) == [(100_000, 90_000)]


def test_digital_silence_at_the_ends_is_none():
    samples = noise()
    samples[:1_000] = 0.0
    samples[-1_000:] = 0.0
    assert gaps(samples) == []


def test_quiet_sound_is_not_cut():
    samples = np.round(noise(level=0.0005) * 32_768) / 32_768
    samples[5_000:6_000] = 0.0
    assert gaps(samples) == []


def test_a_gate_that_fades_is_none():
    samples = noise()
    fade = np.linspace(1.0, 0.0, 160)
    samples[4_840:5_000] *= fade
    samples[5_000:6_000] = 0.0
    samples[6_000:6_160] *= fade[::-1]
    assert gaps(samples) == []


@pytest.mark.parametrize("fading", ["before", "after"])
def test_one_abrupt_end_is_enough(fading):
    samples = noise()
    fade = np.linspace(1.0, 0.0, 100)
    samples[5_000:6_000] = 0.0
    if fading == "before":
        samples[4_900:5_000] *= fade
    else:
        samples[6_000:6_100] *= fade[::-1]
    (only,) = measured(samples).drop_outs
    assert only.start_s == pytest.approx(5_000 / 16_000, abs=1e-4)


def test_a_gap_into_silence_is_none():
    samples = noise()
    samples[5_000:6_000] = 0.0
    samples[6_000:7_000] *= 1e-3
    assert gaps(samples) == []


def test_gaps_of_several_channels_are_one():
    samples = np.stack([noise(), noise(seed=1)], axis=1)
    samples[5_000:6_000] = 0.0
    samples[20_000:21_000, 0] = 0.0
    assert gaps(samples) == [(5_000, 1_000), (20_000, 1_000)]


def test_only_the_first_twenty_are_listed():
    samples = noise(160_000)
    for begin in range(2_000, 152_000, 5_000):
        samples[begin : begin + 200] = 0.0
    measures = measured(samples)
    assert measures.n_drop_outs == 30
    assert len(measures.drop_outs) == 20


def test_merge():
    assert merge_gaps([]) == []
    assert merge_gaps([(5, 10), (0, 20), (20, 5)]) == [(0, 20), (20, 5)]


def test_a_gap_that_begins_between_the_last_grid_point_and_the_border(monkeypatch):
    monkeypatch.setattr(meter_module, "_STRETCH_SAMPLES", 1)
    monkeypatch.setattr(meter_module, "_STRETCH_MIN_FRAMES", 1)
    samples = noise(16_000)
    samples[1_481:1_561] = 0.0
    assert gaps(samples) == [(1_481, 80)]
