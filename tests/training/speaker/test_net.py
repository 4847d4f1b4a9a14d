"""The speaker net and its loss: shape, norm, statistics, what the loss wants, weights from a file."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras")

from keras import ops

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred
from voxlite.training.corpus import CorpusError
from voxlite.training.keras_blocks import _statistics
from voxlite.training.speaker.net import DIM, SpeakerPlan, load_net, speaker_net
from voxlite.training.speaker.recipe import SpeakerLoss, with_classes
from voxlite.training.speaker.voice_bank import VoiceBank

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=24, coefficients=13)


NET = SpeakerPlan(stem=8, stages=(8, 12), width=16, attention=8)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def test_the_shipped_widths_fit_the_budget() -> None:
    body, back = speaker_net(FrontEndConfig(mel_bands=80))
    assert 1e6 < body.count_params() + back.count_params() <= 1.5e6


def test_embeddings_have_unit_norm_whatever_the_length(rng) -> None:
    body, back = speaker_net(CONFIG, NET)
    for n in (98, 50):
        out = np.asarray(back(body(rng.standard_normal((3, n, 24)).astype(np.float32), training=False)))
        assert out.shape == (3, DIM)
        np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1, atol=1e-5)


def test_statistics_are_means_and_deviations_of_what_the_attention_chooses(rng) -> None:
    steps = rng.standard_normal((2, 40, 5)).astype(np.float32)
    chosen = rng.random((2, 40, 5)) < 0.5
    weights = (chosen / chosen.sum(axis=1, keepdims=True)).astype(np.float32)
    found = np.asarray(_statistics([ops.convert_to_tensor(steps), ops.convert_to_tensor(weights)]))
    assert found.shape == (2, 10)
    for row, own, kept in zip(found, steps, chosen, strict=True):
        for channel in range(5):
            heard = own[kept[:, channel], channel]
            assert row[channel] == pytest.approx(heard.mean(), abs=1e-5)
            assert row[5 + channel] == pytest.approx(heard.std(), abs=1e-3)


def test_centred_features_know_no_channel(rng) -> None:
    features = rng.standard_normal((2, 98, 24)).astype(np.float32)
    np.testing.assert_allclose(centred(features).mean(axis=1), 0, atol=1e-5)
    shifted = features + rng.standard_normal(24).astype(np.float32)
    np.testing.assert_allclose(centred(shifted), centred(features), atol=1e-5)


def rows_of(taught, numbers):
    return np.concatenate([taught, np.asarray(numbers, np.float32)[:, None]], axis=1)


def test_the_loss_is_least_at_the_teacher(rng) -> None:
    taught = unit(rng.standard_normal((6, DIM)))
    cosines = np.zeros((6, 4), np.float32)
    targets = rows_of(taught, [-1] * 6)
    loss = SpeakerLoss()
    best = float(loss(targets, np.concatenate([taught, cosines], axis=1)))
    assert best == pytest.approx(0, abs=1e-5)
    other = unit(taught + 0.05 * rng.standard_normal((6, DIM)))
    assert float(loss(targets, np.concatenate([other, cosines], axis=1))) > 0.01


def test_the_margin_wants_the_own_class_and_skips_unknown_voices(rng) -> None:
    taught = unit(rng.standard_normal((2, DIM)))
    loss = SpeakerLoss(teacher=0, relations=0, classes=1.0)
    right = np.array([[0.9, -0.5], [-0.5, 0.9]], np.float32)
    cost = {
        name: float(loss(rows_of(taught, numbers), np.concatenate([taught, right], axis=1)))
        for name, numbers in {"right": [0, 1], "wrong": [1, 0], "half": [0, -1], "none": [-1, -1]}.items()
    }
    assert cost["right"] < 1e-3
    assert cost["wrong"] > 10
    assert cost["half"] < 1e-3
    assert cost["none"] == 0
    no_margin = replace(loss, margin=0.0)
    close = np.array([[0.55, 0.5], [0.5, 0.55]], np.float32)
    outputs = np.concatenate([taught, close], axis=1)
    assert (
        float(loss(rows_of(taught, [0, 1]), outputs)) > float(no_margin(rows_of(taught, [0, 1]), outputs)) + 1
    )


@pytest.mark.parametrize("content", [None, b"", b"no hdf5"])
def test_other_files_are_no_start(tmp_path, content) -> None:
    path = tmp_path / "x.weights.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match="holds no weights of this speaker net"):
        load_net(*speaker_net(CONFIG, NET), path)


def test_directions_of_classes_start_from_the_teachers() -> None:
    bank = VoiceBank(
        [], unit(np.array([[1, 0], [1, 1], [0, 1], [5, 5]])), np.array([0, 0, 1, -1], np.int32), ("a",) * 4
    )
    np.testing.assert_allclose(
        bank.directions(), unit(np.array([[1 + 0.5**0.5, 0.5**0.5], [0, 1]])), atol=1e-6
    )
    body, back = speaker_net(CONFIG, NET)
    wanted = unit(np.random.default_rng(0).standard_normal((5, DIM)))
    model = with_classes(body, back, 5, wanted)
    out = np.asarray(model(np.zeros((1, 48, 24), np.float32), training=False))
    np.testing.assert_allclose(out[:, DIM:], out[:, :DIM] @ wanted.T, atol=1e-5)
