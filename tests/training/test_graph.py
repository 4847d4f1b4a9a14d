"""The front end inside a graph equals the NumPy reference, for sound of every kind and for odd configurations."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras")

from voxlite.errors import FeatureError
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.training.graph import log_mel_graph, radix

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig()
T = np.arange(16_000) / 16_000
SOUNDS = {
    "white noise": np.random.default_rng(0).standard_normal(16_000) * 0.1,
    "silence": np.zeros(16_000),
    "sine": 0.5 * np.sin(2 * np.pi * 440 * T),
    "clipped": np.clip(4 * np.sin(2 * np.pi * 200 * T), -1, 1),
    "faint": np.random.default_rng(1).standard_normal(16_000) * 1e-4,
    "impulse": np.eye(1, 16_000, 8_000)[0],
}


@pytest.mark.parametrize("name", SOUNDS)
def test_graph_equals_reference(name: str) -> None:
    sound = SOUNDS[name].astype(np.float32)
    got = np.asarray(log_mel_graph(sound[None], CONFIG))[0]
    np.testing.assert_allclose(got, log_mel(sound, CONFIG), atol=1e-3)


def test_graph_equals_reference_on_recordings(samples_dir) -> None:
    from voxlite import Audio

    for path in sorted(samples_dir.glob("*-*.flac")):
        sound = Audio.read(path, rate_hz=16_000).samples
        sound = sound[: len(sound) // 160 * 160]
        got, wanted = np.asarray(log_mel_graph(sound[None], CONFIG))[0], log_mel(sound, CONFIG)
        # bands 60 dB and more below their frame's loudest hold what float32 products leave of it
        below = np.exp(wanted.max(axis=1, keepdims=True) - wanted)
        assert (np.abs(got - wanted) <= 1e-3 + 1e-9 * below).all(), path.name


@pytest.mark.parametrize(
    ("change", "split"),
    [
        ({}, 16),
        ({"fft_size": 1024, "window_s": 0.05}, 16),
        ({"hop_s": 0.008, "window_s": 0.032}, 16),
        ({"hop_s": 0.0100625}, 1),
        ({"rate_hz": 8_000, "high_hz": 3_800.0, "fft_size": 256, "mel_bands": 32, "coefficients": 13}, 8),
    ],
)
def test_other_configurations(change: dict, split: int) -> None:
    config = replace(CONFIG, **change)
    assert radix(config) == split
    n = config.window_samples + 9 * config.hop_samples
    n += -n % split
    batch = np.random.default_rng(5).standard_normal((3, n)).astype(np.float32)
    got = np.asarray(log_mel_graph(batch, config))
    for row, expected in zip(got, batch, strict=True):
        np.testing.assert_allclose(row, log_mel(expected, config), atol=1e-3)


def test_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(FeatureError, match="multiple of 16"):
        log_mel_graph(np.zeros((1, 16_001), np.float32), CONFIG)
