"""The stages side by side: each is what its own function gives, and they follow from each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import FeatureError
from voxlite.frontend.cepstrum import cepstrum, dct_matrix
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import frames, hamming_window, log_mel, mel_bank, power_spectrum
from voxlite.frontend.stages import stages

CONFIGS = [
    FrontEndConfig(),
    FrontEndConfig(rate_hz=8_000, fft_size=256, mel_bands=20, high_hz=3_800, coefficients=13),
]


def sound(n: int) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 0.1, n).astype(np.float32)


@pytest.mark.parametrize("config", CONFIGS)
def test_each_stage_is_what_its_own_function_gives(config):
    samples = sound(6_000)
    found = stages(samples, config, middle=3_000)
    np.testing.assert_array_equal(found.power, power_spectrum(samples, config))
    np.testing.assert_array_equal(found.log_mel, log_mel(samples, config))
    np.testing.assert_array_equal(found.mfcc, cepstrum(found.log_mel, config))
    np.testing.assert_array_equal(found.mel_bank, mel_bank(config))
    np.testing.assert_array_equal(found.hamming, hamming_window(config.window_samples))
    np.testing.assert_array_equal(found.frame_samples, frames(samples, config)[found.frame])


@pytest.mark.parametrize("config", CONFIGS)
def test_each_stage_follows_from_the_one_before(config):
    found = stages(sound(6_000), config, middle=0)
    spectrum = np.abs(np.fft.rfft(found.weighted, config.fft_size)) ** 2
    np.testing.assert_allclose(found.power[found.frame], spectrum, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(found.weighted, found.frame_samples * found.hamming)
    energies = np.log(found.power @ found.mel_bank + config.log_floor)
    np.testing.assert_allclose(found.log_mel, energies, rtol=1e-4, atol=1e-4)
    dct = dct_matrix(config.mel_bands, config.coefficients)
    np.testing.assert_allclose(found.mfcc, energies @ dct, rtol=1e-3, atol=1e-3)


@given(st.floats(-5_000, 20_000))
def test_the_frame_in_detail_is_the_nearest_one(middle):
    config = FrontEndConfig()
    found = stages(np.zeros(8_000, np.float32), config, middle)
    middles = np.arange(len(found.power)) * config.hop_samples + config.window_samples / 2
    assert abs(middles[found.frame] - middle) == np.abs(middles - middle).min()


def test_less_than_a_frame_is_refused():
    with pytest.raises(FeatureError, match="at least 400 samples, one frame; got 399"):
        stages(np.zeros(399, np.float32), FrontEndConfig(), 0)
