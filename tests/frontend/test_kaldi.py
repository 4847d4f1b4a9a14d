"""The "kaldi" recipe against kaldi-native-fbank 1.23: golden values in golden/kaldi.npz, made by `by_kaldi` below.

To make them again: `pip install kaldi-native-fbank`, then `python tests/frontend/test_kaldi.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voxlite.errors import FeatureError
from voxlite.frontend import FeatureStream, FrontEndConfig, log_mel, native
from voxlite.frontend.stages import stages

GOLDEN = Path(__file__).with_name("golden") / "kaldi.npz"
CONFIG = FrontEndConfig(
    recipe="kaldi",
    mel_bands=80,
    low_hz=20.0,
    high_hz=8_000.0,
    log_floor=float(np.finfo(np.float32).eps),
    kind="logmel",
)
N = 4_000


def sounds() -> dict[str, np.ndarray]:
    """Quarter seconds on the grid of 16-bit sound, by formula."""
    rng = np.random.default_rng(12)
    t = np.arange(N) / 16_000
    voice = sum(np.sin(2 * np.pi * 140 * k * t + k * k) / k for k in range(1, 40)) * (
        0.2 + np.sin(9 * t) ** 2
    )
    made = {
        "noise": 0.1 * rng.standard_normal(N),
        "voice": 0.08 * voice,
        "offset": 0.3 + 1e-3 * rng.standard_normal(N),
        "faint": 2e-5 * rng.standard_normal(N),
        "silence": np.zeros(N),
        "clipped": np.clip(4 * np.sin(2 * np.pi * 200 * t), -1, 0.999),
    }
    return {name: (np.round(32_768 * sound) / 32_768).astype(np.float32) for name, sound in made.items()}


def by_kaldi(samples: np.ndarray) -> np.ndarray:
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = 16_000
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = 80
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(16_000, (samples * 32_768).tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(GOLDEN) as file:
        return dict(file)


@pytest.mark.parametrize("name", sounds())
def test_features_are_kaldis(golden, name):
    np.testing.assert_allclose(log_mel(sounds()[name], CONFIG), golden[name], atol=2e-3)


@pytest.mark.parametrize("name", sounds())
def test_golden_values_are_what_kaldi_gives(golden, name):
    pytest.importorskip("kaldi_native_fbank")
    np.testing.assert_allclose(by_kaldi(sounds()[name]), golden[name], atol=1e-3)


@pytest.mark.train
@pytest.mark.parametrize("name", sounds())
def test_the_graph_gives_the_same(golden, name):
    pytest.importorskip("keras")
    from voxlite.training.graph import log_mel_graph

    found = np.asarray(log_mel_graph(sounds()[name][None], CONFIG))[0]
    np.testing.assert_allclose(found, golden[name], atol=3e-3)


def test_silence_is_the_floor_itself():
    np.testing.assert_allclose(log_mel(np.zeros(N, np.float32), CONFIG), np.log(CONFIG.log_floor), rtol=1e-6)


def test_an_offset_changes_nothing(rng):
    sound = (0.05 * rng.standard_normal(N)).astype(np.float32)
    np.testing.assert_allclose(log_mel(sound + 0.25, CONFIG), log_mel(sound, CONFIG), atol=2e-3)


def test_a_stream_gives_the_same_bits(rng):
    sound = (0.05 * rng.standard_normal(N)).astype(np.float32)
    stream = FeatureStream(CONFIG)
    parts = [stream.push(part) for part in np.split(sound, [7, 500, 501, 2_222])]
    np.testing.assert_array_equal(np.concatenate([*parts, stream.flush()]), log_mel(sound, CONFIG))


def test_the_compiled_kernel_leaves_the_recipe_to_numpy():
    assert native.plan_for(CONFIG) is None


def test_a_configuration_names_its_recipe_only_if_it_is_not_the_plain_one():
    assert "recipe" not in FrontEndConfig().to_dict()
    assert FrontEndConfig.from_dict(CONFIG.to_dict()) == CONFIG
    with pytest.raises(FeatureError, match="recipe 'htk' must be"):
        FrontEndConfig(recipe="htk")  # type: ignore[arg-type]


def test_stages_show_the_plain_recipe_alone():
    with pytest.raises(FeatureError, match="plain recipe alone"):
        stages(np.zeros(N, np.float32), CONFIG, middle=0)


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    values = {name: by_kaldi(sound) for name, sound in sounds().items()}
    np.savez_compressed(GOLDEN, **values)
