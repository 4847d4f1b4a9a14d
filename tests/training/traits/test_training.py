"""From labelled clips to a gender model's file, on a corpus of two minutes; and the protocol that judges it."""

import json

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from voxlite import Audio, GenderClassifier
from voxlite.cli import evaluate, export, train
from voxlite.frontend.config import FrontEndConfig
from voxlite.frontend.spectrum import log_mel
from voxlite.runtime import TraitScorer
from voxlite.training.corpus import CorpusError, read_manifest
from voxlite.training.store import build_store
from voxlite.training.traits import training as module
from voxlite.training.traits.calibration import Vectors, calibrate_trait
from voxlite.training.traits.evaluate import (
    TELEPHONE,
    TraitProtocol,
    chosen_voices,
    evaluate_trait,
)
from voxlite.training.traits.labels import TRAITS
from voxlite.training.traits.net import TraitPlan, load_weights, trait_net, whole_net, without_level
from voxlite.training.traits.publish import export_trait
from voxlite.training.traits.tables import trait_tables, write_trait_evaluation
from voxlite.training.traits.training import (
    TraitTraining,
    train_trait,
    training_voices,
    trait_fit,
    validation_voices,
)
from voxlite.values import Decision

pytestmark = pytest.mark.train

GENDER = TRAITS["gender"]
CONFIG = FrontEndConfig(window_s=0.064, hop_s=0.020, fft_size=1024, mel_bands=40, coefficients=13)
NET = TraitPlan(stem=6, stages=(8, 8), width=16, attention=8, hidden=8, dropout=0.0)
FIT = {"steps": 60, "batch": 16, "epoch_steps": 30, "peak_rate": 1e-2, "average_keep": 0.8}


@pytest.fixture(scope="module")
def plan():
    return TraitTraining("gender", config=CONFIG, net=NET, fit=trait_fit(**FIT))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def run(plan, labelled_corpus, cache, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    train_trait(labelled_corpus, out, cache, plan)
    return out


@pytest.fixture(scope="module")
def exported(run, labelled_corpus, cache, tmp_path_factory):
    out = tmp_path_factory.mktemp("export")
    return out, export_trait(run, out, labelled_corpus, cache)


def test_nothing_is_validated_on_that_was_learned_from(labelled_corpus) -> None:
    clips = read_manifest(labelled_corpus)
    learned, judged = training_voices(clips, GENDER), validation_voices(clips, GENDER)
    assert learned
    assert judged
    assert not {item.voice for item in learned} & {item.voice for item in judged}


def test_the_level_changes_nothing_and_pauses_count_alike() -> None:
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(48_000).astype(np.float32) * 0.1
    features = log_mel(sound, CONFIG)[None]
    np.testing.assert_allclose(
        np.asarray(without_level(features)), np.asarray(without_level(features + 3.0)), atol=1e-4
    )
    sound[24_000:] = 0
    silent = np.asarray(without_level(log_mel(sound, CONFIG)[None]))
    noisy = np.asarray(
        without_level(log_mel(sound + 1e-5 * rng.standard_normal(48_000).astype(np.float32), CONFIG)[None])
    )
    np.testing.assert_allclose(silent[:, 80:], noisy[:, 80:], atol=1e-3)


def test_pitch_is_learned(run) -> None:
    history = json.loads((run / "history.json").read_text())
    first, last = history["epochs"][0], history["epochs"][-1]
    assert last["goal"] < first["goal"] * 1.2
    assert min(epoch["goal"] for epoch in history["epochs"]) < np.log(3)
    assert last["recall_talk_male"] >= 0.5


def test_each_file_is_calibrated_and_near_the_net(exported) -> None:
    _, published = exported
    by_name = {row.variant: row for row in published.parity}
    assert by_name["float32"].largest < 1e-3
    assert by_name["float16"].largest < 0.05
    for model in published.models:
        assert model.outputs == model.labels == ("female", "male", "child")
        assert set(model.thresholds) == {"child", "decide"}
        assert set(model.calibration) >= {"short_slope", "long_slope", "offset_child"}
    text = published.card.read_text()
    assert "# gender-compact, version 1" in text


def test_the_file_is_a_classifiers(exported) -> None:
    out, _ = exported
    classifier = GenderClassifier(str(out / "gender-compact-float32.tflite"), threads=1)
    assert classifier.labels == ("female", "male", "child")
    decision = classifier.decide(Audio(np.zeros(8_000, np.float32), 16_000))
    assert decision.label == "unsure"
    assert sum(classifier.scores(Audio(np.zeros(8_000, np.float32), 16_000)).values()) == pytest.approx(1)


def test_numpy_keras_and_file_agree(exported, plan, run) -> None:
    out, _ = exported
    scorer = TraitScorer("gender", str(out / "gender-compact-float32.tflite"), 1)
    sound = np.random.default_rng(1).standard_normal(plan.mix.n_samples).astype(np.float32) * 0.1
    model = whole_net(*trait_net(CONFIG, 3, NET))
    load_weights(model, run / "best.weights.h5")
    expected = np.asarray(model(log_mel(sound, CONFIG)[None], training=False))
    np.testing.assert_allclose(scorer.vectors([sound]), expected, atol=1e-3)


def test_a_training_that_starts_from_an_export_says_so(
    exported, plan, labelled_corpus, cache, tmp_path
) -> None:
    out, _ = exported
    few = TraitTraining(
        "gender", config=CONFIG, net=NET, fit=trait_fit(**{**FIT, "steps": 2, "epoch_steps": 2})
    )
    history = train_trait(
        labelled_corpus, tmp_path / "run", cache, few, start=out / "gender-compact.weights.h5"
    )
    assert history["started_from"]["step"] == FIT["steps"]
    assert history["step"] == 2


def test_other_weights_are_refused(tmp_path) -> None:
    with pytest.raises(CorpusError, match="holds no weights of this net"):
        load_weights(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]), tmp_path / "none.h5")


def test_a_corpus_without_labels_is_refused(talkers, plan, tmp_path) -> None:
    with pytest.raises(CorpusError, match="needs speech labelled with gender"):
        train_trait(talkers, tmp_path / "run", tmp_path / "cache", plan)


def _vectors(rng, n=600, wrong=0.1):
    labels = rng.integers(0, 3, n)
    told = np.where(rng.random(n) < wrong, (labels + rng.integers(1, 3, n)) % 3, labels)
    rows = 4.0 * np.eye(3)[told] + 0.3 * rng.standard_normal((n, 3))
    groups = tuple(("s", GENDER.labels[label]) for label in labels)
    return Vectors(rows.astype(np.float32), labels, np.full(n, 3.0), np.full(n, 1 / n), groups)


def test_calibrated_odds_are_the_shares_that_are_right() -> None:
    heard = _vectors(np.random.default_rng(2))
    found = calibrate_trait(heard, GENDER)
    logits = found.constants["long_slope"] * heard.rows + [
        found.constants[f"offset_{label}"] for label in GENDER.labels
    ]
    powers = np.exp(logits)
    likely = (powers / powers.sum(axis=1, keepdims=True)).max(axis=1)
    right = heard.rows.argmax(axis=1) == heard.labels
    assert likely.mean() == pytest.approx(right.mean(), abs=0.03)
    assert found.thresholds["decide"]["unsure"] <= 0.05
    assert 0.5 <= found.thresholds["decide"]["value"] <= 1


class Oracle:
    """Answers by pitch, read from the autocorrelation; a child's is high."""

    def __call__(self, samples):
        part = samples[8_000:10_048]
        found = np.correlate(part, part, "full")[2047:]
        lag = 32 + int(np.flatnonzero(found[32:200] > 0.85 * found[32:200].max())[0])
        label = "child" if 16_000 / lag > 290 else "female" if 16_000 / lag > 160 else "male"
        scores = {name: 0.9 if name == label else 0.05 for name in GENDER.labels}
        return Decision("unsure" if label == "child" else label, 0.9, 0.6, 3.0), scores


def test_a_protocol_counts_what_a_classifier_answers(labelled_corpus, cache, tmp_path) -> None:
    clips = read_manifest(labelled_corpus)
    protocol = TraitProtocol(snrs_db=(20.0,))
    items = chosen_voices(clips, GENDER, protocol)
    noises = [clip for clip in clips if clip.split == "test" and clip.kind == "nonhuman"]
    store = build_store(clips, cache / "all", rate_hz=16_000)
    ticks = []
    found = evaluate_trait(Oracle(), GENDER, items, noises, store, protocol, lambda: ticks.append(1))
    assert len(ticks) == len(items) * protocol.n_conditions
    data = found.to_dict()
    assert list(data["conditions"]) == ["3 s", "1 s", "2 s", "20 dB", TELEPHONE]
    clean = data["conditions"]["3 s"]
    assert (clean["n"], clean["unsure"], clean["right_of_decided"], clean["uar"]) == (4, 0.0, 1.0, 1.0)
    assert (clean["n_others"], clean["others_left_open"]) == (2, 1.0)
    assert data["confusion"]["child"]["unsure"] == 2
    assert data["by"]["age"]["adult"]["n"] == 4
    assert data["by"]["pitch"]["agrees with the label"]["n"] == 4
    files = write_trait_evaluation(data, tmp_path)
    assert json.loads(files[0].read_text()) == json.loads(json.dumps(data))
    assert files[1].stat().st_size > 1000
    assert trait_tables(data)[0].columns[0] == "condition"


def test_a_split_without_labels_is_refused(talkers) -> None:
    with pytest.raises(CorpusError, match="no speech that is labelled with gender"):
        chosen_voices(read_manifest(talkers), GENDER, TraitProtocol())


def test_commands_train_export_and_evaluate(
    elsewhere, run_commands, labelled_corpus, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(module.TraitTraining, "__init__", _small(module.TraitTraining.__init__), raising=True)
    words, given = run_commands(train, export, evaluate), ["--manifest", labelled_corpus]
    run, model = tmp_path / "run", tmp_path / "gender.tflite"
    result = words("train", "gender", "--out", run, *given, "--steps", 4, "--batch", 8)
    assert result.exit_code == 0, result.output
    result = words("export", run, "--out", model, *given)
    assert result.exit_code == 0, result.output
    result = words("evaluate", "gender", *given, "--model", model, "--out", tmp_path / "found", "--quick")
    assert result.exit_code == 0, result.output
    assert "gender: 3 voices" in result.output
    data = json.loads((tmp_path / "found" / "evaluation.json").read_text())
    assert data["about"]["model"]["task"] == "gender"


def _small(init):
    """Return an initialiser that builds nets of test size."""

    def small(self, task, **given):
        init(self, task, **{"config": CONFIG, "net": NET, **given})

    return small
