"""FeatureStream: the same numbers as offline, whatever the chunks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.audio.audio import Audio
from voxlite.errors import FeatureError
from voxlite.frontend import FeatureStream, FrontEndConfig, log_mel_features

pytestmark = pytest.mark.usefixtures("both_paths")

CONFIGS = {
    "default": FrontEndConfig(),
    "8 kHz": FrontEndConfig(rate_hz=8_000, fft_size=256, high_hz=3_800.0, mel_bands=24, coefficients=13),
    "gaps between windows": FrontEndConfig(hop_s=0.04),
    "hop of an odd length": FrontEndConfig(hop_s=0.0117, mel_bands=40),
}


def run(stream, samples, sizes):
    parts, at = [], 0
    for size in sizes:
        parts.append(stream.push(samples[at : at + size]))
        at += size
    parts.append(stream.push(samples[at:]))
    parts.append(stream.flush())
    return np.concatenate(parts)


@given(
    st.sampled_from(sorted(CONFIGS)),
    st.integers(1, 9_000),
    st.lists(st.one_of(st.integers(0, 3), st.integers(0, 500), st.integers(0, 5_000)), max_size=30),
    st.integers(0, 2**32 - 1),
)
def test_streamed_equals_offline_bit_for_bit(name, n, sizes, seed):
    config = CONFIGS[name]
    samples = (0.1 * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)
    stream = FeatureStream(config)
    offline = log_mel_features(Audio(samples, config.rate_hz), config)
    np.testing.assert_array_equal(run(stream, samples, sizes), offline)
    # flush left it ready for the next recording
    np.testing.assert_array_equal(run(stream, samples, sizes), offline)


def test_single_samples(rng):
    samples = rng.standard_normal(1_000).astype(np.float32)
    np.testing.assert_array_equal(
        run(FeatureStream(), samples, [1] * 1_000), log_mel_features(Audio(samples, 16_000))
    )


def test_a_frame_comes_with_its_last_sample():
    stream = FeatureStream()
    assert len(stream.push(np.zeros(399, np.float32))) == 0
    assert len(stream.push(np.zeros(1, np.float32))) == 1
    assert len(stream.push(np.zeros(159, np.float32))) == 0
    assert len(stream.push(np.zeros(1, np.float32))) == 1
    assert stream.n_frames == 2


def test_memory_does_not_grow():
    stream = FeatureStream()
    for _ in range(50):
        stream.push(np.zeros(4_001, np.float32))
    assert len(stream._kept) < 400 + 160


def test_no_sound_gives_no_frame():
    assert FeatureStream().flush().shape == (0, 64)


def test_reset_forgets(rng):
    samples = rng.standard_normal(2_000).astype(np.float32)
    stream = FeatureStream()
    stream.push(samples[:777])
    stream.reset()
    assert stream.n_frames == 0
    np.testing.assert_array_equal(stream.push(samples), log_mel_features(Audio(samples, 16_000)))


def test_more_than_one_channel_is_refused():
    with pytest.raises(FeatureError, match=r"got shape \(2, 100\)"):
        FeatureStream().push(np.zeros((2, 100), np.float32))
