"""docs/archives.md: its questions are answered by the tables that a scan writes; its columns are the schemas'."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxlite.archive import VERSIONS, scan, schemas

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "archives.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
DAY_S = 86_400


@pytest.fixture
def answers(calls, tmp_path, here, tiny_speaker, monkeypatch):
    """Scan an archive in which every question has an answer; return the answers as lists of dicts."""
    pytest.importorskip("scipy")
    duckdb = pytest.importorskip("duckdb")
    soundfile.write(calls / "nothing.wav", np.zeros(16_000), 16_000)
    (calls / "empty.wav").touch()
    (calls / "void.wav").touch()
    for k, path in enumerate(sorted(calls.rglob("*.*"))):
        os.utime(path, (DAY_S * (k % 2), DAY_S * (k % 2)))
    models = {"speaker": str(tiny_speaker)}
    monkeypatch.chdir(tmp_path)
    scan(calls, "tables", tasks=("voice", "quality", "speaker"), models=models)
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    return [rows_of(connection.execute(question)) for question in QUESTIONS]


def rows_of(result):
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_the_five_questions_have_their_answers(answers, calls, tmp_path, rows, segments):
    worst, days, silent, who, failed = answers
    found = rows(tmp_path / "tables")
    good = [row for row in found.values() if row["error"] is None]

    counts = [len(row["remarks"]) for row in worst]
    assert counts == sorted(counts, reverse=True)
    assert {row["path"] for row in worst} == {row["path"] for row in good if row["remarks"]}

    assert [row["day"] for row in days] == ["1970-01-01", "1970-01-02"]
    assert sum(row["recordings"] for row in days) == len(good)
    voice_s = sum(row["hours_of_speech"] * 3_600 for row in days)
    assert voice_s == pytest.approx(sum(row["voice_s"] for row in good))
    for row in days:
        own = [one for one in good if one["modified_at"].strftime("%Y-%m-%d") == row["day"]]
        assert row["hours"] * 3_600 == pytest.approx(sum(one["duration_s"] for one in own))

    assert silent[0] == {
        "path": str(calls / "nothing.wav"), "duration_s": 1.0, "silence_share": 1.0, "digital_silence": True,
    }  # fmt: skip
    assert str(calls / "deep" / "er" / "tone.wav") in {row["path"] for row in silent}
    assert str(calls / "voice-en-radio.flac") not in {row["path"] for row in silent}

    summed: dict[tuple[str, str], float] = {}
    for part in segments(tmp_path / "tables"):
        if part["speaker"]:
            key = part["path"], part["speaker"]
            summed[key] = summed.get(key, 0.0) + part["end_s"] - part["start_s"]
    assert {(row["path"], row["speaker"]): row["speech_s"] for row in who} == pytest.approx(summed)
    assert summed

    assert [(row["error_kind"], row["files"], row["for_example"]) for row in failed] == [
        ("damaged", 2, str(calls / "empty.wav"))
    ]
    assert failed[0]["error"].startswith("the file is empty")


def test_the_page_lists_the_columns_of_the_schemas():
    """Every column by name in the first cell of a row; of the decisions, gender's and mood's go without saying."""
    assert len(QUESTIONS) == 5
    cells = {
        table: PAGE.split(f"`{table}/*.parquet`:")[1].split("\n## " if table == "segments" else "`segments/")[
            0
        ]
        for table in VERSIONS
    }
    for table, schema in schemas().items():
        named = [
            name
            for line in cells[table].splitlines()
            if line.startswith("| `")
            for name in re.findall(r"`(\w+)`", line.split("|")[1])
        ]
        spoken_for = [
            name for name in schema.names if not re.fullmatch(r"(gender|mood)_(?!scores|arousal)\w+", name)
        ]
        assert named == spoken_for
        assert VERSIONS[table] in PAGE
