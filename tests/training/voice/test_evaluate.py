import csv
import json

import numpy as np
import pytest

from voxlite.errors import MissingExtraError
from voxlite.training import pictures as evaluate_pictures
from voxlite.training.corpus import CorpusError
from voxlite.training.protocol import Protocol, choose, n_scores
from voxlite.training.voice.evaluate import Evaluation, called_voice, evaluate_voice, measure
from voxlite.training.voice.tables import evaluation_tables, write_evaluation

RATE_HZ = 16_000
QUICK = Protocol(snrs_db=(5.0,), lengths_s=(0.2,), never_voice_s=0.0)


def periodic(samples):
    """A detector that knows the made-up voices: how alike are neighbouring periods of 5 to 12 ms."""
    if not samples.any():
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(spectrum)
    return float(np.clip(correlation[80:192].max() / correlation[0], 0, 1))


@pytest.fixture(scope="module")
def chosen(clips):
    return choose(clips, QUICK)


@pytest.fixture(scope="module")
def evaluation(chosen, store):
    return evaluate_voice(periodic, chosen, store, threshold=0.4, protocol=QUICK)


def test_choose_sets_crying_and_babble_apart(chosen):
    assert {clip.kind for clip in chosen.main} == {"speech", "nonhuman", "music", "silence"}
    assert {clip.split for clip in chosen.main} == {"test"}
    # the cradle is in another split, and nothing is decided by it
    assert [(clip.kind, clip.split) for clip in chosen.apart] == [("baby_cry", "train"), ("babble", "test")]
    assert chosen.all == chosen.main + chosen.apart


def test_choose_can_take_fewer(clips):
    few = choose(clips, Protocol(per_group=1)).main
    keys = [(clip.source, clip.kind) for clip in few]
    assert len(keys) == len(set(keys)) < len(choose(clips, Protocol()).main)


def test_a_split_with_one_class_is_refused(clips):
    with pytest.raises(CorpusError, match="split 'test' needs clips"):
        choose([clip for clip in clips if clip.kind == "speech"], Protocol())


def test_every_condition_is_scored_and_counted(chosen, store):
    ticks, lengths = [], set()

    def score(samples):
        assert samples.dtype == np.float32
        assert samples.flags.c_contiguous
        lengths.add(len(samples))
        return 0.5

    protocol = Protocol(never_voice_s=0.3)
    result = evaluate_voice(score, chosen, store, protocol=protocol, tick=lambda: ticks.append(1))
    assert list(result.conditions) == [
        "clean", "20 dB", "10 dB", "5 dB", "0 dB", "telephone", "0.2 s", "0.5 s", "2 s", "3 s", "whole clip",
    ]  # fmt: skip
    assert all(values.shape == (len(chosen.main),) for values in result.conditions.values())
    assert len(ticks) == n_scores(chosen, RATE_HZ, protocol)
    wanted = {int(seconds * RATE_HZ) for seconds in (0.2, 0.5, 1, 2, 3)}
    assert wanted | {store.length(clip) for clip in chosen.main} <= lengths


def test_a_good_detector_gets_good_figures(evaluation):
    data = evaluation.to_dict()
    assert (data["n_speech"], data["n_other"]) == (5, 6)
    clean = data["conditions"]["clean"]
    assert clean["roc_auc"] > 0.8
    assert clean["recall"] == 1
    assert clean["false_alarm_rate"] == pytest.approx(1 / 6)  # the song has a pitch as well
    assert clean["accuracy"] == pytest.approx(10 / 11)
    assert clean["ece"] is not None


def test_noise_changes_the_voices_alone(evaluation):
    clean, noisy, truth = evaluation.conditions["clean"], evaluation.conditions["5 dB"], evaluation.truth
    assert (clean[~truth] == noisy[~truth]).all()
    assert (clean[truth] != noisy[truth]).all()


def test_sources_are_told_apart(evaluation):
    rows = {(row["kind"], row["source"]): row for row in evaluation.to_dict()["by_source"]["clean"]}
    assert rows["speech", "talk-0"]["n"] + rows["speech", "talk-1"]["n"] == 5
    assert rows["speech", "talk-0"]["called_voice"] == 1
    assert rows["nonhuman", "bangs-test"]["called_voice"] == 0
    assert [row["kind"] for row in evaluation.to_dict()["apart"]] == ["babble", "baby_cry"]


def test_measure_by_hand():
    values = np.array([0.9, 0.6, 0.4, 0.7, 0.2, 0.1])
    truth = np.array([True, True, True, False, False, False])
    figures = measure(values, truth, threshold=0.5, bins=10)
    assert figures["recall"] == pytest.approx(2 / 3)
    assert figures["false_alarm_rate"] == pytest.approx(1 / 3)
    assert figures["accuracy"] == pytest.approx(4 / 6)
    assert figures["far_at_99_recall"] == pytest.approx(1 / 3)
    assert figures["roc_auc"] == pytest.approx(7 / 9)


def test_scores_that_are_no_probabilities_have_no_calibration():
    figures = measure(np.array([12.0, -3.0]), np.array([True, False]), threshold=0.0)
    assert figures["roc_auc"] == 1
    assert figures["ece"] is None
    assert figures["reliability"] is None


def test_called_voice_of_nothing_is_nothing():
    assert called_voice([], np.zeros(0), 0.5) == []


def test_files_hold_everything(evaluation, tmp_path):
    report, scores = write_evaluation(evaluation, tmp_path / "out", {"model": "fake"})
    data = json.loads(report.read_text())
    assert data["schema"] == "voxlite.evaluation/1"
    assert data["about"] == {"model": "fake"}
    assert data["protocol"]["snrs_db"] == [5.0]
    assert data["threshold"] == 0.4
    with scores.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(evaluation.clips) + len(evaluation.apart)
    assert float(rows[0]["clean"]) == pytest.approx(evaluation.conditions["clean"][0], abs=1e-5)
    assert rows[-1]["telephone"] == ""


def test_tables_name_conditions_and_sources(evaluation):
    tables = evaluation_tables(evaluation)
    assert [row[0] for row in tables[0].rows] == list(evaluation.conditions)
    assert [row[0] for row in tables[1].rows] == list(evaluation.conditions)
    assert tables[2].columns == ("source", "kind", "clips", "clean", "5 dB", "telephone")
    assert {row[0] for row in tables[2].rows} == {"talk-0", "talk-1"}
    assert tables[3].columns == ("source", "kind", "clips", "clean", "telephone")
    assert "neither right nor wrong" in tables[4].title
    assert len(tables) == 5


def test_tables_count_what_never_was_a_voice(chosen, store):
    protocol = Protocol(snrs_db=(), telephone=False, lengths_s=(), whole=False, never_voice_s=0.2)
    tables = evaluation_tables(evaluate_voice(lambda samples: 1.0, chosen, store, protocol=protocol))
    assert ": 262 called voice, 0 with" in tables[-1].title


def test_pictures_are_drawn(evaluation, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("scipy")
    paths = evaluate_pictures.draw_evaluation(evaluation, tmp_path / "out")
    assert [path.name for path in paths] == ["roc.png", "det.png", "reliability.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_reliability_of_scores_that_are_no_probabilities(evaluation, tmp_path):
    pytest.importorskip("matplotlib")
    raw = {"clean": evaluation.conditions["clean"] * 20 - 10}
    odd = Evaluation(QUICK, 0.0, evaluation.clips, raw, (), np.zeros(0))
    evaluate_pictures.draw_reliability(odd, tmp_path / "r.png")
    assert (tmp_path / "r.png").stat().st_size > 1000


def test_probit_is_the_normal_quantile():
    pytest.importorskip("scipy")
    values = evaluate_pictures.probit(np.array([0.5, 0.158655, 0.841345, 0.0, 1.0]))
    assert values[:3] == pytest.approx([0, -1, 1], abs=1e-4)
    assert np.isfinite(values).all()
    assert values[3] == pytest.approx(-values[4])


def test_history_picture(tmp_path):
    pytest.importorskip("matplotlib")
    epoch = {"loss": 0.5, "auc_clean": 0.9, "far99_clean": 0.3, "auc_phone": 0.8}
    epochs = [{**epoch, "step": 500}, {**epoch, "step": 1000}]
    for name, some in (("two", epochs), ("none", [])):
        evaluate_pictures.draw_history({"epochs": some}, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 1000


@pytest.mark.parametrize("missing", ["matplotlib.figure", "scipy.special"])
def test_pictures_name_the_extra_they_need(evaluation, tmp_path, monkeypatch, missing):
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[train\]"):
        evaluate_pictures.draw_det(evaluation, tmp_path / "det.png")


def test_the_client_itself_as_a_detector():
    from voxlite.cli.evaluate import Detector
    from voxlite.runtime.catalog import shipped_models

    if not shipped_models():
        pytest.skip("no model is shipped yet")
    detector = Detector("compact")
    assert detector.rate_hz == RATE_HZ
    assert 0 < detector.threshold < 1
    assert detector(np.zeros(RATE_HZ, np.float32)) < detector.threshold
    assert not detector.hears(np.zeros(2 * RATE_HZ, np.float32))
    assert detector.about["model"]["name"] == "compact"
