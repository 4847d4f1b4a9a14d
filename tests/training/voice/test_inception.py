"""Inception-v3 on MFCC images: the image inside the graph, its targets, and a tiny training from clips to a verdict."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from voxlite import Audio, FrontEndConfig, VoiceDetector, mfcc_image
from voxlite.frontend.spectrum import log_mel
from voxlite.training.voice.image_graph import image_graph
from voxlite.training.voice.inception import InceptionPlan, Stage, inception_net, window_loss, window_targets
from voxlite.training.voice.networks import window_geometry
from voxlite.training.voice.publish import export_voice
from voxlite.training.voice.training import inception_training, load_plan, train_voice
from voxlite.training.windows import Windows, every

pytestmark = pytest.mark.train

RATE_HZ = 16_000
TINY = replace(
    inception_training(steps=6, batch=4, epoch_steps=3, average_every=1, echo=4.0, peak_rate=1e-3),
    net=InceptionPlan(stages=(Stage(0.0, 75, 4), Stage(0.5, 80, 2)), dropout=0.0),
)


@pytest.fixture(scope="module")
def exported(corpus: Path, tmp_path_factory) -> tuple[Path, Path]:
    """(run, out) of six steps at two sizes."""
    run, out = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("out")
    cache = tmp_path_factory.mktemp("cache")
    train_voice(corpus, run, cache, TINY)
    export_voice(run, out, corpus, cache, variants=("dynamic-int8",))
    return run, out


@pytest.mark.parametrize("kind", ["mfcc", "logmel"])
@pytest.mark.parametrize("size", [(299, 299), (75, 120)])
def test_the_image_in_the_graph_is_that_of_the_reference(kind: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    samples = (rng.standard_normal(RATE_HZ) * np.repeat(rng.uniform(0, 1, 10), 1600)).astype(np.float32)
    config = FrontEndConfig(kind=kind, image_height=size[0], image_width=size[1])
    image = np.asarray(image_graph(log_mel(samples, config)[None], config, *size))
    np.testing.assert_allclose(image[0], mfcc_image(Audio(samples, RATE_HZ), config), atol=1e-5)


def test_it_is_inception_v3_with_two_classes() -> None:
    net = inception_net()
    assert net.get_layer("inception_v3").count_params() == 21_802_784
    assert net.get_layer("classes").units == 2
    for size in (75, 160):  # convolutional: any size from 75 pixels on
        assert net(np.zeros((1, size, size, 3), np.float32), training=False).shape == (1, 1)


def test_windows_with_a_little_voice_do_not_count() -> None:
    labels = np.zeros((4, 98, 2), np.float32)
    labels[..., 1] = 1
    labels[1, :30, 0] = 1
    labels[2, :10, 0] = 1  # some voice, but less than 0.2 s
    labels[3, 40:45, 1] = 0  # a room rings on: nobody can say
    np.testing.assert_array_equal(window_targets(labels, 20), [[0, 1], [1, 1], [0, 0], [0, 0]])


def test_the_loss_ignores_them() -> None:
    loss = window_loss(0.0)
    targets = np.array([[1, 1], [0, 1], [0, 0]], np.float32)
    right = np.array([[9], [-9], [9]], np.float32)
    assert float(loss(targets, right)) < 0.01
    assert float(loss(targets, -right)) > 5


def test_the_windows_over_a_clip_include_the_clip_itself() -> None:
    geometry = window_geometry(16_000, 1_600)
    assert geometry.window == 16_000
    assert geometry.before % geometry.step == 0
    assert abs(geometry.before - geometry.after) <= geometry.step


def test_every_other_window() -> None:
    windows = Windows(np.arange(5.0)[:, None], np.arange(5) > 2, tuple("abcde"), tuple("vwxyz"))
    part = every(windows, 2, 1)
    assert part.samples[:, 0].tolist() == [1, 3]
    assert (part.sources, part.kinds) == (("b", "d"), ("w", "y"))
    assert part.is_voice.tolist() == [False, True]


def test_stages_and_plan_are_kept(exported: tuple[Path, Path]) -> None:
    history = json.loads((exported[0] / "history.json").read_text())
    assert [epoch["stage"] for epoch in history["epochs"]] == [0, 1]
    assert load_plan(exported[0]) == TINY


def test_the_file_is_a_detector_that_sees_one_window_at_a_time(
    exported: tuple[Path, Path], samples_dir: Path
) -> None:
    path = exported[1] / "voice-inception_v3-dynamic-int8.tflite"
    detector = VoiceDetector(model=str(path), threads=2)
    metadata = detector.model.metadata
    assert (metadata.net_input, metadata.resizable) == ("image", False)
    assert (metadata.frontend.image_height, metadata.frontend.image_width) == (80, 80)
    audio = Audio.read(samples_dir / "voice-en-wideband.flac", RATE_HZ)
    scores = detector.scores(Audio(audio.samples[: RATE_HZ + 400], RATE_HZ))
    assert len(scores.values) == 11
    assert scores.end_s[-1] == pytest.approx(1.025)
    assert detector.decide(Audio(np.zeros(RATE_HZ, np.float32), RATE_HZ)).label == "no voice"


def test_the_card_says_what_goes_in_and_out(exported: tuple[Path, Path]) -> None:
    card = (exported[1] / "voice-inception_v3.md").read_text()
    assert "one logit for a window of n = 16000 samples" in card
    assert "21,806,882 parameters" in card
    parity = json.loads((exported[1] / "parity.json").read_text())[0]
    assert parity["variant"] == "dynamic-int8"
    assert parity["size_bytes"] < 24e6
