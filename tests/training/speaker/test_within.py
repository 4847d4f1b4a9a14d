"""Normalisation within voices: what it does to made-up voices, by the book, and that folded weights do the same."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from voxlite.frontend.config import FrontEndConfig
from voxlite.training.corpus import Clip, CorpusError
from voxlite.training.speaker.net import SpeakerPlan, speaker_net
from voxlite.training.speaker.within import PER_VOICE, before_norm, fold, well_known, within_voices
from voxlite.training.utterances import Utterance

DIM = 6


def talk(rng: np.random.Generator, n_voices: int = 40, each: int = 8):
    """Voices that differ in all directions alike, recordings that differ mostly in the first."""
    voices = rng.standard_normal((n_voices, DIM))
    spread = np.array([3.0, 1, 1, 0.5, 0.5, 0.5])
    rows = np.repeat(voices, each, axis=0) + spread * rng.standard_normal((n_voices * each, DIM)) + 5.0
    return rows, np.repeat([f"v{k}" for k in range(n_voices)], each)


def covariance_within(rows, voices):
    apart = np.concatenate(
        [rows[voices == one] - rows[voices == one].mean(axis=0) for one in np.unique(voices)]
    )
    return apart.T @ apart / (len(rows) - len(np.unique(voices)))


def test_without_shrinkage_what_differs_within_a_voice_is_the_same_in_all_directions():
    rows, voices = talk(np.random.default_rng(0))
    made = within_voices(rows, voices, 0.0)(rows)
    covariance = covariance_within(made, voices)
    np.testing.assert_allclose(covariance, np.eye(DIM) * covariance[0, 0], atol=1e-9)
    np.testing.assert_allclose(made.mean(axis=0), 0, atol=1e-9)


def test_with_all_of_it_directions_stay_as_they_are():
    rows, voices = talk(np.random.default_rng(1))
    made = within_voices(rows, voices, 1.0)(rows)
    np.testing.assert_allclose(made @ made.T, (rows - rows.mean(0)) @ (rows - rows.mean(0)).T, atol=1e-9)


def test_voices_are_told_apart_better():
    """Cosines of one voice lie further above those of two, on voices that it was not fitted on."""
    change = within_voices(*talk(np.random.default_rng(2)))
    rows, voices = talk(np.random.default_rng(3))

    def gap(made):
        made = made / np.linalg.norm(made, axis=1, keepdims=True)
        cosines, same = made @ made.T, voices[:, None] == voices[None]
        np.fill_diagonal(same, False)
        other = voices[:, None] != voices[None]
        return (cosines[same].mean() - cosines[other].mean()) / cosines[other].std()

    assert gap(change(rows)) > 1.2 * gap(rows - rows.mean(axis=0))


def test_voices_heard_once_cannot_be_measured():
    with pytest.raises(CorpusError, match="no voice has two recordings"):
        within_voices(np.eye(3), np.array(["a", "b", "c"]))


def test_folded_weights_do_what_the_map_does():
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    config = FrontEndConfig(mel_bands=16, coefficients=13)
    body, back = speaker_net(config, SpeakerPlan(4, (4, 8), 12, 3, 6))
    scaling = back.layers[-2]
    scaling.set_weights([rng.uniform(0.5, 2, w.shape) for w in scaling.get_weights()])
    steps = body(rng.standard_normal((30, 40, 16)).astype(np.float32))
    before = np.asarray(before_norm(back)(steps), np.float64)
    n_parameters = back.count_params()
    change = within_voices(before, np.repeat([f"v{k}" for k in range(5)], 6))
    fold(back, change)
    np.testing.assert_allclose(before_norm(back)(steps), change(before), rtol=1e-3, atol=1e-3)
    norms = np.linalg.norm(np.asarray(back(steps)), axis=1)
    np.testing.assert_allclose(norms, 1, atol=1e-5)
    assert back.count_params() == n_parameters


def test_the_longest_utterances_of_voices_heard_twice_are_looked_at():
    def said(voice: str, seconds: float) -> Utterance:
        clip = Clip.__new__(Clip)
        object.__setattr__(clip, "duration_s", seconds)
        return Utterance(f"{voice}-{seconds}", voice, "talk", (clip,))

    items = [said("b", 1.0), said("a", 2.0), said("", 9.0), *(said("b", 2.0 + k) for k in range(5))]
    chosen = well_known(items)
    assert [item.name for item in chosen] == ["b-6.0", "b-5.0", "b-4.0", "b-3.0"]
    assert len(chosen) == PER_VOICE
    assert well_known(items[1:3]) == []
