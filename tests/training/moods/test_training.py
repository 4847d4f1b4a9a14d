"""From labelled clips to a mood model's file, on a corpus of a minute and a speaker net that was never trained."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from voxlite import Audio, MoodClassifier
from voxlite.analysis import analyze
from voxlite.cli import evaluate, export, train
from voxlite.errors import ModelError
from voxlite.frontend.config import FrontEndConfig
from voxlite.runtime import TraitScorer
from voxlite.tasks.mood import MoodModel
from voxlite.training.corpus import CorpusError, read_manifest
from voxlite.training.moods import features as features_module
from voxlite.training.moods.evaluate import evaluate_moods, mood_tables, n_folds, write_mood_evaluation
from voxlite.training.moods.features import Describer, described_corpus, mood_clips
from voxlite.training.moods.judging import RidgeJudge
from voxlite.training.moods.publish import export_mood, is_mood_run
from voxlite.training.moods.reference import against_neutral, reference_head, referring_judge
from voxlite.training.moods.training import as_vectors, both_heads, out_of_fold, train_mood
from voxlite.training.speaker.net import SpeakerPlan, save_net, speaker_net
from voxlite.training.speaker.training import SpeakerTraining
from voxlite.training.traits.labels import MOOD

pytestmark = pytest.mark.train

PLAN = SpeakerTraining(
    config=FrontEndConfig(mel_bands=24, coefficients=13),
    net=SpeakerPlan(stem=8, stages=(8, 12), width=16, attention=8),
)


@pytest.fixture(scope="module", autouse=True)
def small_net():
    """The frozen part is built on a net of these widths."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features_module, "SpeakerTraining", lambda: PLAN)
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    keras.utils.set_random_seed(1)
    path = tmp_path_factory.mktemp("net") / "speaker-tiny.weights.h5"
    save_net(*speaker_net(PLAN.config, PLAN.net), path)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def described(labelled_corpus, weights, cache):
    return described_corpus(labelled_corpus, weights, cache)


@pytest.fixture(scope="module")
def run(labelled_corpus, weights, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    train_mood(labelled_corpus, out, tmp_path_factory.mktemp("free"), weights)
    return out


@pytest.fixture(scope="module")
def exported(run, labelled_corpus, weights, cache, tmp_path_factory):
    out = tmp_path_factory.mktemp("export")
    return out, export_mood(run, out, labelled_corpus, cache, weights)


def test_what_is_described_is_kept(described, labelled_corpus, weights, cache, monkeypatch) -> None:
    assert described.rows.shape == (45, sum(described.blocks.sizes))
    assert np.isfinite(described.rows).all()
    monkeypatch.setattr(Describer, "__call__", lambda *_: pytest.fail("described again"))
    again = described_corpus(labelled_corpus, weights, cache)
    np.testing.assert_array_equal(again.rows, described.rows)


def test_free_clips_alone_unless_asked(labelled_corpus) -> None:
    clips = read_manifest(labelled_corpus)
    assert {clip.source for clip in mood_clips(clips, True)} == {"emodb"}
    assert {clip.source for clip in mood_clips(clips, False)} == {"emodb", "nemo"}


def test_heads_judge_only_what_they_have_not_heard(described, monkeypatch) -> None:
    heard = []

    def spy(part):
        heard.append(set(part.sources))
        return both_heads(part)

    found = out_of_fold(described, fit=spy)
    assert found.left_out == "corpus"
    assert heard == [{"nemo"}, {"emodb"}]
    assert found.scores.shape == (45, len(MOOD) + 1)
    vectors = as_vectors(found, described)
    assert len(vectors.labels) == 39  # boredom and surprise have no label
    assert vectors.weights.sum() == pytest.approx(1)


def test_a_corpus_alone_leaves_speakers_out(described) -> None:
    free = described.part(described.sources == "emodb")
    assert out_of_fold(free).left_out == "speaker"


def test_what_is_easy_is_learned(described) -> None:
    evaluation = evaluate_moods(described, {"voxlite": RidgeJudge(described, alpha=0.1)})
    assert evaluation["means"]["leave one speaker out"]["voxlite"] > 0.6
    assert evaluation["arousal"]["mean"] > 0.3


def test_an_evaluation_becomes_tables_and_pictures(described, tmp_path) -> None:
    ticks = []
    judges, referring = {"voxlite": RidgeJudge(described)}, {"voxlite": referring_judge(described)}
    evaluation = evaluate_moods(described, judges, lambda: ticks.append(1), referring)
    assert len(ticks) == n_folds(described, 1, 1)
    tables = mood_tables(evaluation)
    assert [table.title for table in tables] == [
        "UAR (95 % over speakers), leave one speaker out",
        "UAR (95 % over speakers), leave one corpus out",
        "UAR (95 % over speakers), learned from EmoDB alone",
        "UAR (95 % over speakers), leave one speaker out, neutral recordings as reference",
        "Correlation of arousal",
    ]
    files = write_mood_evaluation(evaluation, tmp_path / "out")
    assert json.loads(files[0].read_text()) == evaluation
    assert all(file.stat().st_size > 1000 for file in files)


def test_a_reference_is_half_of_a_voices_neutral_clips_and_is_not_judged(described) -> None:
    against = against_neutral(described)
    assert set(against.described.sources) == {"emodb"}  # nemo has one neutral clip per voice: too few
    assert against.kept.sum() == len(against.described.clips) == 3 * (9 - 2)
    voice = described.voices == "emodb/s1"
    calm = np.flatnonzero(voice & (described.words == "neutral"))
    sad = np.flatnonzero(voice & (described.words == "sad"))
    at = [clip.name for clip in against.described.clips].index(described.clips[sad[0]].name)
    expected = described.rows[sad[0]] - described.rows[calm[:2]].mean(axis=0)
    np.testing.assert_allclose(against.described.rows[at], expected, atol=1e-6)
    assert not against.kept[calm[:2]].any()
    assert against.kept[calm[2:]].all()


def test_a_constant_of_a_voice_is_nothing_against_its_reference(described) -> None:
    rng = np.random.default_rng(3)
    colour = {voice: rng.normal(size=described.rows.shape[1]) for voice in set(described.voices)}
    coloured = replace(
        described, rows=described.rows + np.stack([colour[voice] for voice in described.voices])
    )
    plain, other = against_neutral(described).described, against_neutral(coloured).described
    np.testing.assert_allclose(plain.rows, other.rows, atol=1e-4)
    np.testing.assert_allclose(reference_head(plain).bias, 0)


def test_the_file_says_what_the_net_says(exported, described, run, weights) -> None:
    out, published = exported
    assert is_mood_run(run)
    sizes = [row.size_bytes for row in published.parity]
    assert all(bigger > smaller for bigger, smaller in pairwise(sizes[:2]))
    assert [row.variant for row in published.parity] == ["float32", "float16", "dynamic-int8"]
    assert published.parity[0].largest < 1e-3
    assert published.parity[2].mean < 0.5  # of a net of 16 channels that was never trained
    model = published.models[0]
    assert (model.name, model.task, model.labels) == ("mood", "mood", MOOD)
    assert model.outputs == (*MOOD, "arousal", *(f"against_neutral_{mood}" for mood in MOOD))
    assert "each speaker left out" in model.thresholds["decide"]["data"]
    assert model.licence == "CC-BY-SA-4.0"
    text = published.card.read_text()
    assert "emodb" in text
    assert "AI Act" in text
    assert "nemo" not in text
    scorer = TraitScorer("mood", str(out / "mood-mood-float32.tflite"), 1)
    clip = next(clip for clip in described.clips if clip.source == "emodb")
    sound = Audio.read(clip.path).samples
    saved = np.load(run / "head.npz", allow_pickle=False)
    window = np.resize(sound, scorer.window_samples)
    row = (Describer(weights)(window) - saved["mean"]) * saved["factor"]
    expected = row @ saved["kernel"] + saved["bias"]
    np.testing.assert_allclose(scorer.vectors([window])[0], expected, atol=1e-3)


def test_the_file_is_a_classifiers(exported) -> None:
    out, _ = exported
    classifier = MoodClassifier(str(out / "mood-mood-float32.tflite"), threads=1)
    sound = Audio(np.zeros(16_000, np.float32), 16_000)
    decision = classifier.decide(sound)
    assert decision.label == "unsure"
    assert "only 0.0 s of speech" in decision.reasons
    assert sum(classifier.scores(sound).values()) == pytest.approx(1, abs=1e-5)
    assert 0 <= classifier.arousal(sound) <= 1


def test_a_neutral_reference_is_subtracted(exported, described) -> None:
    path = str(exported[0] / "mood-mood-float32.tflite")
    own = [clip for clip in described.clips if clip.source == "emodb" and clip.speaker == "s0"]
    neutral = [clip.path for clip in own if clip.mood == "neutral"]
    with_reference = MoodClassifier(path, threads=1, neutral=neutral)
    plain = MoodClassifier(path, threads=1)
    assert with_reference.scores(neutral[0]) != plain.scores(neutral[0])
    assert list(plain.trait.figures(plain.listen(neutral[0]).vector)) == ["arousal"]
    assert with_reference.arousal(neutral[0]) == plain.arousal(neutral[0])
    metadata = plain.model.metadata
    first = metadata.outputs.index("against_neutral_angry")
    apart = plain.listen(own[0].path).vector - np.mean([plain.listen(one).vector for one in neutral], axis=0)
    logits = np.array([metadata.calibration["against_neutral_short_slope"]]) * apart[first:] + [
        metadata.calibration[f"against_neutral_offset_{label}"] for label in MOOD
    ]
    expected = np.exp(logits) / np.exp(logits).sum()  # of less than a second of speech
    np.testing.assert_allclose(list(with_reference.scores(own[0].path).values()), expected, atol=1e-4)
    assert with_reference.trait.threshold == metadata.thresholds["against_neutral_decide"]["value"]
    report = analyze(own[0].path, ["mood"], 1, models={"mood": path}, neutral=neutral)
    assert report.traits[0].decision.threshold == with_reference.trait.threshold


def test_a_model_that_knows_no_differences_says_so(exported) -> None:
    trait = MoodModel(str(exported[0] / "mood-mood-float32.tflite"), 1)
    trait.metadata = replace(trait.metadata, outputs=(*MOOD, "arousal"))
    with pytest.raises(ModelError, match="has not learned to compare with a neutral voice"):
        trait.refer_to(np.zeros((1, 6), np.float32))


def test_other_weights_are_refused(run, labelled_corpus, cache, tmp_path) -> None:
    keras.utils.set_random_seed(2)
    other = tmp_path / "other.weights.h5"
    save_net(*speaker_net(PLAN.config, PLAN.net), other)
    with pytest.raises(CorpusError, match="not the weights"):
        export_mood(run, tmp_path, labelled_corpus, cache, other)


def test_a_corpus_without_moods_is_refused(talkers, weights, tmp_path) -> None:
    with pytest.raises(CorpusError, match="speech of every mood: angry, fearful"):
        train_mood(talkers, tmp_path / "run", tmp_path / "cache", weights)


def test_a_model_that_tells_nothing_of_arousal_says_so(exported, monkeypatch) -> None:
    out, _ = exported
    classifier = MoodClassifier(str(out / "mood-mood-float32.tflite"), threads=1)
    monkeypatch.setattr(classifier.trait, "figures", lambda vector: {})
    with pytest.raises(ModelError, match="tells nothing of arousal"):
        classifier.arousal(Audio(np.zeros(16_000, np.float32), 16_000))


def test_commands_train_export_and_evaluate(
    elsewhere, run_commands, labelled_corpus, weights, tmp_path
) -> None:
    words = run_commands(train, export, evaluate)
    run, given = tmp_path / "run", ["--manifest", labelled_corpus]
    result = words("train", "mood", "--out", run, *given, "--weights", weights, "--research")
    assert result.exit_code == 0, result.output
    assert "each corpus left out" in " ".join(result.output.split())
    model = tmp_path / "m.tflite"
    result = words(
        "export", run, "--out", model, *given, "--speaker-weights", weights, "--weights", "float16"
    )
    assert result.exit_code == 0, result.output
    assert "mood-research" in model.with_suffix(".md").read_text()
    result = words("evaluate", "mood", *given, "--weights", weights, "--out", tmp_path / "found")
    assert result.exit_code == 0, result.output
    assert "leave one corpus out" in result.output
    assert (tmp_path / "found" / "evaluation.json").is_file()
