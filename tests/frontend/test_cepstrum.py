"""DCT, cepstral coefficients, deltas and the functions that take a recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.audio.audio import Audio
from voxlite.errors import FeatureError
from voxlite.frontend import FrontEndConfig, cepstrum, dct_matrix, deltas, log_mel, log_mel_features, mfcc

pytestmark = pytest.mark.usefixtures("both_paths")

CONFIG = FrontEndConfig()


def tone(n, rate_hz=16_000, hz=440.0):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(n) / rate_hz)).astype(np.float32)


@given(st.integers(1, 100))
def test_the_dct_is_orthonormal(bands):
    matrix = dct_matrix(bands, bands).astype(np.float64)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(bands), atol=1e-5)


def test_a_shorter_dct_is_the_first_columns_of_the_whole():
    np.testing.assert_array_equal(dct_matrix(64, 13), dct_matrix(64, 64)[:, :13])
    assert not dct_matrix(64, 13).flags.writeable


def test_all_coefficients_keep_distances(rng):
    config = FrontEndConfig(coefficients=64)
    frames = rng.standard_normal((2, 64)).astype(np.float32)
    a, b = cepstrum(frames, config)
    assert np.linalg.norm(a - b) == pytest.approx(np.linalg.norm(frames[0] - frames[1]), rel=1e-5)


@pytest.mark.parametrize("shape", [(3, 63), (64,)])
def test_cepstrum_wants_the_configurations_bands(shape):
    with pytest.raises(FeatureError, match=r"float32\[frames, 64\], got shape"):
        cepstrum(np.zeros(shape, np.float32), CONFIG)


@given(st.integers(1, 40), st.sampled_from([3, 5, 9, 11]), st.floats(-5, 5), st.floats(-5, 5))
def test_the_delta_of_a_ramp_is_its_slope(n, width, slope, offset):
    ramp = (offset + slope * np.arange(n, dtype=np.float32))[:, None]
    result = deltas(ramp.astype(np.float32), width)
    assert result.shape == ramp.shape
    inner = result[width // 2 : n - width // 2]
    np.testing.assert_allclose(inner, slope, atol=1e-4)


def test_the_delta_of_what_stands_still_is_zero():
    assert not deltas(np.full((5, 2), 3.7, np.float32), 9).any()
    assert deltas(np.zeros((0, 4), np.float32), 9).shape == (0, 4)


@pytest.mark.parametrize("width", [1, 4])
def test_a_width_without_a_middle_is_refused(width):
    with pytest.raises(FeatureError, match=f"width {width} must be odd"):
        deltas(np.zeros((5, 2), np.float32), width)


def test_deltas_want_a_matrix():
    with pytest.raises(FeatureError, match=r"got shape \(5,\)"):
        deltas(np.zeros(5, np.float32), 9)


def test_mfcc_of_a_recording():
    audio = Audio(tone(16_000), 16_000)
    result = mfcc(audio)
    assert result.dtype == np.float32
    assert result.shape == (98, 40)
    np.testing.assert_array_equal(result, cepstrum(log_mel(audio.samples, CONFIG), CONFIG))


@pytest.mark.parametrize("n", [1, 96, 399, 400])
def test_a_recording_shorter_than_a_frame_is_one_frame(n):
    audio = Audio(tone(n), 16_000)
    padded = np.pad(audio.samples, (0, 400 - n))
    np.testing.assert_array_equal(log_mel_features(audio), log_mel(padded, CONFIG))
    assert mfcc(audio).shape == (1, 40)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_another_rate_is_converted_first(rate_hz):
    pytest.importorskip("soxr")
    there = log_mel_features(Audio(tone(2 * rate_hz, rate_hz), rate_hz))
    here = log_mel_features(Audio(tone(32_000), 16_000))
    assert there.shape == here.shape
    loudest = here[100].argmax()
    np.testing.assert_allclose(there[50:150, loudest], here[50:150, loudest], atol=0.05)
