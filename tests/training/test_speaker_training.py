"""The speaker net: shape, losses, the trials that judge it, and a tiny training that gets closer to a teacher."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import centred
from voxlite.training.metrics import equal_error_rate
from voxlite.training.speaker import (
    LEFT_OUT,
    SpeakerTraining,
    speaker_fit,
    train_speaker,
    training_utterances,
)
from voxlite.training.speaker_examples import SpeakerMix
from voxlite.training.speaker_net import DIM, SpeakerPlan, speaker_net
from voxlite.training.speaker_recipe import SpeakerLoss
from voxlite.training.utterances import utterances
from voxlite.training.verification import cosines, pairs, trial_set, windows_of

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=24, coefficients=13)
NET = SpeakerPlan(stem=4, stages=(8, 8), depth=2, width=16, dilations=(1, 2), attention=8, squeeze=4)
RATE_HZ = 16_000


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


def test_pairs_stay_within_a_source() -> None:
    embeddings = unit(np.array([[1, 0], [1, 0.1], [0, 1], [1, 0.0]]))
    first, second, same = pairs(["x/a", "x/a", "x/b", "y/a"], ["x", "x", "x", "y"])
    scores = cosines(embeddings[first], embeddings[second])
    assert len(scores) == 3
    assert same.tolist() == [True, False, False]
    assert scores[0] > 0.99
    assert equal_error_rate(scores, same) == 0


def test_windows_cover_everything_and_short_sound_is_repeated() -> None:
    samples = np.arange(1, 26, dtype=np.float32)
    windows = windows_of(samples, 10)
    assert [len(window) for window in windows] == [10, 10, 10]
    assert set(np.concatenate(windows)) == set(samples)
    (repeated,) = windows_of(samples[:4], 10)
    assert repeated.tolist() == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]


def test_trials_take_the_first_utterances_of_known_voices(clips, store) -> None:
    spoken = [clip for clip in clips if clip.split == "val" and clip.kind == "speech"]
    few = utterances(spoken, least_s=0.5)
    trials = trial_set([*few, *few, replace(few[0], voice="")], store, CONFIG, 0.5, most=1)
    assert len(trials.voices) == len(set(trials.voices)) == len({item.voice for item in few})
    assert trials.features.shape[1:] == (48, 24)
    assert set(trials.owners) == set(range(len(trials.voices)))
    means = trials.embeddings(lambda features: features.mean(axis=1))
    np.testing.assert_allclose(np.linalg.norm(means, axis=1), 1, atol=1e-5)


class PitchTeacher:
    """Embeds the mean spectrum: something a net can learn in seconds."""

    name, dim = "spectrum", DIM

    def embed(self, sounds):
        rows = [np.abs(np.fft.rfft(sound, 4096))[1 : DIM + 1] + 1e-3 for sound in sounds]
        return unit(np.log(np.stack(rows)))


def plan(**fit) -> SpeakerTraining:
    return SpeakerTraining(
        CONFIG,
        NET,
        SpeakerMix(seconds=0.5),
        SpeakerLoss(classes=0.01),
        fit=speaker_fit(**{"steps": 30, "batch": 16, "epoch_steps": 15, "peak_rate": 0.01, **fit}),
        speeds=(1.0, 1.2),
    )


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory) -> tuple[Path, Path, list[float]]:
    """(run, cache, losses) of a training that was stopped half-way and resumed."""
    out, cache, losses = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache"), []

    def keep(step, logs):
        losses.append(logs["loss"])

    monkey = pytest.MonkeyPatch()
    monkey.setattr("voxlite.training.speaker.LEFT_OUT", ("talk-1",))
    try:
        train_speaker(corpus, out, cache, plan(steps=15), PitchTeacher(), report=keep)
        train_speaker(corpus, out, cache, plan(), PitchTeacher(), resume=True, report=keep)
    finally:
        monkey.undo()
    return out, cache, losses


def test_it_learns_and_says_how_well(run) -> None:
    out, _, losses = run
    history = json.loads((out / "history.json").read_text())
    assert [epoch["step"] for epoch in history["epochs"]] == [15, 30]
    assert 0 <= history["epochs"][-1]["eer_talk-1"] <= 1
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])
    assert json.loads((out / "plan.json").read_text())["net_name"] == "speaker"


def test_nothing_is_learned_from_what_is_left_out(run) -> None:
    for speed in ("x1.00", "x1.20"):
        index = json.loads((run[1] / "bank-spectrum" / speed / "index.json").read_text())
        assert index["teacher"] == "spectrum"
        assert {row[2] for row in index["rows"]} == {"talk-0"}


def test_a_speaker_of_a_left_out_source_is_not_heard_elsewhere(clips) -> None:
    speech = next(clip for clip in clips if clip.kind == "speech" and clip.split == "train")
    rows = [
        replace(speech, source=source, speaker=speaker, name=f"{source}{speaker}", duration_s=4.0)
        for source, speaker in (
            (LEFT_OUT[0], "118"),
            ("other", "118"),
            ("other", "7"),
            (LEFT_OUT[0], ""),
            ("other", ""),
        )
    ]
    learned = training_utterances(rows, free_only=True)
    assert {item.name for item in learned} == {"other7", "other"}
