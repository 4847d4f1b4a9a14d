"""Evaluation of moods that cannot flatter: who is judged was never learned from, and neither was anything like it.

Leave one speaker out: within a corpus, each speaker (of large corpora one of 13 groups of speakers) is judged by what
was learned from the others, with the corpus's own moods. Leave one corpus out: each corpus is judged by what was
learned from the others, with the moods they share. The figure is UAR, the mean of the moods' recalls; its interval is
a bootstrap over speakers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxlite.training.traits.labels import MOOD, MOOD_WORDS
from voxlite.values import FloatArray

CORPORA = ("emodb", "nemo", "emovo", "aesdd", "ased", "emotiontts", "emospeech")
"""Corpora with moods; one that has intensities alone serves arousal."""
FREE_CORPUS = "emodb"
_MOST_FOLDS = 15
_GROUPED_FOLDS = 13
_DRAWS = 1000

Judge = Callable[[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.str_], NDArray[np.str_]], FloatArray]
"""(learned, judged, labels of the learned, names of the labels) -> scores float32[judged, names] of each label."""


@dataclass(frozen=True)
class Outcome:
    """What was answered in one corpus.

    Parameters
    ----------
    truths, answers, voices
        Of each judged clip.
    """

    truths: NDArray[np.str_]
    answers: NDArray[np.str_]
    voices: NDArray[np.str_]

    @property
    def uar(self) -> float:
        """Unweighted average recall, 0..1."""
        return unweighted_average_recall(self.truths, self.answers)

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """Return the 95 % interval of the UAR over speakers."""
        rng, names = np.random.default_rng(seed), np.unique(self.voices)
        where = [np.flatnonzero(self.voices == name) for name in names]
        values = []
        for _ in range(_DRAWS):
            rows = np.concatenate([where[at] for at in rng.integers(len(names), size=len(names))])
            values.append(unweighted_average_recall(self.truths[rows], self.answers[rows]))
        low, high = np.quantile(values, [0.025, 0.975])
        return float(low), float(high)


def unweighted_average_recall(truths: NDArray[np.str_], answers: NDArray[np.str_]) -> float:
    """Return the mean of the labels' recalls.

    Examples
    --------
    >>> truths, answers = np.array(["a", "a", "a", "b"]), np.array(["a", "a", "b", "b"])
    >>> round(unweighted_average_recall(truths, answers), 3)
    0.833
    """
    return float(np.mean([np.mean(answers[truths == label] == label) for label in np.unique(truths)]))


def speaker_folds(voices: NDArray[np.str_]) -> list[NDArray[np.bool_]]:
    """Return which rows each fold judges: one speaker's, or those of a group of speakers where there are many."""
    names = np.unique(voices)
    n = len(names) if len(names) <= _MOST_FOLDS else _GROUPED_FOLDS
    return [np.isin(voices, names[at::n]) for at in range(n)]


def leave_speakers_out(
    judge: Judge, sources: NDArray[np.str_], voices: NDArray[np.str_], words: NDArray[np.str_], corpus: str
) -> Outcome:
    """Judge every speaker of a corpus by what is learned from its others, with the corpus's own moods."""
    own = sources == corpus
    names = np.unique(words[own])
    answers = np.zeros(len(words), words.dtype)
    for fold in speaker_folds(voices[own]):
        judged = np.zeros(len(words), np.bool_)
        judged[np.flatnonzero(own)[fold]] = True
        learned = own & ~judged
        scores = judge(learned, judged, words[learned], names)
        answers[judged] = names[scores.argmax(axis=1)]
    return Outcome(words[own], answers[own], voices[own])


def leave_corpus_out(
    judge: Judge, sources: NDArray[np.str_], voices: NDArray[np.str_], words: NDArray[np.str_], corpus: str
) -> Outcome:
    """Judge a corpus by what is learned from the others, with the moods that they share and it has."""
    return _across(judge, sources, voices, words, corpus, sources != corpus)


def learn_from_free(
    judge: Judge, sources: NDArray[np.str_], voices: NDArray[np.str_], words: NDArray[np.str_], corpus: str
) -> Outcome:
    """Judge a corpus by what is learned from the freely licensed one alone, as the default model is."""
    return _across(judge, sources, voices, words, corpus, sources == FREE_CORPUS)


def _across(
    judge: Judge,
    sources: NDArray[np.str_],
    voices: NDArray[np.str_],
    words: NDArray[np.str_],
    corpus: str,
    learned: NDArray[np.bool_],
) -> Outcome:
    labels = shared_labels(words)
    usable = (labels != "") & np.isin(sources, CORPORA)
    judged, learned = usable & (sources == corpus), usable & learned
    names = np.array(MOOD)
    there = np.isin(names, labels[judged])
    scores = judge(learned, judged, labels[learned], names)
    answers = names[there][scores[:, there].argmax(axis=1)]
    return Outcome(labels[judged], answers, voices[judged])


def shared_labels(words: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return voxlite's label of each corpus's word, empty where there is none."""
    return np.array([MOOD_WORDS.get(word, "") for word in words])
