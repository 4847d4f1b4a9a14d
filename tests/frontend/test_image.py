"""The feature image: shape, range, fixed scale, and a bilinear resize that others would give too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.audio.audio import Audio
from voxlite.errors import FeatureError
from voxlite.frontend import FrontEndConfig, feature_planes, log_mel_features, mfcc_image
from voxlite.frontend.image import resize

KINDS = ("mfcc", "logmel")


def noise(n, level=0.1, seed=0):
    return Audio((level * np.random.default_rng(seed).standard_normal(n)).astype(np.float32), 16_000)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [50, 16_000, 80_000])
def test_shape_and_range(kind, n):
    image = mfcc_image(noise(n), FrontEndConfig(kind=kind, image_height=96, image_width=128))
    assert image.shape == (96, 128, 3)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1


def test_the_default_is_299_pixels_square():
    assert mfcc_image(noise(16_000)).shape == (299, 299, 3)


def test_silence_is_dark_and_still():
    image = mfcc_image(Audio(np.zeros(16_000, np.float32), 16_000), FrontEndConfig(kind="logmel"))
    np.testing.assert_allclose(image[..., 0], 0, atol=1e-6)
    np.testing.assert_array_equal(image[..., 1:], np.float32(0.5))


@pytest.mark.parametrize("kind", KINDS)
def test_a_louder_recording_is_brighter_by_a_fixed_amount(kind):
    """Level survives: no clip is stretched to its own darkest and brightest."""
    config = FrontEndConfig(kind=kind)
    quiet, loud = (
        feature_planes(log_mel_features(noise(16_000, level)), config)[..., 0] for level in (0.01, 0.1)
    )
    ceiling, floor = 2 * np.log(0.54 * 400), np.log(1e-8)
    step = 2 * np.log(10) / (ceiling - floor)
    rows = slice(0, 1) if kind == "mfcc" else slice(None)
    np.testing.assert_allclose((loud - quiet)[rows], step, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_full_scale_outshines_one(kind):
    constant = np.ones(16_000, np.float32)
    planes = feature_planes(log_mel_features(Audio(constant, 16_000)), FrontEndConfig(kind=kind))
    assert planes[..., 0].max() < 1


def test_deltas_show_an_onset():
    samples = np.zeros(16_000, np.float32)
    samples[8_000:] = noise(8_000).samples
    planes = feature_planes(log_mel_features(Audio(samples, 16_000)), FrontEndConfig(kind="logmel"))
    onset = 8_000 // 160
    assert planes[:, onset - 2 : onset, 1].min() > 0.6
    assert planes[:, :30, 1].max() == 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_few_values_of_ordinary_sound_are_clipped(kind):
    planes = feature_planes(log_mel_features(noise(32_000)), FrontEndConfig(kind=kind))
    assert ((planes == 0) | (planes == 1)).mean() < 0.02


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 30), st.integers(1, 30))
def test_a_constant_stays_constant_and_bounds_hold(rows, columns, height, width):
    constant = resize(np.full((rows, columns, 2), 0.3, np.float32), height, width)
    assert constant.shape == (height, width, 2)
    np.testing.assert_allclose(constant, 0.3, rtol=1e-6)
    image = np.random.default_rng(1).random((rows, columns, 1)).astype(np.float32)
    resized = resize(image, height, width)
    assert resized.min() >= image.min() - 1e-6
    assert resized.max() <= image.max() + 1e-6


@given(st.integers(1, 20), st.integers(1, 20))
def test_the_same_size_is_the_same_image(rows, columns):
    image = np.random.default_rng(1).random((rows, columns, 3)).astype(np.float32)
    np.testing.assert_allclose(resize(image, rows, columns), image, atol=1e-6)


def test_half_pixel_centres():
    image = np.array([0.0, 1.0], np.float32).reshape(1, 2, 1)
    np.testing.assert_allclose(resize(image, 1, 4)[0, :, 0], [0, 0.25, 0.75, 1])


def test_shrinking_skips_no_frame():
    image = np.zeros((1, 100, 1), np.float32)
    image[0, 33] = 1
    assert resize(image, 1, 7).sum() == pytest.approx(7 / 100, rel=0.05)


@pytest.mark.parametrize(("height", "width"), [(299, 150), (20, 33), (64, 7), (5, 5)])
def test_an_image_library_agrees(height, width, rng):
    image_module = pytest.importorskip("PIL.Image")
    image = rng.random((64, 98)).astype(np.float32)
    golden = image_module.fromarray(image).resize((width, height), image_module.Resampling.BILINEAR)
    np.testing.assert_allclose(resize(image[..., None], height, width)[..., 0], np.asarray(golden), atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "size", "message"),
    [
        ((4, 4), (8, 8), "got shape"),
        ((0, 4, 3), (8, 8), "got shape"),
        ((4, 4, 3), (0, 8), "less than one pixel"),
    ],
)
def test_what_cannot_be_resized_is_refused(shape, size, message):
    with pytest.raises(FeatureError, match=message):
        resize(np.zeros(shape, np.float32), *size)
