"""What a file's calibration does on test speakers: figures of made-up embeddings, the command, its files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from voxlite.cli import evaluate as evaluate_group
from voxlite.cli import evaluate_speaker as command
from voxlite.training.metrics import both_alike, calibration
from voxlite.training.speaker.evaluate import Sides, SpeakerEvaluation
from voxlite.training.speaker.protocol import SpeakerProtocol, Trials
from voxlite.training.speaker.references import by_references
from voxlite.training.speaker.scores import OpenSet, open_set, points, score_figures
from voxlite.training.speaker.tables import speaker_tables
from voxlite.training.speaker.verification import pairs
from voxlite.voiceprints.scoring import PairScorer

DIM = 32
CONSTANTS = {
    **{f"{band}_{what}_per_octave": 0.0 for band in ("wide", "narrow") for what in ("slope", "offset")},
    "wide_slope": 20.0, "wide_offset": -10.0, "narrow_slope": 10.0, "narrow_offset": -5.0, "cohort_top": 0.0,
    "llr_at_far_0.1": -2.0, "llr_at_far_0.01": 1.0, "llr_at_far_0.001": 3.0,
}  # fmt: skip


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


class Model:
    path = Path("speaker-x.tflite")
    size_bytes = 1000

    def __init__(self, constants=CONSTANTS):
        point = {"value": 1.0, "far": 0.01, "frr": 0.02, "data": "made up"}
        thresholds = {"verify": point} if constants else {}
        self.metadata = SimpleNamespace(calibration=constants, thresholds=thresholds)

    def cohort(self):
        return unit(np.random.default_rng(1).standard_normal((20, DIM)))


def evaluation(n_voices=30, n_each=8, spread=0.1):
    rng = np.random.default_rng(7)
    centres = unit(rng.standard_normal((n_voices, DIM)))
    owner = np.repeat(np.arange(n_voices), n_each)
    rows = unit(centres[owner] + spread * rng.standard_normal((len(owner), DIM)))
    clips = tuple(
        SimpleNamespace(source="s", speaker=f"{k:03d}", gender="fm"[k % 2], name=f"{i}.wav")
        for i, k in enumerate(owner)
    )
    first, second, same = pairs([f"s/{clip.speaker}" for clip in clips], [clip.source for clip in clips])
    trials = Trials(clips, first, second, same)
    seconds = np.full(len(owner), 3.0, np.float32)
    sides = {name: Sides(rows, rows, seconds, seconds) for name in ("clean", "telephone")}
    found = {name: trials.scores(rows, rows) for name in sides}
    return SpeakerEvaluation(SpeakerProtocol(), trials, found, sides)


def test_scores_are_judged_at_the_file_s_own_point_and_at_others() -> None:
    found = score_figures(evaluation(), Model(), (0.001,))
    assert set(found["as_norm"]) == set(found["calibration"]) == {"clean", "telephone"}
    own, rarer = found["calibration"]["clean"]["points"]
    assert (own["llr"], own["stated_far"], own["stated_frr"]) == (1.0, 0.01, 0.02)
    assert (rarer["llr"], rarer["stated_frr"]) == (3.0, None)
    assert rarer["far"] <= own["far"]
    assert rarer["frr"] >= own["frr"]
    assert found["as_norm"]["clean"]["eer"] < 0.01  # voices this far apart are told apart
    assert 0 <= found["calibration"]["clean"]["ece"] <= 1
    narrow, wide = (found["calibration"][name]["ece"] for name in ("telephone", "clean"))
    assert narrow != wide  # the telephone's pairs take the narrow constants


def test_a_file_without_an_operating_point_is_judged_at_the_rates_asked_for() -> None:
    model = Model()
    model.metadata.thresholds = {}
    assert [point["stated_far"] for point in points(model, PairScorer(model), (0.1, 0.01))] == [0.1, 0.01]


def test_open_set_of_voices_that_differ_and_of_voices_that_do_not() -> None:
    model = Model()
    found = open_set(evaluation(), model, PairScorer(model))
    assert (found["n_enrolled"], found["n_impostors"]) == (6, 24)
    own, rarer = found["points"]
    assert own["strangers_named"] < 0.02
    assert own["enrolled_missed"] < 0.02
    assert own["enrolled_misnamed"] == 0
    assert rarer["llr"] > own["llr"] > 1.0  # six people are six chances to be mistaken
    blurred = open_set(evaluation(spread=1.0), model, PairScorer(model))["points"][0]
    assert blurred["enrolled_missed"] > 0.3


def test_more_references_tell_blurred_voices_apart_better() -> None:
    scorer = PairScorer(Model())
    rows = by_references(evaluation(n_each=6, spread=1.0), scorer, 1.0)
    assert [row["n_references"] for row in rows] == [1, 2, 4]
    assert rows[0]["eer"] > rows[1]["eer"] > rows[2]["eer"]
    assert all(0 <= row["far"] <= 1 and np.isfinite(row["llr_at_far_0.01"]) for row in rows)
    assert by_references(evaluation(n_each=4), scorer, 1.0) == []  # four enroll, nobody is left to ask
    assert by_references(evaluation(n_voices=1, n_each=6), scorer, 1.0) == []  # and no stranger


def test_open_set_with_too_few_voices_or_clips() -> None:
    model, few = Model(), evaluation(n_voices=4)
    assert open_set(few, model, PairScorer(model)) == {}
    one_clip = open_set(evaluation(n_each=1), model, PairScorer(model), plan=OpenSet(n_draws=1))["points"][0]
    assert one_clip["enrolled_missed"] is one_clip["enrolled_misnamed"] is None  # nobody is left to ask
    half = open_set(evaluation(n_each=2, spread=1.0), model, PairScorer(model))["points"][0]
    assert half["enrolled_missed"] > 0.3  # one clip enrolls, the other asks


def test_tables_of_everything_and_of_cosines_alone() -> None:
    made = evaluation()
    plain = speaker_tables(made.to_dict())
    assert [table.title.split(",")[0] for table in plain] == ["Speakers", "Clean"]
    full = speaker_tables({**made.to_dict(), "scores": score_figures(made, Model())})
    assert len(full) == 5
    assert [row[0] for row in full[-2].rows] == [1, 2, 4]
    assert "6 enrolled, 24 strangers" in full[-1].title
    few = evaluation(n_voices=4)
    assert len(speaker_tables({**few.to_dict(), "scores": score_figures(few, Model())})) == 4


def test_weights_make_both_classes_count_alike() -> None:
    truth = np.array([True] + [False] * 9)
    values = np.full(10, 0.5)
    assert calibration(values, truth)[0] == pytest.approx(0.4)
    error, (point,) = calibration(values, truth, weights=both_alike(truth))
    assert error == pytest.approx(0)
    assert point["n"] == pytest.approx(10)


class FakeListener:
    """Embeds the spectrum; calibrated or not."""

    rate_hz, size_bytes = 16_000, 1000

    def __init__(self, model):
        self.is_calibrated = model != "raw"
        self.model = Model()
        self.about = {"voxlite": "0", "model": {"name": model}}

    def __call__(self, samples):
        return unit(np.log(np.abs(np.fft.rfft(samples, 4096))[20 : 20 + DIM] + 1e-3))

    def speech(self, samples):
        return samples


@pytest.fixture
def evaluate(talkers, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "Listener", FakeListener)
    app = typer.Typer()
    evaluate_group.register(app)

    def run(*words):
        base = ["evaluate", "speaker", "--manifest", str(talkers), "--cache", str(tmp_path / "cache")]
        return CliRunner().invoke(app, [*base, *map(str, words)], env={"COLUMNS": "140"})

    return run


def test_the_command_writes_what_it_shows(evaluate, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    result = evaluate("--out", out)
    assert result.exit_code == 0, result.output
    for words in ("EER, AS-norm", "telephone", "FAR stated", "Open set", "det.png"):
        assert words in result.output
    data = json.loads((out / "evaluation.json").read_text())
    assert data["n_speakers"] == 6
    assert data["scores"]["open_set"]["n_enrolled"] == 1
    lines = gzip.decompress((out / "trials.txt.gz").read_bytes()).decode().splitlines()
    with np.load(out / "scores.npz", allow_pickle=False) as scores:
        assert {len(scores[name]) for name in scores.files} == {len(lines)} == {18 * 17 // 2}
    assert (out / "det.png").stat().st_size > 1000


def test_a_model_that_is_not_calibrated_is_judged_by_cosines(evaluate, tmp_path) -> None:
    result = evaluate("--model", "raw", "--quick", "--out", tmp_path / "out", "--no-pictures")
    assert result.exit_code == 0, result.output
    assert "FAR stated" not in result.output
    data = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert list(data["conditions"]) == ["clean"]
    assert "scores" not in data
    assert not (tmp_path / "out" / "det.png").exists()


def test_validation_takes_all_of_the_sources_that_are_left_out(evaluate) -> None:
    result = evaluate("--split", "val", "--quick")
    assert result.exit_code == 0, result.output
    assert "val split: 6 speakers, 18 clips" in result.output  # two of them stand in the train split
    alone = evaluate("--split", "val", "--quick", "--sources", "emodb")
    assert "val split: 2 speakers, 6 clips" in alone.output


@pytest.mark.parametrize("far", ["0", "1", "-0.5"])
def test_rates_out_of_range_are_refused(evaluate, far) -> None:
    result = evaluate("--far", far)
    assert result.exit_code != 0
    assert "one stranger in a thousand" in str(result.exception)
