"""Calibration of a speaker model: pairs under conditions, known constants found again, what is promised and held."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")

from voxlite.training.corpus import read_manifest
from voxlite.training.metrics import both_alike, calibration
from voxlite.training.speaker.calibration import RATES, TOPS, calibrate_speaker
from voxlite.training.speaker.trials import (
    CONDITIONS,
    Condition,
    Pairs,
    cohort_utterances,
    validation_pairs,
)
from voxlite.training.speaker.verification import pairs
from voxlite.training.store import build_store
from voxlite.training.utterances import Utterance, first_of_each, utterances
from voxlite.voiceprints.scoring import LONGEST_S, SHORTEST_S, octaves, probability

DIM = 24


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def made_pairs(rng, condition, spread, sets=("a", "b"), seconds=3.0):
    """Pairs of made-up voices: a voice's embeddings lie around its own direction."""
    n_voices, n_each = 16, 5
    centres = rng.standard_normal((len(sets) * n_voices, DIM))
    voice = np.repeat(np.arange(len(centres)), n_each)
    names = np.array(sets)[voice // n_voices]
    first, second = (unit(centres[voice] + spread * rng.standard_normal((len(voice), DIM))) for _ in "ab")
    left, right, same = pairs([str(k) for k in voice], names)
    lengths = np.full(len(voice), seconds, np.float32)
    return Pairs(condition, first, second, lengths, left, right, same, names[left])


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(3)
    return [
        made_pairs(rng, Condition(1.0), 1.1, seconds=1.0),
        made_pairs(rng, Condition(None), 0.7, seconds=4.0),
        made_pairs(rng, Condition(1.0, narrow=True), 1.6, seconds=1.0),
        made_pairs(rng, Condition(None, narrow=True), 1.2, seconds=4.0),
    ]


@pytest.fixture(scope="module")
def strangers():
    return unit(np.random.default_rng(4).standard_normal((60, DIM)))


@pytest.fixture(scope="module")
def result(found, strangers):
    return calibrate_speaker(found, strangers)


def test_every_constant_is_there_and_slopes_stay_positive(result) -> None:
    for band in ("wide", "narrow"):
        for seconds in (SHORTEST_S, LONGEST_S):
            constants = result.constants
            slope = constants[f"{band}_slope"] + octaves(seconds) * constants[f"{band}_slope_per_octave"]
            assert slope > 0
    assert {float(key[11:]) for key in result.constants if key.startswith("llr_at_far_")} == set(RATES)
    values = [result.constants[f"llr_at_far_{rate:g}"] for rate in RATES]
    assert values == sorted(values)


def test_the_operating_point_is_what_it_says(result) -> None:
    assert result.threshold["value"] == result.constants["llr_at_far_0.01"]
    assert result.threshold["far"] == pytest.approx(0.01, abs=0.002)
    assert 0 < result.threshold["frr"] < 1
    assert "validation voices (a, b)" in result.threshold["data"]


def test_the_best_number_of_strangers_is_taken(result, strangers) -> None:
    assert set(result.eers) == {top for top in TOPS if top <= len(strangers)}
    least, top = min(result.eers.values()), int(result.constants["cohort_top"])
    assert result.eers[top] <= 1.01 * least
    assert all(eer > 1.01 * least for fewer, eer in result.eers.items() if fewer < top)


def test_what_is_promised_holds_on_a_set_that_was_left_out(result) -> None:
    assert set(result.left_out) == {"a", "b"}
    for rates in result.left_out.values():
        assert 0.003 < rates["far"] < 0.03


def test_ratios_are_calibrated_on_other_voices(result, strangers) -> None:
    from voxlite.voiceprints.scoring import Cohort

    fresh = made_pairs(np.random.default_rng(99), Condition(None), 0.7, seconds=4.0)
    cohort = Cohort(strangers, int(result.constants["cohort_top"]))
    cosines = (fresh.first[fresh.left] * fresh.second[fresh.right]).sum(axis=1)
    first, second = cohort.statistics(fresh.first), cohort.statistics(fresh.second)
    scores = cohort.normalised(
        cosines,
        (first[0][fresh.left], first[1][fresh.left]),
        (second[0][fresh.right], second[1][fresh.right]),
    )
    constants, octave = result.constants, octaves(4.0)
    slope, offset = (
        constants[f"wide_{what}"] + octave * constants[f"wide_{what}_per_octave"]
        for what in ("slope", "offset")
    )
    error, _ = calibration(probability(slope * scores + offset), fresh.same, weights=both_alike(fresh.same))
    assert error < 0.05


def test_one_set_alone_leaves_nothing_out(strangers) -> None:
    rng = np.random.default_rng(5)
    both = [made_pairs(rng, Condition(None, narrow), 0.8, ("a",)) for narrow in (False, True)]
    assert calibrate_speaker(both, strangers).left_out == {}


class Recorder:
    """Stands for an embedder: remembers the sounds, gives their spectra."""

    def __init__(self):
        self.calls = []

    def vectors(self, sounds):
        self.calls.append(sounds)
        return unit(np.stack([np.log(np.abs(np.fft.rfft(sound, 4096))[:DIM] + 1e-3) for sound in sounds]))


def test_conditions_change_the_second_side_alone(talkers, tmp_path) -> None:
    clips = [clip for clip in read_manifest(talkers) if clip.split == "test"]
    store = build_store(clips, tmp_path)
    chosen, ticks, embedder = utterances(clips, 2.0), [], Recorder()
    made = validation_pairs(embedder, {"held": chosen}, store, lambda: ticks.append(1), most=2)
    assert len(made) == len(ticks) == len(CONDITIONS)
    assert len(embedder.calls) == len(CONDITIONS)  # the clean first sides are embedded once
    for item in made:
        n = len(item.speech_s)
        assert n == 12
        assert item.same.sum() == 6
        assert set(item.sources) == {"held"}
        changed = item.condition.narrow or item.condition.noisy
        assert np.array_equal(item.first, item.second) != changed
        assert (item.shorter_s() <= (item.condition.seconds or 99)).all()
    noisy, clean = embedder.calls[-1], embedder.calls[CONDITIONS.index(Condition())]
    for one, other in zip(noisy, clean, strict=True):
        ratio = 10 * np.log10(np.mean(other**2) / np.mean((one - other) ** 2))
        assert 5 < ratio < 12  # 10 dB below the active level


def spoken(voice, source, name, seconds):
    class Some:
        duration_s = seconds

    return Utterance(name, voice, source, (Some(),))


def test_the_cohort_takes_turns_among_sources_and_the_longest_of_a_voice() -> None:
    items = [spoken(f"big/{k}", "big", f"big{k}", 3.0) for k in range(400)]
    items += [spoken("small/1", "small", "short", 1.0), spoken("small/1", "small", "long", 5.0)]
    items += [spoken("", "unknown", "nobody", 9.0)]
    chosen = cohort_utterances(items[::-1])
    assert [item.source for item in chosen[:3]] == ["big", "small", "big"]
    assert next(item for item in chosen if item.source == "small").name == "long"
    assert len(chosen) == 201  # no source outweighs the others
    assert {item.name for item in cohort_utterances(items)} == {item.name for item in chosen}


def test_the_first_of_each_known_voice() -> None:
    items = [spoken("x/1", "x", "a", 1), spoken("", "x", "b", 1), spoken("x/1", "x", "c", 1)]
    assert [item.name for item in first_of_each(items, 1)] == ["a"]
    assert [item.name for item in first_of_each(items, 2)] == ["a", "c"]
