"""Training of the speaker net: trials that judge it, a tiny training that gets closer to a teacher, its export."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")


from voxlite.frontend.config import FrontEndConfig
from voxlite.runtime import load_model
from voxlite.runtime.embedding import SpeakerEmbedder
from voxlite.training.corpus import CorpusError
from voxlite.training.heard_voice import VoiceMix
from voxlite.training.metrics import equal_error_rate
from voxlite.training.speaker.net import DIM, SpeakerPlan, load_net, speaker_net
from voxlite.training.speaker.network import SpeakerNetwork, load_speaker_plan
from voxlite.training.speaker.publish import export_speaker
from voxlite.training.speaker.recipe import SpeakerLoss
from voxlite.training.speaker.training import (
    LEFT_OUT,
    SpeakerTraining,
    speaker_fit,
    train_speaker,
    training_utterances,
)
from voxlite.training.speaker.verification import cosines, pairs, trial_set
from voxlite.training.utterances import utterances, windows_of
from voxlite.voiceprints.scoring import PairScorer

pytestmark = pytest.mark.train

CONFIG = FrontEndConfig(mel_bands=24, coefficients=13)
NET = SpeakerPlan(stem=8, stages=(8, 12), width=16, attention=8)
RATE_HZ = 16_000


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


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

    def embed(self, sounds, names):
        rows = [np.abs(np.fft.rfft(sound, 4096))[1 : DIM + 1] + 1e-3 for sound in sounds]
        logs = np.log(np.stack(rows))
        return unit(logs - logs.mean(axis=1, keepdims=True))


def plan(**fit) -> SpeakerTraining:
    return SpeakerTraining(
        CONFIG,
        NET,
        VoiceMix(seconds=0.5),
        SpeakerLoss(classes=0.01),
        fit=speaker_fit(**{"steps": 60, "batch": 16, "epoch_steps": 30, "peak_rate": 0.05, **fit}),
        versions=("x1.00", "v01"),
    )


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory) -> tuple[Path, Path, list[float]]:
    """(run, cache, losses) of a training that was stopped half-way and resumed."""
    out, cache, losses = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache"), []

    def keep(step, logs):
        losses.append(logs["loss"])

    monkey = pytest.MonkeyPatch()
    monkey.setattr("voxlite.training.speaker.training.LEFT_OUT", ("talk-1",))
    try:
        train_speaker(corpus, out, cache, plan(steps=30), PitchTeacher(), report=keep)
        train_speaker(corpus, out, cache, plan(), PitchTeacher(), resume=True, report=keep)
    finally:
        monkey.undo()
    return out, cache, losses


def test_it_learns_and_says_how_well(run) -> None:
    out, _, losses = run
    history = json.loads((out / "history.json").read_text())
    assert [epoch["step"] for epoch in history["epochs"]] == [30, 60]
    assert 0 <= history["epochs"][-1]["eer_talk-1"] <= 1
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])
    assert json.loads((out / "plan.json").read_text())["net_name"] == "speaker"


@pytest.fixture(scope="module")
def exported(talkers: Path, tmp_path_factory):
    """(what the export returned, its folder, the run) in two storages, of a net that learned next to nothing."""
    folder, out, cache = (tmp_path_factory.mktemp(name) for name in ("export", "taught", "cached"))
    train_speaker(talkers, out, cache, plan(steps=4), PitchTeacher())
    history = json.loads((out / "history.json").read_text())
    (out / "history.json").write_text(json.dumps(history | {"started_from": {"step": 7, "minutes": 3.2}}))
    return export_speaker(out, folder, talkers, cache, variants=("float32", "mixed-int8")), folder, out


def test_an_exported_file_gives_the_trained_nets_embeddings(exported) -> None:
    published, folder, _ = exported
    exact, mixed = published.parity
    assert exact.largest < 1e-5
    assert mixed.largest < 0.02
    assert mixed.size_bytes < exact.size_bytes
    assert json.loads((folder / "parity.json").read_text())[0]["variant"] == "float32"


def test_an_exported_file_carries_what_turns_its_cosines_into_decisions(exported) -> None:
    published, folder, _ = exported
    for variant in ("float32", "mixed-int8"):
        info = load_model(folder / f"speaker-compact-{variant}.tflite")
        assert (info.metadata.task, info.metadata.net_input) == ("speaker", "centred")
        assert info.metadata.weights == variant
        embedder = SpeakerEmbedder(info, threads=1)
        assert info.cohort().shape == (info.cohort().shape[0], embedder.size)
        assert len(info.cohort())
        scorer = PairScorer(info)
        voice = embedder.embed(np.sin(np.arange(16_000, dtype=np.float32) / 9))
        same, other = scorer.llr(voice, np.stack([voice, -voice]), 3.0, narrow=False)
        assert same > other
        assert scorer.llr_at_far(0.01) == pytest.approx(info.metadata.thresholds["verify"]["value"])
        assert "(held-out, librispeech-train-clean-5)" in info.metadata.thresholds["verify"]["data"]
    assert {model.weights for model in published.models} == {"float32", "mixed-int8"}


def test_a_training_can_start_from_exported_weights(exported, talkers, tmp_path) -> None:
    weights = exported[1] / "speaker-compact.weights.h5"
    body, back = speaker_net(CONFIG, NET)
    load_net(body, back, weights)
    as_trained = SpeakerNetwork(plan(), exported[2])
    for one, other in zip(back.get_weights(), as_trained.back.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    fit = {"steps": 1, "epoch_steps": 1, "peak_rate": 1e-9}
    train_speaker(talkers, tmp_path / "run", tmp_path / "cache", plan(**fit), PitchTeacher(), start=weights)
    after = SpeakerNetwork(plan(), tmp_path / "run")
    for one, other in zip(after.body.get_weights(), body.get_weights(), strict=True):
        if one.ndim > 1:  # moving statistics move whatever the rate
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_card_says_whose_voices_and_what_is_not_noticed(exported) -> None:
    text = exported[0].card.read_text()
    assert "from weights of 7 steps (3 minutes)" in text
    assert "From 1 sources: talk." in text
    assert "a cloned voice are not detected" in text
    assert "freely licensed ones alone" in text
    assert "count less what differs within a voice" in text


def test_a_run_of_another_kind_is_refused(tmp_path) -> None:
    with pytest.raises(CorpusError, match="no training run of a speaker net here"):
        load_speaker_plan(tmp_path)


def test_voices_without_pairs_cannot_calibrate(run, corpus, tmp_path) -> None:
    with pytest.raises(CorpusError, match="scores cannot be calibrated"):
        export_speaker(run[0], tmp_path, corpus, run[1])


def test_a_plan_comes_back_as_it_was(run) -> None:
    assert load_speaker_plan(run[0]) == plan()


def test_nothing_is_learned_from_what_is_left_out(run) -> None:
    for version in ("x1.00", "v01"):
        index = json.loads((run[1] / "bank-spectrum" / version / "index.json").read_text())
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
