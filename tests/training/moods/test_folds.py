"""Folds that leave speakers and corpora out: who is judged was never learned from."""

import numpy as np
import pytest

from voxlite.training.moods.folds import (
    Outcome,
    leave_corpus_out,
    leave_speakers_out,
    shared_labels,
    speaker_folds,
    unweighted_average_recall,
)

SOURCES = np.repeat(["emodb", "nemo"], 12)
VOICES = np.array([f"{source}/s{at % 3}" for at, source in enumerate(SOURCES)])
WORDS = np.array(["anger", "fear", "happy", "sad"] * 3 + ["anger", "happiness", "neutral", "surprised"] * 3)


class Recorder:
    """Answers the first label, and remembers what it was given."""

    def __init__(self):
        self.calls = []

    def __call__(self, learned, judged, labels, names):
        self.calls.append((learned, judged, labels, names))
        scores = np.zeros((judged.sum(), len(names)), np.float32)
        scores[:, 0] = 1
        return scores


def test_no_speaker_is_judged_by_what_was_learned_from_them() -> None:
    judge = Recorder()
    outcome = leave_speakers_out(judge, SOURCES, VOICES, WORDS, "emodb")
    assert len(judge.calls) == 3
    for learned, judged, labels, names in judge.calls:
        assert not set(VOICES[learned]) & set(VOICES[judged])
        assert set(SOURCES[learned]) == {"emodb"}
        np.testing.assert_array_equal(labels, WORDS[learned])
        assert names.tolist() == ["anger", "fear", "happy", "sad"]
    assert len(outcome.truths) == 12
    assert outcome.uar == pytest.approx(0.25)


def test_no_corpus_is_judged_by_what_was_learned_from_it() -> None:
    judge = Recorder()
    outcome = leave_corpus_out(judge, SOURCES, VOICES, WORDS, "nemo")
    ((learned, judged, labels, names),) = judge.calls
    assert set(SOURCES[learned]) == {"emodb"}
    assert "surprised" not in set(WORDS[judged])
    assert set(labels) == {"angry", "fearful", "happy", "sad"}
    assert names.tolist() == ["angry", "fearful", "happy", "neutral", "sad"]
    assert set(outcome.answers) <= {"angry", "happy", "neutral"}  # what nemo has, and no more


def test_many_speakers_are_judged_in_groups() -> None:
    voices = np.array([f"v{at}" for at in range(40)])
    folds = speaker_folds(voices)
    assert len(folds) == 13
    np.testing.assert_array_equal(np.sum(folds, axis=0), 1)
    assert len(speaker_folds(voices[:15])) == 15


def test_words_without_a_label_are_left_out() -> None:
    assert shared_labels(np.array(["calm", "boredom", "anger"])).tolist() == ["neutral", "", "angry"]


def test_the_interval_holds_the_figure_and_narrows_with_speakers() -> None:
    rng = np.random.default_rng(0)
    truths = np.array(["a", "b"] * 200)
    answers = np.where(rng.random(400) < 0.7, truths, np.where(truths == "a", "b", "a"))
    widths = []
    for n in (4, 40):
        outcome = Outcome(truths, answers, np.array([f"v{at % n}" for at in range(400)]))
        low, high = outcome.interval()
        assert low < outcome.uar < high
        widths.append(high - low)
    one = Outcome(truths, answers, np.array(["v"] * 400))
    assert one.interval() == (one.uar, one.uar)
    assert unweighted_average_recall(truths, truths) == 1
