"""Gender and mood in a report: plain data, text, CSV, picture."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from voxlite.report.jsonio import report_json
from voxlite.report.tables import report_csv
from voxlite.report.text import report_text
from voxlite.report.trait_text import labels_of, trait_words
from voxlite.values import Decision, Trait, TraitSegment, Turn

GENDER = Trait(
    "gender",
    Decision("female", 0.97, 0.6, 2.0),
    {"female": 0.9, "male": 0.03, "child": 0.07},
    {},
    (TraitSegment(1.0, 2.0, "female", 0.98), TraitSegment(3.0, 4.0, "unsure", 0.55)),
)
MOOD = Trait(
    "mood",
    Decision("unsure", 0.31, 0.4, 2.0, ("sad or neutral",)),
    {"angry": 0.1, "sad": 0.31, "neutral": 0.3, "happy": 0.2, "fearful": 0.09},
    {"arousal": 0.25},
    (TraitSegment(1.0, 2.0, "sad", 0.5), TraitSegment(3.0, 4.0, "unsure", 0.3)),
)
MODELS = (
    {"task": "gender", "name": "compact", "version": "1", "licence": "CC-BY-SA-4.0"},
    {"task": "mood", "name": "mood-research", "version": "1", "licence": "LicenseRef-research-only"},
)


@pytest.fixture
def report(make_report):
    """Voice from 1 to 2 and from 3 to 4 s."""
    return replace(make_report(), traits=(GENDER, MOOD), models=MODELS)


def test_plain_data(report, make_report):
    data = json.loads(report_json(report))
    assert data["schema"] == "voxlite.report/1"
    assert data["gender"]["decision"]["label"] == "female"
    assert data["gender"]["segments"][1] == {"start_s": 3.0, "end_s": 4.0, "label": "unsure", "score": 0.55}
    assert data["mood"]["arousal"] == 0.25
    assert data["mood"]["scores"]["sad"] == 0.31
    assert not {"gender", "mood"} & set(make_report().to_dict())


def test_text_names_decisions_doubts_and_research_licences(report, make_report):
    text = report_text(report)
    assert "Gender: female  (female 0.90, child 0.07, male 0.03, from 2.0 s of speech)" in text
    assert "arousal 0.25" in text
    assert "- sad or neutral" in text
    assert "- model mood-research: licence LicenseRef-research-only" in text
    assert "model compact" not in text
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["1"])
    assert row[-2:] == ["female", "sad"]
    assert "Gender" not in report_text(make_report())


def test_csv_has_a_column_for_each(report):
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    assert [row["gender"] for row in rows] == ["", "female", "", "unsure"][: len(rows)]
    assert [row["mood"] for row in rows if row["label"] == "voice"] == ["sad", "unsure"]
    turns = (Turn(1.0, 1.4, "Ann", 0.8), Turn(1.4, 2.0, "speaker 1", 0.75), Turn(3.0, 4.0, "Ann", 0.9))
    rows = list(csv.DictReader(io.StringIO(report_csv(replace(report, speakers=turns)))))
    voiced = [(row["speaker"], row["gender"]) for row in rows if row["label"] == "voice"]
    assert voiced == [("Ann", "female"), ("speaker 1", "female"), ("Ann", "unsure")]


def test_a_moment_outside_every_voice_has_no_labels(report):
    assert labels_of(report, 2.5) == ["", ""]
    assert trait_words(GENDER) == "gender: female (0.97)"


def test_picture_has_a_row_for_each(report, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    from voxlite.report.overview import overview_of
    from voxlite.report.picture import draw_report

    samples = np.random.default_rng(0).normal(0, 0.1, int(16_000 * report.duration_s)).astype(np.float32)
    overview = overview_of([samples], report.duration_s)
    without = draw_report(replace(report, traits=()), overview, tmp_path / "a.svg").read_text()
    text = draw_report(report, overview, tmp_path / "b.svg").read_text()
    for word in ("gender", "mood", "female", "sad", "unsure"):  # matplotlib names each text in a comment
        assert f"<!-- {word} -->" in text
        assert f"<!-- {word} -->" not in without
