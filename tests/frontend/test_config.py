"""FrontEndConfig and Geometry: every rule holds, every breach names itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import FeatureError, VoxliteError
from voxlite.frontend import FrontEndConfig, Geometry


def test_the_defaults_are_the_documented_ones():
    config = FrontEndConfig()
    assert (config.rate_hz, config.window_samples, config.hop_samples) == (16_000, 400, 160)
    assert (config.fft_size, config.mel_bands, config.coefficients) == (512, 64, 40)


def test_a_configuration_survives_its_plain_form():
    config = FrontEndConfig(
        rate_hz=8_000, fft_size=256, high_hz=3_800.0, mel_bands=24, coefficients=13, kind="logmel"
    )
    assert FrontEndConfig.from_dict(config.to_dict()) == config
    assert hash(FrontEndConfig.from_dict(config.to_dict())) == hash(config)


@pytest.mark.parametrize("change", [{"extra": 1}, {"rate_hz": None}])
def test_other_keys_are_refused(change):
    data = FrontEndConfig().to_dict() | change
    if data["rate_hz"] is None:
        del data["rate_hz"]
    with pytest.raises(FeatureError, match=r"does not fit this version.*(extra|rate_hz)"):
        FrontEndConfig.from_dict(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate_hz": 3_999}, "rate_hz 3999 is outside"),
        ({"rate_hz": 48_000}, "rate_hz 48000 is outside"),
        ({"hop_s": 0.0}, r"hop_s 0\.0 is shorter than one sample"),
        ({"hop_s": 1e-6}, "hop_s 1e-06 is shorter"),
        ({"window_s": 1e-5}, "window_s 1e-05 is shorter than two samples"),
        ({"fft_size": 500}, "fft_size 500 must be a power of two"),
        ({"fft_size": 256}, "at least the window's 400 samples"),
        ({"mel_bands": 0}, "mel_bands 0"),
        ({"low_hz": -1.0}, "must ascend"),
        ({"low_hz": 7_600.0}, "must ascend"),
        ({"high_hz": 8_001.0}, r"at or below 8000\.0 Hz"),
        ({"log_floor": 0.0}, r"log_floor 0\.0"),
        ({"coefficients": 0}, "coefficients 0"),
        ({"coefficients": 65}, r"coefficients 65 must be 1\.\.mel_bands \(64\)"),
        ({"kind": "plp"}, "kind 'plp'"),
        ({"delta_width": 4}, "delta_width 4"),
        ({"delta_width": 1}, "delta_width 1"),
        ({"image_height": 7}, "8 x 8 pixels"),
        ({"image_width": 7}, "8 x 8 pixels"),
    ],
)
def test_each_breach_is_named_in_one_line(change, message):
    with pytest.raises(FeatureError, match=message) as caught:
        FrontEndConfig(**change)
    assert isinstance(caught.value, VoxliteError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("window", "hop"), [(0, 1), (1, 0)])
def test_a_geometry_needs_a_window_and_a_hop(window, hop):
    with pytest.raises(FeatureError, match="must be at least 1"):
        Geometry(window, hop)


geometries = st.builds(Geometry, st.integers(1, 60), st.integers(1, 60))


@given(geometries, st.integers(0, 2_000))
def test_count_is_what_sliding_gives(geometry, n):
    slid = sum(1 for first in range(0, n, geometry.hop) if first + geometry.window <= n)
    assert geometry.count(n) == slid


@given(geometries, st.integers(1, 50))
def test_needed_is_the_least_that_suffices(geometry, outputs):
    n = geometry.needed(outputs)
    assert geometry.count(n) == outputs
    assert geometry.count(n - 1) == outputs - 1
    assert geometry.start(outputs - 1) + geometry.window == n
    assert geometry.needed(0) == 0


@given(geometries, geometries, st.integers(0, 5_000))
def test_two_stages_compose_to_one(first, later, n):
    assert first.then(later).count(n) == later.count(first.count(n))


@given(geometries, geometries, geometries)
def test_composition_is_associative(a, b, c):
    assert a.then(b).then(c) == a.then(b.then(c))
