"""Gender and mood without their nets: odds, decisions that stay open, and that portions change nothing."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.errors import ModelError
from voxlite.runtime import StepGeometry
from voxlite.tasks import traits as module
from voxlite.tasks.gender import GenderModel
from voxlite.tasks.mood import MoodModel
from voxlite.tasks.trait_stream import TraitStream
from voxlite.tasks.traits import UNSURE, softmax
from voxlite.values import Segment

RATE_HZ = 16_000


class Scorer:
    """Stands for a model: the mean, the spread and the first of a window's samples, as many as there are outputs."""

    rate_hz, window_samples = RATE_HZ, 3 * RATE_HZ

    def __init__(self, labels, figures=(), constants=None, thresholds=None):
        offsets = {f"offset_{label}": 0.0 for label in labels}
        self.size = len(labels) + len(figures)
        metadata = SimpleNamespace(
            labels=labels,
            outputs=(*labels, *figures),
            calibration={"short_slope": 0.5, "long_slope": 2.0, **offsets, **(constants or {})},
            thresholds={"decide": {"value": 0.7}, **(thresholds or {})},
            geometry=StepGeometry(self.window_samples, 0, 0),
        )
        self.model = SimpleNamespace(metadata=metadata, path="x.tflite")

    def vectors(self, sounds):
        rows = [
            [sound.mean() * 50, sound.std() * 20, sound[0], 0.3, -0.1, 0.7][: self.size] for sound in sounds
        ]
        return np.array(rows, np.float32).reshape(-1, self.size)


def made(kind, scorer):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TraitScorer", lambda task, model, threads: scorer)
        return kind("any")


GENDERS = ("female", "male", "child")
MOODS = ("angry", "fearful", "happy", "neutral", "sad")


def test_odds_grow_with_the_speech_that_they_rest_on() -> None:
    model = made(GenderModel, Scorer(GENDERS))
    vector = np.array([[1.0, 0.0, -1.0]] * 4, np.float32)
    found = model.probabilities(vector, [0.3, 1.0, 3.0, 60.0])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[0], softmax(0.5 * vector[0]), atol=1e-6)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])
    np.testing.assert_allclose(found[2], softmax(2.0 * vector[0]), atol=1e-6)


def test_offsets_move_a_label() -> None:
    plain = made(GenderModel, Scorer(GENDERS))
    moved = made(GenderModel, Scorer(GENDERS, constants={"offset_male": 1.0}))
    vector = np.zeros((1, 3), np.float32)
    assert moved.probabilities(vector, [3])[0, 1] > plain.probabilities(vector, [3])[0, 1]


@pytest.mark.parametrize(
    ("vector", "seconds", "label", "word"),
    [
        ([2, 0, -2], 3.0, "female", ""),
        ([0, 2, -2], 3.0, "male", ""),
        ([0.1, 0, -2], 3.0, UNSURE, "female or male"),
        ([2, 0, 3], 3.0, UNSURE, "child"),
        ([3, 0, -2], 0.6, UNSURE, "only 0.6 s"),
    ],
)
def test_gender_is_left_open_where_it_must_be(vector, seconds, label, word) -> None:
    model = made(GenderModel, Scorer(GENDERS, thresholds={"child": {"value": 0.6}}))
    decision = model.decide(np.array(vector, np.float32), seconds, ("hum",))
    assert decision.label == label
    assert word in "; ".join(decision.reasons)
    assert decision.reasons[-1] == "hum"
    assert decision.evidence_s == seconds
    assert 0.5 <= decision.score <= 1


def test_a_childs_share_does_not_count_against_an_adult() -> None:
    model = made(GenderModel, Scorer(GENDERS, thresholds={"child": {"value": 0.6}}))
    decision = model.decide(np.array([1.5, -1, 1.5], np.float32), 3.0)
    assert decision.label == "female"
    assert decision.score == pytest.approx(1 / (1 + np.exp(-5.0)), abs=1e-4)


def test_mood_names_the_two_likeliest_where_neither_is_likely_enough() -> None:
    model = made(MoodModel, Scorer(MOODS, ("arousal",)))
    sure = model.decide(np.array([3, 0, 0, 0, 0, 1], np.float32), 3.0)
    assert (sure.label, sure.reasons) == ("angry", ())
    torn = model.decide(np.array([1, 0, 1.1, 0, 0, 1], np.float32), 3.0)
    assert (torn.label, torn.reasons) == (UNSURE, ("happy or angry",))


def test_figures_are_odds_of_their_own() -> None:
    constants = {"arousal_slope": 2.0, "arousal_offset": -1.0}
    model = made(MoodModel, Scorer(MOODS, ("arousal",), constants))
    told = model.figures(np.array([0, 0, 0, 0, 0, 0.5], np.float32))
    assert told == {"arousal": pytest.approx(0.5)}
    assert model.figures(np.array([0, 0, 0, 0, 0, 1e6], np.float32))["arousal"] <= 1


def test_a_model_without_calibration_is_refused() -> None:
    scorer = Scorer(GENDERS)
    del scorer.model.metadata.calibration["offset_child"]
    with pytest.raises(ModelError, match=r"x\.tflite: not calibrated \('offset_child' is missing\)"):
        made(GenderModel, scorer)


def _recording():
    rng = np.random.default_rng(3)
    sound = rng.standard_normal(12 * RATE_HZ).astype(np.float32) * 0.1
    sound[5 * RATE_HZ :] += 0.2
    segments = [
        Segment(0.0, 4.5, "voice", 0.9),
        Segment(4.5, 5.0, "silence", 1.0),
        Segment(5.0, 5.6, "voice", 0.9),
        Segment(5.6, 6.0, "noise", 1.0),
        Segment(6.0, 12.0, "voice", 0.9),
    ]
    return sound, segments


def _told(sound, segments, borders):
    stream = TraitStream(made(GenderModel, Scorer(GENDERS)), RATE_HZ)
    for start, stop in zip([0, *borders], [*borders, len(sound)], strict=True):
        now_s = stop / RATE_HZ
        final = [s for s in segments if s.end_s <= now_s and stop < len(sound)]
        segments = [s for s in segments if s not in final]
        first_s = next((s.start_s for s in segments if s.label == "voice"), now_s)
        sure_s = next((s.end_s for s in segments if s.label == "voice"), now_s)
        stream.push(sound[start:stop], final, (min(first_s, now_s), min(sure_s, now_s)))
    return stream.flush(segments)


def test_segments_and_the_whole_are_judged() -> None:
    found = _told(*_recording(), [])
    assert [(part.start_s, part.end_s) for part in found.segments] == [(0, 4.5), (5, 5.6), (6, 12)]
    assert found.segments[1].label == UNSURE  # 0.6 s of speech
    assert found.decision.evidence_s == pytest.approx(11.1)
    assert sum(found.scores.values()) == pytest.approx(1, abs=1e-5)
    data = found.to_dict()
    assert set(data) == {"decision", "scores", "segments"}


def test_a_recording_without_voice_is_unsure() -> None:
    stream = TraitStream(made(MoodModel, Scorer(MOODS, ("arousal",))), RATE_HZ)
    stream.push(np.zeros(RATE_HZ, np.float32), [Segment(0, 1, "silence", 1.0)], (1.0, 1.0))
    found = stream.flush([])
    assert (found.decision.label, found.scores, found.figures, found.segments) == (UNSURE, {}, {}, ())
    stream.reset()
    assert stream.flush([]).decision.label == UNSURE


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 12 * RATE_HZ - 1), max_size=5, unique=True))
def test_portions_change_nothing(cuts) -> None:
    assert _told(*_recording(), sorted(cuts)) == _told(*_recording(), [])
