"""Training from a manifest to a verdict, tiny: learns, resumes, exports, runs; and moves between backends."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")
pytest.importorskip("scipy")

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.corpus import CorpusError
from voxlite.training.fit import FitPlan, learning_rate
from voxlite.training.mixing import MixPlan
from voxlite.training.voice.nets import CompactPlan, compact_voice_net
from voxlite.training.voice.recipe import padded_features, voice_loss
from voxlite.training.voice.training import VoiceTraining, load_plan, train_voice

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=24, coefficients=13)
NET = CompactPlan(stem=4, stages=((8, 2), (8, 1)), width=16, context_kernels=(3,))
PLAN = VoiceTraining(
    CONFIG,
    NET,
    MixPlan(seconds=1.0),
    FitPlan(steps=60, batch=16, epoch_steps=20, peak_rate=0.01, max_minutes=5, lookahead=4),
)


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory) -> tuple[Path, Path]:
    """(run, cache) of a training that was stopped half-way and resumed."""
    run, cache = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache")
    train_voice(corpus, run, cache, replace(PLAN, fit=replace(PLAN.fit, steps=20)))
    assert json.loads((run / "history.json").read_text())["step"] == 20
    train_voice(corpus, run, cache, PLAN, resume=True)
    return run, cache


def test_history_and_plan_are_kept(trained: tuple[Path, Path]) -> None:
    history = json.loads((trained[0] / "history.json").read_text())
    assert [epoch["step"] for epoch in history["epochs"]] == [20, 40, 60]
    assert load_plan(trained[0]) == PLAN
    for epoch in history["epochs"]:
        assert 0 <= epoch["auc_clean"] <= 1
        assert np.isfinite(epoch["loss"])


def test_it_learns(trained: tuple[Path, Path]) -> None:
    """Harmonic buzz against hiss is easy: a few steps must lower the loss below chance."""
    history = json.loads((trained[0] / "history.json").read_text())
    assert history["epochs"][-1]["loss"] < 0.93 * history["epochs"][0]["loss"]


def test_export_runs_as_a_detector(trained: tuple[Path, Path], corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from voxlite import Audio, VoiceDetector
    from voxlite.training.voice.publish import export_voice

    published = export_voice(
        trained[0], tmp_path, corpus, trained[1], name="tiny", variants=("float16",), blend=[trained[0]]
    )
    (said,) = published.models
    assert said.thresholds["clip"]["value"] == 0.5
    assert set(said.calibration) >= {"clip_slope", "clip_offset", "step_slope", "step_offset"}
    assert "Training data" in published.card.read_text()
    detector = VoiceDetector(model=str(tmp_path / "voice-tiny-float16.tflite"), threads=1)
    assert detector.model.metadata == said
    assert detector.decide(Audio(np.zeros(16_000, np.float32), 16_000)).label == "no voice"
    assert json.loads((tmp_path / "parity.json").read_text())[0]["variant"] == "float16"


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"plan\.json is missing"):
        load_plan(tmp_path)


def test_a_manifest_of_one_class_is_refused(corpus: Path, tmp_path: Path) -> None:
    lines = corpus.read_text().splitlines()
    only_speech = corpus.parent / "only-speech.csv"
    only_speech.write_text("\n".join([lines[0], *(line for line in lines if ",speech," in line)]))
    try:
        with pytest.raises(CorpusError, match="clips without"):
            train_voice(only_speech, tmp_path, tmp_path / "cache", PLAN)
    finally:
        only_speech.unlink()


def test_learning_rate_warms_up_and_ends_at_zero() -> None:
    rates = [learning_rate(PLAN.fit, progress) for progress in np.linspace(0, 1, 101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(PLAN.fit.peak_rate, rel=0.01)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert np.argmax(rates) == 3


def test_loss_ignores_what_is_unsure_and_rewards_the_truth() -> None:
    loss = voice_loss(0.5, 0.0)
    truth = np.zeros((2, 10, 2), np.float32)
    truth[0, :6, 0] = 1
    truth[..., 1] = 1
    good = np.where(truth[..., 0] > 0, 8.0, -8.0).astype(np.float32)
    assert float(loss(truth, good)) < 0.01
    assert float(loss(truth, -good)) > 5
    unsure = truth.copy()
    unsure[..., 1] = 0
    unsure[0] = truth[0]
    wrong = good.copy()
    wrong[1] *= -1
    assert float(loss(unsure, wrong)) < 0.01


def test_padded_features_cover_every_step() -> None:
    geometry = NET.geometry()
    for n in (640, 16_000):
        features = padded_features(np.zeros((2, n), np.float32), CONFIG, geometry, 4)
        assert geometry.count(features.shape[1]) >= n // (geometry.hop * CONFIG.hop_samples)


_SCRIPT = """
import sys, numpy as np, keras
from voxlite.frontend.config import FrontEndConfig
from voxlite.training.voice.recipe import voice_loss
from voxlite.training.graph import log_mel_graph
from voxlite.training.voice.nets import CompactPlan, compact_voice_net
config = FrontEndConfig(mel_bands=24, coefficients=13)
net = compact_voice_net(config, CompactPlan(stem=4, stages=((8, 2), (8, 1)), width=16, context_kernels=(3,)))
net.load_weights(sys.argv[1])
wave = np.load(sys.argv[2])
logits = keras.ops.convert_to_numpy(net(log_mel_graph(wave, config), training=False))
net.compile(optimizer="adam", loss=voice_loss(0.5, 0.01))
targets = np.stack([np.ones_like(logits), np.ones_like(logits)], axis=-1)
features = keras.ops.convert_to_numpy(log_mel_graph(wave, config))
losses = [float(net.train_on_batch(features, targets)) for _ in range(8)]
assert losses[-1] < losses[0], losses
np.save(sys.argv[3], logits)
print(keras.backend.backend())
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_weights_move_between_backends(backend: str, tmp_path: Path) -> None:
    pytest.importorskip(backend)
    net = compact_voice_net(CONFIG, NET)
    net.save_weights(tmp_path / "net.weights.h5")
    wave = np.random.default_rng(2).standard_normal((8, 16_000)).astype(np.float32) * 0.1
    np.save(tmp_path / "wave.npy", wave)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _SCRIPT,
            *(str(tmp_path / n) for n in ("net.weights.h5", "wave.npy", "out.npy")),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert backend in done.stdout
    from voxlite.training.graph import log_mel_graph

    expected = np.asarray(net(log_mel_graph(wave, CONFIG), training=False))
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, atol=1e-3)
