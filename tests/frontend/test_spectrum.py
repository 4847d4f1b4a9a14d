"""Window, power spectrum, mel bank and log-mel energies: laws that hold for every signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import FeatureError
from voxlite.frontend import (
    FrontEndConfig,
    frame_geometry,
    hamming_window,
    hz_to_mel,
    log_mel,
    mel_bank,
    mel_to_hz,
    power_spectrum,
)
from voxlite.frontend.spectrum import frames

pytestmark = pytest.mark.usefixtures("both_paths")

CONFIG = FrontEndConfig()


def noise(n, seed=0, level=0.1):
    return (level * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


@given(st.integers(0, 5_000))
def test_the_frames_are_those_that_fit(n):
    assert log_mel(noise(n), CONFIG).shape == (frame_geometry(CONFIG).count(n), 64)
    assert power_spectrum(noise(n), CONFIG).shape == (frame_geometry(CONFIG).count(n), 257)


@given(st.integers(0, 2**32 - 1), st.integers(400, 12_000))
def test_parseval(seed, n):
    samples = noise(n, seed)
    power = power_spectrum(samples, CONFIG).astype(np.float64)
    both_sides = 2 * power.sum(axis=1) - power[:, 0] - power[:, -1]
    energy = ((frames(samples, CONFIG) * hamming_window(400)).astype(np.float64) ** 2).sum(axis=1)
    np.testing.assert_allclose(both_sides / CONFIG.fft_size, energy, rtol=1e-5)


@given(st.floats(-40, 40), st.integers(0, 2**32 - 1))
def test_gain_shifts_every_log_energy_alike(gain_db, seed):
    samples = noise(4_000, seed)
    config = FrontEndConfig(log_floor=1e-30)
    gain = np.float32(10 ** (gain_db / 20))
    shift = log_mel(samples * gain, config) - log_mel(samples, config)
    np.testing.assert_allclose(shift, 2 * np.log(gain), atol=2e-4)


def test_digital_silence_is_the_floor():
    np.testing.assert_array_equal(
        log_mel(np.zeros(800, np.float32), CONFIG), np.float32(np.log(np.float32(1e-8)))
    )


def test_a_full_scale_sine_reaches_half_the_windows_sum_squared():
    sine = np.sin(2 * np.pi * 1_000 * np.arange(1_600) / 16_000).astype(np.float32)  # bin 32 exactly
    power = power_spectrum(sine, CONFIG)
    assert (power.argmax(axis=1) == 32).all()
    np.testing.assert_allclose(power.max(axis=1), (hamming_window(400).sum() / 2) ** 2, rtol=1e-3)


@given(st.integers(0, 60), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_frame_does_not_depend_on_its_neighbours(first, count, seed):
    samples = noise(16_000, seed)
    part = samples[first * 160 : (first + count - 1) * 160 + 400]
    np.testing.assert_array_equal(
        log_mel(part, CONFIG), log_mel(samples, CONFIG)[first : first + len(log_mel(part, CONFIG))]
    )


def test_the_input_is_left_alone_and_views_are_not_copied():
    samples = noise(2_000)
    before = samples.copy()
    log_mel(samples, CONFIG)
    np.testing.assert_array_equal(samples, before)
    assert np.shares_memory(frames(samples, CONFIG), samples)


def test_mel_scale_is_its_own_inverse_and_puts_1000_hz_near_1000_mel():
    hz = np.linspace(0, 20_000, 50)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz)), hz, rtol=1e-12, atol=1e-9)
    assert hz_to_mel(1_000) == pytest.approx(1_000, abs=0.1)


def test_the_filters_overlap_to_one_and_stay_inside_the_band():
    bank = mel_bank(CONFIG)
    bins_hz = np.arange(257) * 16_000 / 512
    assert bank.max() <= 1
    assert (bank >= 0).all()
    assert not bank[(bins_hz <= 60) | (bins_hz >= 7_600)].any()
    corners_hz = mel_to_hz(np.linspace(hz_to_mel(60), hz_to_mel(7_600), 66))
    inside = (bins_hz >= corners_hz[1]) & (bins_hz <= corners_hz[-2])
    np.testing.assert_allclose(bank[inside].sum(axis=1), 1, atol=1e-5)


def test_too_many_bands_are_refused():
    with pytest.raises(FeatureError, match="hold no DFT bin: use fewer bands"):
        mel_bank(FrontEndConfig(mel_bands=200))


def test_more_than_one_channel_is_refused():
    with pytest.raises(FeatureError, match=r"shape \(2, 800\)"):
        log_mel(np.zeros((2, 800), np.float32), CONFIG)


def test_constants_cannot_be_changed_by_accident():
    for constant in (hamming_window(400), mel_bank(CONFIG)):
        with pytest.raises(ValueError, match="read-only"):
            constant[0] = 1
